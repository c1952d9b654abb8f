import { expect, test } from 'vitest';
import { check, problemText } from '../problem.ts';
import { ConfigFile } from './config.ts';

function problems(alerting: unknown): readonly string[] {
  const checked = check(ConfigFile, { alerting });
  return checked.ok ? [] : checked.problems.map(problemText);
}

const QUIET = { zone: 'Europe/Berlin', hours: '20:00-07:00' };

test('everything that alerting can say is read', () => {
  const everything = {
    from: 'tidemark@example.com',
    fallback: ['ml@example.com'],
    channels: {
      hook: { type: 'webhook', url: 'https://hooks.example.com/tidemark' },
      chat: { type: 'slack' },
      pager: { type: 'pagerduty', url: 'https://events.eu.pagerduty.com/v2/enqueue' },
    },
    routes: [
      {
        match: { team: 'perf', accelerator: ['v5e*', 'v6e*'] },
        tests: 'bert-*',
        signals: ['job', 'metric:loss*'],
        severity: ['critical', 'warning'],
        to: ['oncall@example.com', 'pager'],
        quiet: { ...QUIET, weekends: true, pass: ['critical', 'warning'] },
        continue: true,
      },
      { to: ['chat'], quiet: null, owner: false },
    ],
    quiet: QUIET,
    digest_above: 5,
    reminders: ['12h', '7d'],
    weekly: 'Mon 08:00 Europe/Berlin',
    ping: 'https://hc.example.com/0b6c',
  };
  expect(problems(everything)).toEqual([]);
});

test.each([
  [{ fallbck: [] }, 'alerting.fallbck: unknown key; did you mean "fallback"?'],
  [
    { quiet: { time_zone: 'Europe/Berlin', hours: '20:00-07:00' } },
    'alerting.quiet.time_zone: unknown key; did you mean "zone"?',
  ],
  [
    { quiet: { ...QUIET, zone: 'Europe/Berln' } },
    'alerting.quiet.zone: is not the name of a time zone, such as Europe/Berlin or UTC: current value is "Europe/Berln"',
  ],
  [
    { quiet: { ...QUIET, hours: '8pm-7am' } },
    'alerting.quiet.hours: is not a span of a day such as 20:00-07:00: current value is "8pm-7am"',
  ],
  [
    { quiet: { ...QUIET, hours: '07:00-07:00' } },
    'alerting.quiet.hours: begins where it ends: nothing would ever be told: current value is "07:00-07:00"',
  ],
  [
    { quiet: { ...QUIET, pass: 'critcal' } },
    'alerting.quiet.pass: must be info or warning or critical, or array',
  ],
  [
    { weekly: 'Monday 8:00' },
    'alerting.weekly: is not a moment of the week such as "Mon 08:00 Europe/Berlin": current value is "Monday 8:00"',
  ],
  [
    { reminders: ['soon'] },
    'alerting.reminders.0: is not a duration such as 24h or 7d: current value is "soon"',
  ],
  [
    { ping: 'http://example.com/x' },
    'alerting.ping: must be https://HOST/PATH (or http:// on this machine), without a query: current value is "http://example.com/x"',
  ],
  [
    { routes: [{ to: ['pagr'] }], channels: { pager: { type: 'pagerduty' } } },
    'alerting.routes.0.to.0: is neither a mail address nor a name of alerting.channels: current value is "pagr"; did you mean "pager"?',
  ],
  [{ routes: [{ to: [] }] }, 'alerting.routes.0.to'],
  [{ channels: { chat: { type: 'slak' } } }, 'alerting.channels.chat.type'],
  [
    { channels: { mail: { type: 'slack' } } },
    'alerting.channels.mail: is not a name of at most 40 letters, digits, - and _, or it is "mail"',
  ],
  [
    { channels: { 'a-b': { type: 'slack' }, a_b: { type: 'slack' } } },
    'alerting.channels.a_b: would share the secret of "a-b", TIDEMARK_CHANNEL_A_B; give it another name',
  ],
  [
    { channels: { chat: { type: 'slack', url: 'https://hooks.slack.com/services/x' } } },
    'alerting.channels.chat.url: unknown key',
  ],
  [
    { channels: { hook: { type: 'webhook', url: 'http://hooks.example.com' } } },
    'alerting.channels.hook.url: must be https://HOST/PATH',
  ],
])('%j is told with its place and what would do', (alerting, expected) => {
  expect(problems(alerting)).toEqual([expect.stringContaining(expected)]);
});

const all = ['a@example.com'];

test.each(['jobs', 'loss', 'metricloss', 'Job', 'x*'])(
  'a route for the signal %s would never match',
  (signal) => {
    const expected = 'alerting.routes.0.signals: is no signal: wanted metric:NAME, metrics, job';
    expect(problems({ routes: [{ signals: ['infra', signal], to: all }] })).toEqual([
      expect.stringContaining(expected),
    ]);
  },
);

test.each(['job', 'metric:loss*', 'metric*', 'm*', '*', '?ob', '*loss'])(
  'a route may ask for %s',
  (signal) => {
    expect(problems({ routes: [{ signals: signal, to: all }] })).toEqual([]);
  },
);

test.each([
  ['behind one that takes everything', [{ to: all }, { match: { team: 'perf' }, to: all }]],
  [
    'that asks for more of the same',
    [
      { match: { team: 'perf' }, to: all },
      { match: { team: 'perf', chip: 'v5e' }, severity: 'critical', to: all },
    ],
  ],
  [
    'for a glob of a list that is taken',
    [
      { tests: ['a*', 'b*'], to: all },
      { tests: 'b*', to: all },
    ],
  ],
  [
    'for a label that any value takes',
    [
      { match: { team: '*' }, to: all },
      { match: { team: 'perf' }, to: all },
    ],
  ],
])('a route %s is never reached', (_, routes) => {
  expect(problems({ routes })).toEqual([
    expect.stringContaining('alerting.routes.1: is never reached: alerting.routes.0 takes everything'),
  ]);
});

test.each([
  [
    'when the one before goes on',
    [
      { to: all, continue: true },
      { match: { team: 'perf' }, to: all },
    ],
  ],
  [
    'when it asks for another value',
    [
      { match: { team: 'perf' }, to: all },
      { match: { team: 'data' }, to: all },
    ],
  ],
  [
    'when it asks for less',
    [
      { match: { team: 'perf' }, severity: 'critical', to: all },
      { match: { team: 'perf' }, to: all },
    ],
  ],
  ['when any value is taken and it asks for none', [{ match: { team: '*' }, to: all }, { to: all }]],
])('a route is reached %s', (_, routes) => {
  expect(problems({ routes })).toEqual([]);
});
