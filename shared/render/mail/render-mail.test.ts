import { describe, expect, test } from 'vitest';
import {
  changed,
  FELL,
  FIRING,
  FIXTURES,
  mailOf,
  OUT_OF_MEMORY,
} from '../../../test/golden/mail/fixtures.ts';
import type { Notice } from '../../core/episodes/notice.ts';
import type { NoticesMail } from '../../core/mail-request.ts';
import { displayWidth } from '../width.ts';
import { headline } from './headline.ts';
import { chartsOf, renderMail } from './render-mail.ts';
import { DARK, LIGHT } from './theme.ts';

const all = Object.entries(FIXTURES).map(([name, request]) => [name, renderMail(request)] as const);
const render = (notices: readonly Notice[], more: Partial<NoticesMail> = {}) =>
  renderMail(mailOf(notices, more));

describe('the subject', () => {
  test('names severity, test, metric and the first change', () => {
    expect(render([FELL]).subject).toBe('[warning] tf-mnist-example-cpu · accuracy_final −14.9 %');
    expect(render([OUT_OF_MEMORY]).subject).toBe('[critical] dlrm-criteo-gpu · job out of memory');
  });

  test('is the same through the whole life of an episode', () => {
    const kinds = ['firing', 'again', 'flapping', 'new_normal', 'reminder', 'recovered', 'closed'] as const;
    const lives = kinds.map((kind, index) =>
      changed(FELL, {
        notice: { kind },
        episode: {
          lastBad: { ...FELL.episode.lastBad, value: 0.1 * index },
          badTotal: index,
          reason: 'above',
        },
      }),
    );
    expect(new Set(lives.map((notice) => render([notice]).subject)).size).toBe(1);
  });

  test('is that of the first mail of the thread where there was one', () => {
    expect(render([FELL], { subject: '[warning] as it was\r\nBcc: x' }).subject).toBe(
      '[warning] as it was Bcc: x',
    );
  });

  test('of several that began together is that of the one nearest to the cause', () => {
    const job = changed(OUT_OF_MEMORY, { episode: { testName: FELL.episode.testName } });
    expect(render([FELL, job]).subject).toBe('[critical] tf-mnist-example-cpu · job out of memory');
  });

  test('is at most 140 characters long', () => {
    const long = changed(FELL, {
      episode: { testName: 'x'.repeat(10_000), signal: `metric:${'y'.repeat(10_000)}` },
    });
    expect([...render([long]).subject].length).toBeLessThanOrEqual(140);
  });
});

describe('headers', () => {
  test('answer the same root in every mail of a thread, the first one included', () => {
    const { headers } = render([FELL], { threadId: 'abc' });
    expect(headers).toMatchObject({ References: '<abc@example.com>', 'In-Reply-To': '<abc@example.com>' });
  });

  test('answer nothing in a mail that stands alone', () => {
    expect(Object.keys(render([FELL], { threadId: null }).headers)).not.toContain('References');
  });

  test('tell other machines not to answer, and filters what it is about', () => {
    expect(render([FELL]).headers).toMatchObject({
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'OOF, AutoReply, RN, NRN',
      'List-Id': 'Tidemark alerts <tidemark.example.com>',
      'X-Tidemark-Episode': FELL.episode.episodeId,
      'X-Tidemark-State': 'firing',
      'X-Tidemark-Severity': 'warning',
      'X-Tidemark-Test': 'tf-mnist-example-cpu',
      'X-Tidemark-Reason': 'below',
    });
  });
});

describe('the top line', () => {
  const fell = (changes: Parameters<typeof changed>[1]) => headline(changed(FELL, changes));

  test('says what it is, what it has been, and over how many runs', () => {
    // 15 times 0.92 and 15 times 0.94: mean 0.93, sample deviation √(30 · 0.01² / 29) = 0.01017.
    const points = FELL.evidence.points.map((point, index) => ({
      ...point,
      value: point.isBad ? point.value : index % 2 === 0 ? 0.92 : 0.94,
    }));
    expect(fell({ evidence: { points } })).toBe(
      'accuracy_final fell to 0.79; it has been 0.930 ± 0.010 over 30 runs.',
    );
  });

  test('compares with the bound where there is nothing else to compare with', () => {
    expect(fell({ evidence: { points: [] } })).toBe('accuracy_final is 0.79, below its bound of 0.9.');
  });

  test('of values that never changed says so', () => {
    const points = FELL.evidence.points.map((point) => ({ ...point, value: point.isBad ? point.value : 1 }));
    expect(fell({ evidence: { points } })).toBe(
      'accuracy_final fell to 0.79; it has been 1 in each of 30 runs.',
    );
  });

  test('tells NaN, infinity and a missing value apart', () => {
    const without = (valueKind: 'nan' | 'neginf' | 'missing', reason: string) =>
      fell({
        episode: { lastBad: { ...FELL.episode.lastBad, value: null, valueKind }, reason },
        evidence: { points: [] },
      });
    expect(without('nan', 'nonfinite')).toBe('accuracy_final became NaN.');
    expect(without('neginf', 'nonfinite')).toBe('accuracy_final became minus infinite.');
    expect(without('missing', 'missing: no event file under /runs/5')).toBe(
      'accuracy_final is missing (no event file under /runs/5).',
    );
    expect(without('missing', 'not_reached')).toMatch(/the target was never reached/);
  });

  test('of a job names how it ended and when it last succeeded', () => {
    expect(headline(OUT_OF_MEMORY)).toBe(
      'The job ran out of memory (container train was killed at 16 GiB); it last succeeded 1 d before.',
    );
  });

  test('of an acknowledgement that ran out names who gave it', () => {
    const ack = { by: 'ada', until: Date.UTC(2026, 10, 27), note: null };
    expect(fell({ notice: { kind: 'ack_ended' }, episode: { ack } })).toMatch(
      /^The acknowledgement by ada ran out 2026-11-27 00:00 UTC, and it is still so: accuracy_final fell to 0\.79/,
    );
  });

  test('of what a person closed names them and what they said', () => {
    const notice = { kind: 'closed', actor: 'ada', note: 'as it should be' } as const;
    expect(fell({ notice, episode: { state: 'closed', closedReason: 'accepted' } })).toBe(
      'The episode of accuracy_final is closed: accepted as the new normal by ada. They said: "as it should be".',
    );
  });

  test.each([
    ['job', 'The job succeeds again, after 2 bad runs in 1 d.'],
    ['schedule', 'Runs come and end again, after 2 missed or late runs in 1 d.'],
    ['infra', 'The job gets machines again, after 2 bad runs in 1 d.'],
    ['metric:loss', 'loss is back to normal, after 2 bad runs in 1 d.'],
  ] as const)('of %s that is well again says for how long it was not', (signal, text) => {
    const at = FELL.episode.firstBad.at + 86_400_000;
    expect(
      fell({ notice: { kind: 'recovered', at }, episode: { signal, badTotal: 2 }, evidence: { points: [] } }),
    ).toBe(text);
  });

  test('of a time has its unit', () => {
    expect(
      fell({
        episode: {
          signal: 'metric:total_wall_time',
          reason: 'above',
          lastBad: { ...FELL.episode.lastBad, value: 4812 },
          frozen: null,
        },
        evidence: { points: [] },
      }),
    ).toBe('total_wall_time is 4,812 s.');
  });
});

describe('the text', () => {
  test.each(all)('of %s keeps to 78 columns but for links, commands and names', (_, { text }) => {
    const long = text.split('\n').filter((line) => displayWidth(line) > 78);
    for (const line of long) expect(line).toMatch(/https?:\/\/|^ {2}tidemark |^ {2}\S+$|^ {4}\S+$/);
  });

  test.each(all)('of %s says what the HTML says', (_, { text, html }) => {
    const plainText = text.replace(/\s+/g, ' ');
    const cells = [...html.matchAll(/<(?:p|h1|h2|td|th)[^>]*>([^<]*)<\/(?:p|h1|h2|td|th)>/g)].map(
      ([, cell]) => cell!,
    );
    const entities: Record<string, string> = {
      '&lt;': '<',
      '&gt;': '>',
      '&quot;': '"',
      '&#39;': "'",
      '&#96;': '`',
      '&amp;': '&',
    };
    for (const cell of cells) {
      const said = cell
        .replace(/&(?:lt|gt|quot|#39|#96|amp);/g, (entity) => entities[entity]!)
        .replace(/\s+/g, ' ');
      expect(plainText.toLowerCase()).toContain(said.trim().toLowerCase());
    }
  });

  test('says where a long list was cut', () => {
    expect(renderMail(FIXTURES['many-tests']!).text).toContain('\nand 73 more\n');
  });

  test('names the commands with the real name of the test', () => {
    const { text } = render([changed(FELL, { episode: { testName: 'my\ntest' } })], {
      command: 'tidemark --state x',
    });
    expect(text).toContain(String.raw`tidemark --state x verdict $'my\ntest'`);
    expect(text).toContain(String.raw`history $'my\ntest' --metric accuracy_final`);
    expect(text).toContain(String.raw`silence $'test=my\ntest' --for 7d`);
  });

  test('gives no SQL for a name that the two stores would escape differently', () => {
    expect(render([FELL]).text).toContain("WHERE test_name = 'tf-mnist-example-cpu'");
    expect(render([changed(FELL, { episode: { testName: "it's" } })]).text).not.toContain('SELECT');
  });

  test('says what differed between the last good and the first bad run', () => {
    expect(render([FIRING]).text).toMatch(
      / {2}commit +91c0d77 +4f2a1c9\n {2}image +jax-nightly:1117 +jax-nightly:1118\n/,
    );
    const same = changed(FIRING, {
      episode: { firstBad: { ...FIRING.episode.firstBad, facts: FIRING.episode.lastGood!.facts } },
    });
    expect(render([same]).text).toContain('Nothing that is known of the two runs differs.');
  });
});

const ATTRIBUTES =
  'lang charset name content class style role width cellpadding cellspacing align scope href aria-label aria-hidden'.split(
    ' ',
  );

describe('the HTML', () => {
  test('stays under 90 KB for 123 tests and says how many are missing', () => {
    const { html } = renderMail(FIXTURES['many-tests']!);
    expect(Buffer.byteLength(html)).toBeLessThan(90_000);
    expect(html.match(/<strong style/g)).toHaveLength(50);
    expect(html).toContain('and 73 more');
  });

  test.each([1, 5, 6, 80])(
    'stays under 90 KB for %d notices whose every text is long and must be escaped',
    (count) => {
      const long = '"'.repeat(10_000);
      const url = `https://example.com/${'&'.repeat(970)}`;
      const facts = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${index}${long}`, long]));
      const run = { ...FELL.episode.firstBad, runId: long };
      const worst = (index: number) =>
        changed(FELL, {
          notice: { id: `w${index}`, note: long, actor: long },
          episode: {
            testName: `${index}${long}`,
            signal: `metric:${index}${long}`,
            reason: `below: ${long}`,
            demand: long,
            firstBad: { ...run, facts },
            lastBad: run,
            lastGood: run,
          },
          evidence: {
            siblings: Array.from({ length: 40 }, () => ({
              metric: long,
              value: 1 / 3,
              lower: 0.1,
              upper: 0.7,
              verdict: 'fail' as const,
            })),
            points: FELL.evidence.points.map((point) => ({ ...point, runId: long })),
            modelDir: long,
            logsLink: url,
            workloadLink: url,
          },
        });
      const notices = Array.from({ length: count }, (_, index) => worst(index));
      for (const kind of ['test', 'digest', 'incident', 'reminder'] as const) {
        const cause = kind === 'incident' ? { label: long, value: long, incidentId: 'i' } : null;
        const { html } = render(notices, {
          kind,
          cause,
          why: long,
          stillOpen: notices.map(({ episode }) => episode),
        });
        expect(Buffer.byteLength(html)).toBeLessThan(90_000);
      }
    },
  );

  test.each(all)(
    'of %s has one language, headed tables, no script and nothing from elsewhere',
    (_, { html }) => {
      expect(html).toContain('<html lang="en">');
      const data = (html.match(/<table[^>]*>/g) ?? []).filter((tag) => !tag.includes('role="presentation"'));
      expect((html.match(/<th scope="(?:row|col)"/g) ?? []).length).toBeGreaterThanOrEqual(data.length);
      const tags = html.match(/<[^>]*>/g) ?? [];
      expect(tags.filter((tag) => /^<(?:script|img|iframe|svg|link|form|object|embed)\b/i.test(tag))).toEqual(
        [],
      );
      const attributes = tags.flatMap((tag) => [...tag.matchAll(/\s([a-z-]+)="/gi)].map(([, name]) => name));
      expect(attributes.filter((name) => !ATTRIBUTES.includes(name!))).toEqual([]);
      expect(html).not.toMatch(/url\(|@import/i);
      for (const [, href] of html.matchAll(/href="([^"]*)"/g))
        expect(href).toMatch(/^https:\/\/console\.cloud\.google\.com\/(?!.*@)/);
      for (const [, size] of html.matchAll(/font-size:(\d+)px/g))
        expect([1, 14, 15, 17, 20, 21]).toContain(Number(size));
    },
  );

  test('shows a picture only where the mail brings it along', () => {
    const request = mailOf([FIRING]);
    const [chart] = chartsOf(request);
    const mail = renderMail(request, new Map([[chart!.cid, 'AAAA']]));
    expect(mail.html).toContain(`<img src="cid:${chart!.cid}"`);
    expect(mail.html).toContain(
      'alt="examples_per_sec, 60 runs: bounds 3,656 … 3,998, last 3298.3, bad for 3 runs"',
    );
    expect(mail.attachments).toEqual([
      { cid: chart!.cid, filename: 'chart-1.png', contentType: 'image/png', content: 'AAAA' },
    ]);
    expect(renderMail(request, new Map([['other', 'AAAA']])).attachments).toBeUndefined();
  });

  test.each([LIGHT, DARK])('has a contrast of at least 4.5 to 1 for every text colour', (theme) => {
    const { page, card, code, line: _line, ...texts } = theme;
    for (const text of Object.values(texts)) {
      for (const ground of [page, card]) expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5);
    }
    for (const text of [theme.text, theme.muted]) expect(contrast(text, code)).toBeGreaterThanOrEqual(4.5);
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
  test('does not depend on the order in which its notices came', () => {
    for (const name of ['several-of-one-test', 'digest', 'incident', 'other-news']) {
      const request = FIXTURES[name] as NoticesMail;
      const reversed = {
        ...request,
        notices: [...request.notices].reverse(),
        stillOpen: [...request.stillOpen].reverse(),
      };
      expect(renderMail(reversed)).toEqual(renderMail(request));
    }
  });

  test('has charts of the three worst metrics, and none in a reminder', () => {
    expect(chartsOf(FIXTURES['many-tests']!)).toHaveLength(3);
    expect(chartsOf(FIXTURES.reminder!)).toEqual([]);
    expect(chartsOf(FIXTURES['job-failure']!)).toEqual([]);
    expect(chartsOf(FIXTURES.weekly!)).toEqual([]);
  });

  test('about an improvement marks the runs since it began, which no verdict calls bad', () => {
    const points = FIRING.evidence.points.map((point) => ({ ...point, isBad: false }));
    const better = changed(FIRING, { episode: { polarity: 'good', severity: 'info' }, evidence: { points } });
    const { text } = render([better]);
    expect(text.match(/UTC .* better$/gm)).toHaveLength(3);
    expect(text).toContain('BETTER\n------\n');
    const [chart] = chartsOf(mailOf([better]));
    expect(chart?.svg.match(/Z" fill="#1f7a3d"/g)).toHaveLength(3);
  });

  test('counts the runs that the episode counts, also those inside the band', () => {
    const points = FIRING.evidence.points.map((point) => ({ ...point, isBad: false }));
    const { text } = render([changed(FIRING, { evidence: { points } })]);
    expect(text.match(/UTC .* bad$/gm)).toHaveLength(3);
    const gap = changed(FIRING, { episode: { badTotal: 2 }, evidence: { points } });
    expect(render([gap]).text.match(/UTC .* bad$/gm)).toHaveLength(2);
  });

  test('about nothing is a mistake of the caller', () => {
    expect(() => render([])).toThrow(RangeError);
  });

  test('says why it came, and which silences end', () => {
    const silence = { id: 's', matcher: 'test=a*', by: 'ada', until: Date.UTC(2026, 10, 21), note: null };
    const { text } = render([FELL], {
      why: 'tidemark.yaml names you as owner of this test.',
      silences: [silence],
    });
    const end = text.split('-- \n')[1]!.replace(/\s+/g, ' ');
    expect(end).toContain('The silence over test=a* by ada ends 2026-11-21 00:00 UTC.');
    expect(end).toContain(
      'You get this mail because tidemark.yaml names you as owner of this test. To stop it:',
    );
  });
});
