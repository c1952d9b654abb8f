import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { resvgCharts } from './charts.ts';
import { palettePng } from './palette-png.ts';

const fonts = join(import.meta.dirname, '../../../assets/fonts');
const svg = (inside: string, size = 40) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="20" font-family="DejaVu Sans Condensed"><rect width="${size}" height="20" fill="#ffffff"/>${inside}</svg>`;

/** The pixels of a PNG with a palette, as colours `rrggbb`. */
function pixelsOf(png: Uint8Array): { width: number; height: number; colors: string[] } {
  const bytes = Buffer.from(png);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    chunks.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const [width, height] = [chunks.get('IHDR')!.readUInt32BE(0), chunks.get('IHDR')!.readUInt32BE(4)];
  const palette = chunks.get('PLTE')!;
  const lines = inflateSync(chunks.get('IDAT')!);
  const colors = Array.from({ length: width * height }, (_, index) => {
    const entry = lines[Math.floor(index / width) * (width + 1) + 1 + (index % width)]!;
    return palette.toString('hex', entry * 3, entry * 3 + 3);
  });
  return { width, height, colors };
}

describe('drawing', () => {
  const charts = resvgCharts({ fonts });

  test('gives two pixels for one, and the same bytes every time', async () => {
    const picture = svg('<text x="2" y="15">3,400 − 0.5 ± 1</text>');
    const png = await charts.draw(picture);
    expect(pixelsOf(png)).toMatchObject({ width: 80, height: 40 });
    expect(Buffer.from(await resvgCharts({ fonts }).draw(picture))).toEqual(Buffer.from(png));
  });

  test('knows every character that a chart can hold', async () => {
    const empty = await charts.draw(svg('', 20));
    const signs = [...'0123456789,.−+e:firstbaduncove JMASOND'].filter((sign) => sign !== ' ');
    for (const sign of signs) {
      const drawn = await charts.draw(svg(`<text x="4" y="15">${sign}</text>`, 20));
      expect(Buffer.from(drawn).equals(empty), sign).toBe(false);
    }
  });

  test('refuses what is no SVG', async () => {
    await expect(charts.draw('not a picture')).rejects.toThrow();
  });
});

describe('a PNG with a palette', () => {
  test('keeps every pixel of a picture with few colours', () => {
    const rgba = Uint8Array.of(
      255,
      0,
      0,
      255,
      0,
      255,
      0,
      255,
      0,
      0,
      255,
      255,
      255,
      0,
      0,
      255,
      1,
      2,
      3,
      255,
      9,
      9,
      9,
      255,
    );
    expect(pixelsOf(palettePng({ width: 3, height: 2, rgba }))).toEqual({
      width: 3,
      height: 2,
      colors: ['ff0000', '00ff00', '0000ff', 'ff0000', '010203', '090909'],
    });
  });

  test('takes the nearest of the 256 commonest colours for all others', () => {
    // 256 greys twice each, then one colour that is rarer and nearest to the grey 0x40.
    const greys = Array.from({ length: 512 }, (_, index) => [
      index % 256,
      index % 256,
      index % 256,
      255,
    ]).flat();
    const rgba = Uint8Array.from([...greys, 0x41, 0x40, 0x40, 255]);
    const { colors } = pixelsOf(palettePng({ width: 513, height: 1, rgba }));
    expect(colors.at(-1)).toBe('404040');
    expect(colors[200]).toBe('c8c8c8');
  });
});
