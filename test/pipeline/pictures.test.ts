// A mail with pictures: drawn by the real thing, by one that fails, by none.
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { openCharts } from '../../functions/adapters.ts';
import { illustratedMail } from '../../shared/pipeline/pictures.ts';
import type { Log } from '../../shared/ports/log.ts';
import { changed, FIRING, mailOf } from '../golden/mail/fixtures.ts';
import { bytesOf } from '../support/mail-bytes.ts';

const PNG = '89504e470d0a1a0a';
const THREE = mailOf(
  ['a', 'b', 'c', 'd'].map((name) =>
    changed(FIRING, { notice: { id: name }, episode: { signal: `metric:${name}` } }),
  ),
);

function remembering(): Log & { readonly said: string[] } {
  const said: string[] = [];
  const tell = (line: string) => void said.push(line);
  return { info: tell, warn: tell, error: tell, said };
}

describe('a mail with charts', () => {
  test('brings at most three PNGs along, none over 40 KB, and is under 150 KB as it is sent', async () => {
    const mail = await illustratedMail(THREE, { charts: openCharts(), log: remembering() });
    const bytes = await bytesOf(mail);
    expect(bytes.length).toBeLessThan(150_000);
    const { attachments, html } = await PostalMime.parse(bytes);
    expect(attachments).toHaveLength(3);
    for (const { content, contentId } of attachments) {
      const picture = Buffer.from(content as ArrayBuffer);
      expect(picture.subarray(0, 8).toString('hex')).toBe(PNG);
      expect(picture.length).toBeLessThan(40_000);
      expect(html).toContain(`src="cid:${contentId?.slice(1, -1)}"`);
    }
  });

  test('is the same, byte for byte, however often it is made', async () => {
    const make = () => illustratedMail(THREE, { charts: openCharts(), log: remembering() });
    expect(await make()).toEqual(await make());
  });

  test('goes without them where nothing can be drawn, and says so once', async () => {
    const log = remembering();
    const charts = { draw: async () => Promise.reject(new Error('no such file resvg.node')) };
    const mail = await illustratedMail(THREE, { charts, log });
    expect(mail.attachments).toBeUndefined();
    expect(mail.html).not.toContain('<img');
    expect(mail.html).toContain('▁');
    expect(log.said).toEqual(['A mail goes without its chart: no such file resvg.node']);
  });

  test('has none where it is only kept', async () => {
    const charts = { draw: async () => Promise.reject(new Error('drawn')) };
    const mail = await illustratedMail(THREE, { charts, log: remembering() }, { plain: true });
    expect(mail).toEqual(await illustratedMail(THREE, { log: remembering() }));
  });
});
