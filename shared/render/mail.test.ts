import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FELL, FIXTURES } from '../../test/golden/mail/fixtures.ts';
import type { AlertItem } from '../core/alert-item.ts';
import { type MailRequest, renderMail } from './mail.ts';
import { DARK, LIGHT } from './mail-theme.ts';
import { displayWidth } from './width.ts';

const SINGLE = FIXTURES['fixed-threshold']!;
const all = Object.entries(FIXTURES).map(([name, request]) => [name, renderMail(request)] as const);
const render = (items: readonly AlertItem[], more: Partial<MailRequest> = {}) =>
  renderMail({ ...SINGLE, ...more, items });

describe('the subject', () => {
  test('of one test names test, metric, direction, value and bound', () => {
    expect(render([{ ...FELL, testName: 'mnist', signal: 'metric:acc_final' }]).subject).toBe(
      '[tidemark] mnist: acc_final fell to 0.79 (below 0.96)',
    );
  });

  test('counts what else failed in the test', () => {
    const items = [FELL, { ...FELL, signal: 'job', reason: 'outcome', outcome: 'oom' }];
    expect(render(items).subject).toBe('[tidemark] tf-mnist-example-cpu: job ran out of memory and 1 more');
  });

  test('of several tests names as many as there is room for', () => {
    const named = (testName: string) => ({ ...FELL, testName });
    expect(render(['c', 'a', 'b'].map(named)).subject).toBe('[tidemark] 3 tests got worse: a, b, c');
    expect(render(['x'.repeat(130), 'y'.repeat(130)].map(named)).subject).toMatch(/: x+… and 1 more$/);
  });

  test('is one printable line of at most 120 characters, whatever the names', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 150 }), { minLength: 1, maxLength: 4 }),
        (names) => {
          const { subject } = render(
            names.map((testName) => ({ ...FELL, testName, signal: `metric:${testName}` })),
          );
          expect([...subject].length).toBeLessThanOrEqual(120);
          expect(subject).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
        },
      ),
    );
  });
});

describe('the text', () => {
  test.each(all)('of %s begins with the headline and keeps to 78 columns', (_, mail) => {
    const lines = mail.text.split('\n');
    expect(mail.subject.replace('[tidemark] ', '').startsWith(lines[0]!.slice(0, 60))).toBe(true);
    const long = lines.filter((line) => displayWidth(line) > 78);
    for (const line of long) expect(line).toMatch(/https?:\/\/|^ {2}tidemark /);
  });

  test('holds every fact and the full addresses', () => {
    const { text } = render([{ ...FELL, baselineN: 28, streak: 3 }]);
    for (const fact of [
      '0.79',
      '0.96',
      '28 earlier successful runs',
      '3 failing runs in a row',
      '0.9812',
      FELL.logsLink!,
    ]) {
      expect(text).toContain(fact);
    }
    expect(text.replace(/\s+/g, ' ')).toContain('tf-mnist-example-cpu-20260731, 2026-07-31 02:15 UTC');
  });

  test('says where a long list was cut', () => {
    expect(renderMail(FIXTURES['many-tests']!).text).toContain('\nand 73 more\n');
  });
});

describe('the HTML', () => {
  test('stays under 90 KB for 120 rows and says how many are missing', () => {
    const { html } = renderMail(FIXTURES['many-tests']!);
    expect(Buffer.byteLength(html)).toBeLessThan(90_000);
    expect(html.match(/<th scope="row"/g)).toHaveLength(50);
    expect(html).toContain('and 73 more');
  });

  test('stays under 90 KB when every text is long and every character needs escaping', () => {
    const long = '"'.repeat(2_000);
    const url = `https://example.com/${'&'.repeat(970)}`;
    const worst = (testName: string): AlertItem => ({
      ...FELL,
      testName: testName + long,
      runId: long,
      signal: `metric:${long}`,
      reason: `missing: ${long}`,
      demand: long,
      outcome: long,
      modelDir: long,
      logsLink: url,
      workloadLink: url,
    });
    for (const count of [1, 5, 6, 80]) {
      const { html } = render(Array.from({ length: count }, (_, index) => worst(String(index))));
      expect(Buffer.byteLength(html)).toBeLessThan(90_000);
    }
  });

  test.each(all)('of %s has one language, headed tables, no script and no foreign address', (_, { html }) => {
    expect(html).toContain('<html lang="en">');
    const tables = html.match(/<table[^>]*>/g) ?? [];
    const data = tables.filter((tag) => !tag.includes('role="presentation"'));
    expect((html.match(/<th scope="(?:row|col)"/g) ?? []).length).toBeGreaterThanOrEqual(data.length);
    expect(html).not.toMatch(/<(?:script|img|iframe|svg|link|form)\b/i);
    for (const [, href] of html.matchAll(/href="([^"]*)"/g))
      expect(href).toMatch(/^https:\/\/console\.cloud\.google\.com\/(?!.*@)/);
    for (const [, size] of html.matchAll(/font-size:(\d+)px/g))
      expect(Number(size)).toBeGreaterThanOrEqual(14);
  });

  test('of a hostile item has the same tags as that of a harmless one', () => {
    const tags = (html: string) => html.replace(/\s(?:href|aria-label)="[^"]*"/g, '').match(/<[^>]+>/g);
    const hostile = FIXTURES['hostile-names']!;
    const harmless = { ...FELL, testName: 'a', logsLink: null, workloadLink: null };
    expect(tags(renderMail(hostile).html)).toEqual(tags(render([harmless]).html));
  });

  test.each([LIGHT, DARK])('has a contrast of at least 4.5 to 1 for every text colour', (theme) => {
    for (const text of [theme.text, theme.muted, theme.bad, theme.link]) {
      for (const ground of [theme.page, theme.card])
        expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(theme.text, theme.code)).toBeGreaterThanOrEqual(4.5);
  });
});

/** WCAG 2.2, "contrast ratio" and "relative luminance". */
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('a mail', () => {
  test('does not depend on the order in which its items came', () => {
    const { items } = FIXTURES['several-tests']!;
    const mail = renderMail(FIXTURES['several-tests']!);
    fc.assert(
      fc.property(fc.shuffledSubarray([...items], { minLength: items.length }), (shuffled) => {
        expect(renderMail({ ...FIXTURES['several-tests']!, items: shuffled })).toEqual(mail);
      }),
    );
  });

  test('puts a job before a NaN before a gap before a number, and the larger excess first', () => {
    const item = (testName: string, change: Partial<AlertItem>) => ({ ...FELL, testName, ...change });
    const { subject } = render([
      item('small', { value: 0.95 }),
      item('gap', { reason: 'missing', value: null, valueKind: 'missing' }),
      item('big', { value: 0.5 }),
      item('nan', { reason: 'nonfinite', value: null, valueKind: 'nan' }),
      item('job', { signal: 'job', reason: 'outcome', outcome: 'failure' }),
    ]);
    expect(subject).toBe('[tidemark] 5 tests got worse: job, nan, gap, big, small');
  });

  test('names the commands that show more, with the real name of the test', () => {
    const { text } = render([{ ...FELL, testName: 'my\ntest' }], { command: 'tidemark --state x' });
    expect(text).toContain(String.raw`tidemark --state x verdict $'my\ntest'`);
    expect(text).toContain(String.raw`history $'my\ntest' --metric epoch_sparse_categorical_accuracy_final`);
  });

  test('says why it came', () => {
    const two = [FELL, { ...FELL, testName: 'other' }];
    const why = (unowned: string[]) =>
      render(two, { unowned, configFile: 'ci.yaml' }).text.split('-- \n')[1]!.replace(/\s+/g, ' ').trim();
    expect(why([])).toBe('You get this mail because ci.yaml names you as owner of these tests.');
    expect(why(['other', FELL.testName])).toMatch(
      /^You get this mail because these tests have no owner in ci\.yaml/,
    );
    expect(why(['other'])).toMatch(/1 test without an owner comes to you through alerting\.fallback\.$/);
  });

  test('tells other machines not to answer', () => {
    expect(render([FELL]).headers).toEqual({
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'OOF, AutoReply, RN, NRN',
      'List-Id': 'Tidemark alerts <tidemark.example.com>',
    });
  });

  test('about nothing is a mistake of the caller', () => {
    expect(() => render([])).toThrow(RangeError);
  });
});
