import type { Episode, RunPoint } from '../../../shared/core/episodes/episode.ts';
import type { Notice, NoticePoint } from '../../../shared/core/episodes/notice.ts';
import type { MailRequest, NoticesMail, WeeklyMail } from '../../../shared/core/mail-request.ts';
import { noisy } from '../../support/seeded.ts';

const DAY = 86_400_000;
const NIGHT = Date.UTC(2026, 10, 18, 2, 10);

/** The run of one night; `n` nights after the first bad one. */
function run(n: number, fields: Partial<RunPoint> = {}): RunPoint {
  return {
    uuid: `uuid-${n}`,
    runId: `bert-large-${dayOf(n)}`,
    at: NIGHT + n * DAY,
    outcome: 'success',
    value: slowAt(n),
    valueKind: 'finite',
    facts: FACTS,
    ...fields,
  };
}

function dayOf(n: number): string {
  return new Date(NIGHT + n * DAY).toISOString().slice(0, 10).replaceAll('-', '');
}

const FACTS = {
  accelerator: 'v5e-8',
  cluster: 'us-central1-b',
  framework_version: 'jax 0.11.3',
  commit: '91c0d77',
  image: 'jax-nightly:1117',
  team: 'perf',
};
const LATER = { ...FACTS, commit: '4f2a1c9', image: 'jax-nightly:1118' };

/** Drawn once, so that a night has the same value in every fixture. */
const NOISE = noisy(200, { seed: 42, level: 0 });

interface Nights {
  readonly name?: string;
  readonly count?: number;
  readonly usual?: number;
  readonly spread?: number;
  readonly bad?: number;
  /** The last bad night. */
  readonly until?: number;
}

/** Nights up to `last`, of which those from 0 on lie at `bad`; noise that looks like a throughput's. */
function nights(last: number, options: Nights = {}): NoticePoint[] {
  const { name = 'bert-large', count = 60, usual = 3827, spread = 57, bad = 3351, until = last } = options;
  return Array.from({ length: count }, (_, index) => {
    const n = last - count + 1 + index;
    const isBad = n >= 0 && n <= until;
    const has = index >= 10;
    return {
      runId: `${name}-${dayOf(n)}`,
      at: NIGHT + n * DAY,
      value: Number(((isBad ? bad : usual) + NOISE[n + 100]! * spread).toPrecision(5)),
      lower: has ? usual - 3 * spread : null,
      upper: has ? usual + 3 * spread : null,
      isBad,
    };
  });
}

/** The value of that night. */
function slowAt(n: number): number {
  return nights(n, { count: 1 })[0]!.value!;
}

/** A throughput that has been too low for three nights; every other fixture changes what it needs. */
export const SLOW: Episode = {
  episodeId: 'k3v7q2m5xw4pz6ab8c9d',
  fingerprint: 'f2n4k6m8p3q5r7t9v2x4',
  testName: 'bert-large/v5e-8',
  signal: 'metric:examples_per_sec',
  polarity: 'bad',
  state: 'firing',
  closedReason: null,
  reason: 'below',
  severity: 'warning',
  openedAt: NIGHT,
  firedAt: NIGHT + DAY,
  closedAt: null,
  firstBad: run(0, { value: slowAt(0), facts: LATER }),
  lastBad: run(2, { value: slowAt(2), facts: LATER }),
  worst: Math.min(slowAt(0), slowAt(1), slowAt(2)),
  lastGood: run(-1, { value: slowAt(-1) }),
  lastRun: run(2, { facts: LATER }),
  badStreak: 3,
  goodStreak: 0,
  badTotal: 3,
  runsSince: 3,
  flaps: 0,
  reopened: 0,
  recoverAfter: 2,
  frozen: { lower: 3656, upper: 3998, clearLower: 3713, clearUpper: 3941, baselineN: 30, centre: 3827 },
  demand: 'within the band of its last 30 runs',
  looksLikeNewNormal: false,
  ack: null,
  threadId: 't4h7r3e5a2d6k8m4n2p6',
  incidentId: null,
  reminders: 0,
  nextReminderAt: null,
  labels: { team: 'perf', image: 'jax-nightly:1118' },
  configDigest: null,
  seq: 2,
  record: 61,
  isFlapping: false,
  flapRuns: [],
  absentStreak: 0,
  recent: [],
  worstReason: 'below',
};

export const FIRING: Notice = {
  id: 'n1',
  kind: 'firing',
  at: NIGHT + 2 * DAY,
  episode: SLOW,
  evidence: {
    points: nights(2),
    siblings: [
      { metric: 'step_time_ms', value: 152.4, lower: null, upper: 141, verdict: 'fail' },
      { metric: 'loss_final', value: 1.832, lower: null, upper: 1.9, verdict: 'pass' },
      { metric: 'eval_accuracy_final', value: 0.912, lower: 0.9, upper: null, verdict: 'pass' },
      { metric: 'hbm_peak_gib', value: 14.2, lower: null, upper: null, verdict: null },
    ],
    outcome: 'success',
    attempt: 1,
    logsLink:
      'https://console.cloud.google.com/logs/query;query=resource.labels.job_name%3D%22bert-large-20261120%22',
    workloadLink:
      'https://console.cloud.google.com/kubernetes/job/us-central1-b/ml/nightly/bert-large-20261120',
    modelDir: 'gs://ml-nightly/bert-large/v5e-8/20261120',
    oneIn: 41_000,
  },
  actor: null,
  note: null,
};

interface Changes {
  readonly notice?: Partial<Omit<Notice, 'episode' | 'evidence'>>;
  readonly episode?: Partial<Episode>;
  readonly evidence?: Partial<Notice['evidence']>;
}

/** A notice like another one, but for what is given. */
export function changed(notice: Notice, { notice: own = {}, episode = {}, evidence = {} }: Changes): Notice {
  return {
    ...notice,
    ...own,
    episode: { ...notice.episode, ...episode },
    evidence: { ...notice.evidence, ...evidence },
  };
}

/** An accuracy that fell to what 32-bit floats call 0.79. */
function mnist(last: number): NoticePoint[] {
  const points = nights(last, { name: 'mnist', count: 31, usual: 0.9345, spread: 0.009, bad: 0.79 });
  return points.map((point) => ({
    ...point,
    value: point.at === NIGHT ? 0.7900000214576721 : point.value,
    lower: 0.9,
    upper: null,
  }));
}

/** A fixed threshold, a metric with a short name, and a history without bounds of its own. */
export const FELL: Notice = changed(FIRING, {
  notice: { id: 'n2', at: NIGHT },
  episode: {
    episodeId: 'a7b3c5d2e4f6g8h2j4k6',
    testName: 'tf-mnist-example-cpu',
    signal: 'metric:accuracy_final',
    firedAt: NIGHT,
    firstBad: run(0, { runId: 'mnist-20261118', value: 0.7900000214576721, facts: LATER }),
    lastBad: run(0, { runId: 'mnist-20261118', value: 0.7900000214576721, facts: LATER }),
    lastGood: run(-1, { runId: 'mnist-20261117', value: mnist(-1).at(-1)!.value }),
    worst: 0.7900000214576721,
    badStreak: 1,
    badTotal: 1,
    frozen: { lower: 0.9, upper: null, clearLower: 0.9, clearUpper: null, baselineN: 0, centre: null },
    demand: 'greater than 0.9',
    threadId: 'm2n4i6s8t3a5b7c9d2e4',
  },
  evidence: {
    points: mnist(0),
    siblings: [{ metric: 'loss_final', value: 0.61, lower: null, upper: 0.3, verdict: 'fail' }],
    oneIn: null,
    modelDir: '/models/mnist/20261118',
  },
});

export const OUT_OF_MEMORY: Notice = changed(FIRING, {
  notice: { id: 'n3', at: NIGHT },
  episode: {
    episodeId: 'q2w4e6r8t3y5u7i9o2p4',
    testName: 'dlrm-criteo-gpu',
    signal: 'job',
    severity: 'critical',
    reason: 'outcome: container train was killed at 16 GiB',
    firedAt: NIGHT,
    firstBad: run(0, { runId: 'dlrm-5', outcome: 'oom', value: null, valueKind: null, facts: LATER }),
    lastBad: run(0, { runId: 'dlrm-5', outcome: 'oom', value: null, valueKind: null, facts: LATER }),
    lastGood: run(-1, { runId: 'dlrm-4', value: null, valueKind: null }),
    worst: null,
    badStreak: 1,
    badTotal: 1,
    recoverAfter: 1,
    frozen: null,
    demand: '',
    threadId: 'd2l4r6m8a3b5c7d9e2f4',
  },
  evidence: { points: [], siblings: [], outcome: 'oom', attempt: 3, oneIn: null, modelDir: null },
});

const NAN: Notice = changed(FELL, {
  notice: { id: 'n4' },
  episode: {
    episodeId: 'z2x4c6v8b3n5m7a9s2d4',
    signal: 'metric:loss_final',
    severity: 'critical',
    reason: 'nonfinite',
    firstBad: run(0, { runId: 'mnist-20261118', value: null, valueKind: 'nan', facts: LATER }),
    lastBad: run(0, { runId: 'mnist-20261118', value: null, valueKind: 'nan', facts: LATER }),
    lastGood: run(-1, { runId: 'mnist-20261117', value: 0.0431 }),
    worst: null,
    frozen: { lower: null, upper: 0.1, clearLower: null, clearUpper: 0.1, baselineN: 0, centre: null },
    demand: 'less than 0.1',
  },
  evidence: {
    points: nights(0, { name: 'mnist', count: 31, usual: 0.043, spread: 0.003 }).map((point) => ({
      ...point,
      value: point.isBad ? null : point.value,
      lower: null,
      upper: 0.1,
    })),
    siblings: [],
  },
});

const RECOVERED: Notice = changed(FIRING, {
  notice: { id: 'n5', kind: 'recovered', at: NIGHT + 6 * DAY },
  episode: {
    state: 'closed',
    closedReason: 'recovered',
    closedAt: NIGHT + 6 * DAY,
    lastBad: run(4, { value: slowAt(4), facts: LATER }),
    lastRun: run(6, { value: slowAt(6), facts: { ...LATER, commit: 'c01d5e2' } }),
    badStreak: 0,
    goodStreak: 2,
    badTotal: 5,
    runsSince: 7,
    seq: 4,
  },
  evidence: { points: nights(6, { until: 4 }), siblings: FIRING.evidence.siblings.slice(1) },
});

const LATE: Notice = changed(OUT_OF_MEMORY, {
  notice: { id: 'n6', at: NIGHT + DAY },
  episode: {
    episodeId: 'l2a4t6e8r3u5n7a9b2c4',
    signal: 'schedule',
    reason: 'late',
    severity: 'warning',
    firstBad: run(0, {
      runId: 'expected at 2026-11-18T02:10:00.000Z',
      outcome: null,
      value: null,
      valueKind: null,
      facts: {},
    }),
    lastBad: run(1, {
      runId: 'expected at 2026-11-19T02:10:00.000Z',
      outcome: null,
      value: null,
      valueKind: null,
      facts: {},
    }),
    badStreak: 2,
    badTotal: 2,
  },
  evidence: { outcome: null, attempt: null, logsLink: null, workloadLink: null },
});

const BETTER: Notice = changed(FIRING, {
  notice: { id: 'n7' },
  episode: {
    polarity: 'good',
    severity: 'info',
    reason: 'changed',
    firstBad: run(0, { value: 4180.2, facts: LATER }),
    lastBad: run(2, { value: 4174.9, facts: LATER }),
    worst: null,
  },
  evidence: { points: nights(2, { bad: 4178 }), siblings: [] },
});

const NEW_NORMAL: Notice = changed(FIRING, {
  notice: { id: 'n8', kind: 'new_normal', at: NIGHT + 20 * DAY },
  episode: {
    lastBad: run(20, { value: slowAt(20), facts: LATER }),
    badStreak: 21,
    badTotal: 21,
    looksLikeNewNormal: true,
  },
  evidence: { points: nights(20), siblings: [] },
});

const FLAPPING: Notice = changed(FIRING, {
  notice: { id: 'n9', kind: 'flapping', at: NIGHT + 9 * DAY },
  episode: {
    signal: 'metric:step_time_ms',
    reason: 'above',
    flaps: 3,
    worst: 154,
    recoverAfter: 4,
    badTotal: 7,
    badStreak: 1,
    lastBad: run(9, { value: 152.4 }),
    frozen: { lower: null, upper: 141, clearLower: null, clearUpper: 139, baselineN: 30, centre: 133 },
  },
  evidence: {
    points: nights(9).map((point) => ({
      ...point,
      value: Math.round(508_000 / point.value!),
      lower: null,
      upper: 141,
    })),
    siblings: [],
  },
});

const AGAIN: Notice = changed(FELL, {
  notice: { id: 'n10', kind: 'again', at: NIGHT + 5 * DAY },
  episode: {
    reopened: 1,
    badTotal: 6,
    badStreak: 6,
    lastBad: run(5, { runId: 'mnist-20261123', value: mnist(5).at(-1)!.value }),
  },
  evidence: { points: mnist(5) },
});

const ESCALATED: Notice = changed(NAN, {
  notice: { id: 'n11', kind: 'escalated' },
  episode: { badTotal: 3, badStreak: 3 },
});

const ACCEPTED: Notice = changed(NEW_NORMAL, {
  notice: {
    id: 'n12',
    kind: 'closed',
    actor: 'ada@example.com',
    note: 'The larger vocabulary costs this much; agreed on 4 December.',
  },
  episode: { state: 'closed', closedReason: 'accepted', closedAt: NIGHT + 21 * DAY },
});

const ACK_ENDED: Notice = changed(FIRING, {
  notice: { id: 'n13', kind: 'ack_ended', at: NIGHT + 9 * DAY },
  episode: {
    badTotal: 10,
    badStreak: 10,
    lastBad: run(9, { value: slowAt(9), facts: LATER }),
    ack: { by: 'ada@example.com', until: NIGHT + 9 * DAY, note: 'bisecting' },
  },
  evidence: { points: nights(9) },
});

const NOTE: Notice = changed(FIRING, {
  notice: { id: 'n14', kind: 'reminder', at: NIGHT + 4 * DAY },
  episode: { badTotal: 5, badStreak: 5, lastBad: run(4, { value: slowAt(4), facts: LATER }) },
  evidence: { points: nights(4) },
});

const HOSTILE_NAME = `<img src=x onerror="alert(1)">\r\nBcc: evil@example.com\u202e 'gnp.exe' 🧪\u0007 =?utf-8?Q?=0D=0ABcc:_x@evil.example?=`;
/** Every text that can come from outside, as an enemy would choose it. */
export const HOSTILE: Notice = changed(FELL, {
  notice: { actor: '</td><script>alert(4)</script>', note: 'two\r\n.\r\nlines "quoted" & <b>bold</b>' },
  episode: {
    episodeId: "x'; touch /tmp/pwned; '",
    testName: HOSTILE_NAME,
    signal: 'metric:</td></table>$(touch /tmp/pwned) `id`\u001b[2J',
    reason: 'below: <svg onload=alert(5)>\r\nX-Evil: 1',
    demand: 'greater than <b>0.96</b>\n\nFrom: admin@example.com',
    firstBad: run(0, {
      runId: '"><script>alert(2)</script>',
      value: 0.79,
      facts: { '<script>': '=?utf-8?B?PHNjcmlwdD4=?=', 'a\r\nb': '\u202etxt.exe' },
    }),
    lastBad: run(0, { runId: '"><script>alert(2)</script>', value: 0.79, facts: {} }),
    lastGood: run(-1, {
      runId: '--> ]]> &amp; \u2066',
      value: 0.99,
      facts: { 'a\r\nb': 'x'.repeat(10_000) },
    }),
    threadId: 'a>\r\nBcc: x@evil.example',
  },
  evidence: {
    siblings: [{ metric: '<img src=x>'.repeat(1000), value: 1, lower: 0, upper: 2, verdict: 'pass' }],
    logsLink: 'javascript:alert(3)',
    workloadLink: 'https://console.cloud.google.com@evil.example/x',
    modelDir: '{{7*7}} <%= 7*7 %> %s %n',
    outcome: 'success',
  },
});

/** So many tests that fell in the same pass, each a little worse than the one before. */
function many(count: number): Notice[] {
  return Array.from({ length: count }, (_, index) => {
    const testName = `nightly-${String(index + 1).padStart(3, '0')}`;
    const value = Math.round((0.89 - index / 1000) * 1e4) / 1e4;
    const bad = run(0, { runId: `${testName}-20261118`, value, facts: LATER });
    const notice = changed(FELL, {
      notice: { id: `many-${index}` },
      episode: {
        episodeId: `id${index}`.padEnd(20, 'x'),
        testName,
        firstBad: bad,
        lastBad: bad,
        threadId: `thread-${index}`,
      },
      evidence: {
        points: FELL.evidence.points.map((point) => (point.isBad ? { ...point, value } : point)),
      },
    });
    if (index % 10 !== 9) return notice;
    const lost = { ...bad, outcome: 'failure' as const, value: null, valueKind: null };
    return changed(notice, {
      episode: {
        signal: 'job',
        severity: 'critical',
        reason: 'outcome',
        firstBad: lost,
        lastBad: lost,
        frozen: null,
      },
      evidence: { points: [] },
    });
  });
}

const FRAME = {
  key: '5f2b8c1d9e4a7f60b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0',
  from: 'tidemark@example.com',
  to: ['perf-oncall@example.com'],
  date: NIGHT + 2 * DAY + 20 * 60_000,
  threadId: SLOW.threadId,
  subject: null,
  why: 'route 1 (team=perf) in tidemark.yaml names you',
  silences: [],
  configFile: 'tidemark.yaml',
  command: 'tidemark',
};

/** The mail of some notices about one test, or as `more` says. */
export function mailOf(notices: readonly Notice[], more: Partial<NoticesMail> = {}): NoticesMail {
  return { ...FRAME, kind: 'test', notices, cause: null, stillOpen: [], ...more };
}

const WEEK: WeeklyMail = {
  ...FRAME,
  kind: 'weekly',
  threadId: null,
  why: 'alerting.weekly in tidemark.yaml names you',
  silences: [
    {
      id: 's1',
      matcher: 'test=dlrm-*',
      by: 'ada@example.com',
      until: NIGHT + 7 * DAY,
      note: 'machines are moved',
    },
  ],
  week: {
    from: NIGHT - 2 * DAY,
    until: NIGHT + 5 * DAY,
    tests: 214,
    runs: 1_481,
    open: [SLOW, OUT_OF_MEMORY.episode],
    fired: [SLOW, OUT_OF_MEMORY.episode, RECOVERED.episode],
    closed: [RECOVERED.episode],
    noise: [
      { testName: 'resnet-imagenet-v3-8', signal: null, suspects: 6, noise: 5, suggestion: null },
      { testName: 'bert-large/v5e-8', signal: null, suspects: 2, noise: 1, suggestion: null },
    ],
    noisyRules: [
      {
        testName: 'resnet-imagenet-v3-8',
        signal: 'metric:total_wall_time',
        suspects: 6,
        noise: 5,
        suggestion: 'Let three runs in a row confirm it: confirm_n: 3.',
      },
    ],
    learning: ['gemma-v6e', 'llama-tiny'],
    unrouted: ['old-experiment'],
  },
};

/** Name of the golden files → what the mail is made of. */
export const FIXTURES: Readonly<Record<string, MailRequest>> = {
  firing: mailOf([FIRING]),
  'fixed-threshold': mailOf([FELL], {
    threadId: FELL.episode.threadId,
    why: 'tidemark.yaml names you as owner of this test',
  }),
  'job-failure': mailOf([OUT_OF_MEMORY], {
    threadId: OUT_OF_MEMORY.episode.threadId,
    why: 'this test has no owner in tidemark.yaml and alerting.fallback names you',
    command: 'tidemark --state /var/tidemark',
  }),
  recovered: mailOf([RECOVERED], { date: NIGHT + 6 * DAY + 20 * 60_000 }),
  'late-run': mailOf([LATE]),
  better: mailOf([BETTER]),
  'several-of-one-test': mailOf(
    [AGAIN, NAN, changed(RECOVERED, { episode: { testName: FELL.episode.testName } })],
    {
      stillOpen: [{ ...FELL.episode, signal: 'metric:eval_accuracy_final', badTotal: 12 }],
    },
  ),
  'other-news': mailOf([NEW_NORMAL, FLAPPING, ESCALATED, ACCEPTED, ACK_ENDED], {
    silences: WEEK.silences,
  }),
  digest: mailOf([...many(4), OUT_OF_MEMORY, RECOVERED], { kind: 'digest', threadId: null }),
  'many-tests': mailOf(many(123), { kind: 'digest', threadId: null }),
  incident: mailOf(many(41), {
    kind: 'incident',
    threadId: 'incident-7',
    cause: { label: 'image', value: 'jax-nightly:1118', incidentId: 'incident-7' },
  }),
  reminder: mailOf([NOTE, changed(OUT_OF_MEMORY, { notice: { kind: 'reminder', at: NIGHT + 4 * DAY } })], {
    kind: 'reminder',
    threadId: null,
  }),
  weekly: WEEK,
  'weekly-all-well': {
    ...WEEK,
    silences: [],
    week: {
      ...WEEK.week,
      open: [],
      fired: [],
      closed: [],
      noise: [],
      noisyRules: [],
      learning: [],
      unrouted: [],
    },
  },
  'hostile-names': mailOf([HOSTILE], { threadId: HOSTILE.episode.threadId, configFile: 'conf/<x>.yaml' }),
};
