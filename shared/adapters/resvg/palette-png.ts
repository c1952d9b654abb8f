import { crc32, deflateSync } from 'node:zlib';

/** A picture as resvg gives it: four bytes a pixel, red first, line after line from above. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

const COLORS = 256;
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/**
 * An opaque picture as PNG with a palette, a third of the size of one without: a chart has few colours, and all
 * that antialiasing adds lies close to one of the 256 commonest. Transparency is ignored.
 */
export function palettePng({ width, height, rgba }: Pixels): Uint8Array {
  const pixels = colorsOf(rgba);
  const { palette, indexOf } = paletteOf(pixels);
  // One byte before each line says that it is not filtered.
  const lines = new Uint8Array((width + 1) * height);
  let last = -1;
  let index = 0;
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 1; x <= width; x += 1, at += 1) {
      const color = pixels[at]!;
      // Most neighbours are equal, and looking a colour up is what takes the time.
      if (color !== last) {
        index = indexOf.get(color)!;
        last = color;
      }
      lines[y * (width + 1) + x] = index;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits a pixel, which are an index into the palette (PNG specification, 11.2.2).
  header.set([8, 3, 0, 0, 0], 8);
  const colors = Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', colors),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Red, green and blue of every pixel as one number. */
function colorsOf(rgba: Uint8Array): Uint32Array {
  const pixels = new Uint32Array(rgba.length >> 2);
  for (let index = 0, at = 0; index < pixels.length; index += 1, at += 4) {
    pixels[index] = (rgba[at]! << 16) | (rgba[at + 1]! << 8) | rgba[at + 2]!;
  }
  return pixels;
}

/** The commonest colours, and for every colour of the picture which of them stands for it. */
function paletteOf(pixels: Uint32Array): { palette: number[]; indexOf: ReadonlyMap<number, number> } {
  const counts = new Map<number, number>();
  for (let from = 0, to = 0; from < pixels.length; from = to) {
    const color = pixels[from]!;
    while (to < pixels.length && pixels[to] === color) to += 1;
    counts.set(color, (counts.get(color) ?? 0) + to - from);
  }
  // Ties by colour, so that the same picture gives the same bytes.
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([color]) => color);
  const palette = sorted.slice(0, COLORS);
  const indexOf = new Map(palette.map((color, index) => [color, index]));
  for (const color of sorted.slice(COLORS)) indexOf.set(color, nearest(palette, color));
  return { palette, indexOf };
}

function nearest(palette: readonly number[], color: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, other] of palette.entries()) {
    const red = (color >> 16) - (other >> 16);
    const green = ((color >> 8) & 255) - ((other >> 8) & 255);
    const blue = (color & 255) - (other & 255);
    const distance = red * red + green * green + blue * blue;
    if (distance >= least) continue;
    least = distance;
    best = index;
  }
  return best;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
