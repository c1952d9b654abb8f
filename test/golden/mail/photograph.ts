// Photographs the sample mails in headless Chromium, light and dark, wide and 360 pixels narrow, for eyes: pictures of
// another browser or machine differ in their bytes, so no test compares them.
// `node test/golden/mail/photograph.ts [--to FOLDER] [NAME…]` writes into `screenshots/` beside it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCharts } from '../../../functions/adapters.ts';
import { browserHtml } from '../../../shared/core/browser-html.ts';
import { illustratedMail } from '../../../shared/pipeline/pictures.ts';
import { silentLog } from '../../../shared/ports/log.ts';
import { startBrowser } from '../../support/browser.ts';

import { FIXTURES } from './fixtures.ts';

const LOOKS = [
  { name: 'light', width: 800, scheme: 'light' },
  { name: 'dark', width: 800, scheme: 'dark' },
  { name: 'narrow', width: 360, scheme: 'light' },
  { name: 'narrow-dark', width: 360, scheme: 'dark' },
] as const;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { to: { type: 'string' } } });
const folder = values.to ?? join(import.meta.dirname, 'screenshots');
const names = positionals.length > 0 ? positionals : ['firing', 'recovered', 'incident', 'weekly'];
mkdirSync(folder, { recursive: true });
const charts = openCharts();
const browser = await startBrowser();
try {
  for (const name of names) {
    const request = FIXTURES[name];
    if (request === undefined) throw new Error(`There is no sample "${name}"`);
    const mail = await illustratedMail(request, { charts, log: silentLog });
    for (const look of LOOKS) {
      const { png, contentWidth } = await browser.photograph(browserHtml(mail), look);
      writeFileSync(join(folder, `${name}-${look.name}.png`), png);
      const wide = contentWidth > look.width ? `, WIDER THAN ${look.width} px: ${contentWidth}` : '';
      console.log(`${name}-${look.name}.png ${(png.length / 1000).toFixed(0)} kB${wide}`);
    }
  }
} finally {
  await browser.close();
}
