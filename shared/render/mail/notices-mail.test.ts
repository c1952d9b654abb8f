import { describe, expect, test } from 'vitest';
import { changed, FELL, mailOf, OUT_OF_MEMORY } from '../../../test/golden/mail/fixtures.ts';
import { renderMail } from './render-mail.ts';

const { testName } = FELL.episode;
const over = changed(FELL, {
  notice: { id: 'over', kind: 'recovered' },
  episode: { episodeId: 'over', severity: 'critical', state: 'closed' },
});
const subject = (...given: Parameters<typeof mailOf>) => renderMail(mailOf(...given)).subject;

describe('the subject of a list', () => {
  test('with one line names its test and signal', () => {
    expect(subject([FELL], { kind: 'digest' })).toBe(`[warning] ${testName} · accuracy_final −14.9 %`);
    expect(subject([FELL], { kind: 'reminder' })).toBe(`[warning] still open: ${testName} · accuracy_final`);
  });

  test('with several names their tests', () => {
    expect(subject([FELL, OUT_OF_MEMORY], { kind: 'digest' })).toBe(
      `[critical] dlrm-criteo-gpu, ${testName}`,
    );
  });

  test('is as severe as what goes on, not as what is over', () => {
    expect(subject([FELL, over], { kind: 'digest' })).toMatch(/^\[warning\] /);
    expect(subject([over, over], { kind: 'digest' })).toMatch(/^\[critical\] /);
  });
});

describe('a mail of one test', () => {
  const worse = changed(FELL, {
    notice: { id: 'worse', kind: 'escalated' },
    episode: {
      severity: 'critical',
      signal: 'metric:loss',
      firstBad: { ...FELL.episode.firstBad, at: FELL.at },
    },
  });

  test('is named by the worst of it, whatever began first', () => {
    expect(renderMail(mailOf([FELL, worse]))).toMatchObject({
      subject: expect.stringMatching(/^\[critical\] .* · loss /),
      headers: { 'X-Tidemark-State': 'firing', 'X-Tidemark-Severity': 'critical' },
    });
  });

  test('is not named by what is over', () => {
    expect(renderMail(mailOf([FELL, over]))).toMatchObject({
      subject: `[warning] ${testName} · accuracy_final −14.9 %`,
      headers: { 'X-Tidemark-Severity': 'warning' },
    });
  });

  test('answers the roots of the threads that end with it before its own', () => {
    const { headers } = renderMail(mailOf([FELL], { threadId: 'own', alsoEnds: ['one', 'two'] }));
    expect(headers['In-Reply-To']).toMatch(/^<own@/);
    expect(headers.References?.replaceAll(/@[^>]+/g, '')).toBe('<one> <two> <own>');
  });
});
