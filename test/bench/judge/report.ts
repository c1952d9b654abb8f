import { eDivisive, OTAVA } from '../../../shared/core/judging/change-points/e-divisive.ts';
import { changePoints } from '../../../shared/core/judging/change-points/segments.ts';
import { renderMarkdown } from '../markdown.ts';
import { figureTable } from '../table.ts';
import { calibrationTable } from './calibration.ts';
import { asked, PEERS, type Peer } from './peers.ts';
import { figuresOf, score } from './score.ts';
import { covering, f1, truthOf } from './segmentation.ts';
import { speedFigures } from './speed.ts';
import { type Case, suite } from './suite.ts';

/** How much is measured, and on which seeds: never those that the rule was tuned on, 11 to 17. */
export interface JudgeSizes {
  readonly seeds: readonly number[];
  readonly decks: number;
  readonly repeats: number;
  readonly tiny: boolean;
}

export const FULL: JudgeSizes = { seeds: [201, 202, 203, 204, 205], decks: 3, repeats: 20_000, tiny: false };
export const TINY: JudgeSizes = { seeds: [201], decks: 1, repeats: 20, tiny: true };

/** Families of the published comparison that a formula makes: change points are scored on these. */
const SIMULATED = [
  'gaussian',
  'student3',
  'log-normal',
  'AR(.3)',
  'AR(.6)',
  'bimodal',
  'quantized',
  'spikes 2 %',
  'gaps',
];

type Figures = ReturnType<typeof figuresOf>;
const SHARES = [
  '1≤7',
  '2≤7',
  '3≤1',
  '3≤3',
  '3≤7',
  '5≤1',
  '5≤3',
  'drift',
  'better',
  'lone',
  'verdict 5≤1',
] as const;

/** All tables of judging, as Markdown; tells what it is at. */
export function judgeReport(sizes: JudgeSizes, tell: (line: string) => void): string {
  const { seeds, decks } = sizes;
  const [first] = seeds;
  const made = (families: 'tuned' | 'unseen' | 'flat', of: readonly number[]) =>
    of.flatMap((seed) => suite({ seed, decks, families }));
  tell('rules side by side');
  const peers = peerTable(made('tuned', [first!]), made('flat', [first!]), sizes);
  tell('auto, seed by seed and family by family');
  return [
    `### Rules side by side, seed ${first}`,
    peers,
    `### The recommended rule, seed by seed`,
    seedTable(sizes),
    `### The recommended rule by family, seeds ${seeds.join(', ')}`,
    familyTable([...made('tuned', seeds), ...made('unseen', seeds)]),
    `### Change points, seeds ${seeds.slice(0, 2).join(', ')}, margin 5`,
    segmentTable(made('tuned', seeds.slice(0, 2))),
    `### Alerts of single conditions on quiet noise, in percent of runs, ${sizes.repeats} histories each`,
    calibrationTable(sizes.repeats, first!),
    '### Speed, one thread, processor time',
    figureTable(speedFigures(sizes)),
  ].join('\n\n');
}

function cells(figures: Figures): string[] {
  return [
    figures.FA.toFixed(2),
    ...SHARES.map((key) => shown(figures[key])),
    shown(figures['per incident']),
    figures['wrong way'].toFixed(1),
    shown(figures.NaN),
    figures['quiet fails'].toFixed(1),
    figures.delays.map((delay) => (Number.isFinite(delay) ? delay : '–')).join('/'),
  ];
}

const HEAD = ['FA', ...SHARES, 'per incident', 'wrong way', 'NaN', 'quiet fails', 'delay 2/3/5'].map(
  (title) => ({ title, align: 'right' as const }),
);

function shown(share: number): string {
  if (Number.isNaN(share)) return '';
  return share >= 1 ? share.toFixed(2) : share.toFixed(2).replace(/^0/, '');
}

function peerTable(cases: readonly Case[], flat: readonly Case[], { tiny }: JudgeSizes): string {
  const rows = PEERS.map(({ title, rule, slow }: Peer) => {
    const some = slow === true || tiny ? cases.filter((_, index) => index % 6 === 0) : cases;
    const { all } = score(asked(rule), some);
    const quiet = score(asked(rule), flat).all;
    return [title, ...cells(figuresOf(all)), ((1000 * quiet.falseAlerts) / quiet.quiet).toFixed(1)];
  });
  return renderMarkdown([{ title: 'Rule' }, ...HEAD, { title: 'flat', align: 'right' }], rows);
}

function seedTable({ seeds, decks }: JudgeSizes): string {
  const auto = asked('auto');
  const rows = (['tuned', 'unseen'] as const).flatMap((families) => [
    ...seeds.map((seed) => [
      families,
      String(seed),
      ...cells(figuresOf(score(auto, suite({ seed, decks, families })).all)),
    ]),
    [
      families,
      'all',
      ...cells(
        figuresOf(
          score(
            auto,
            seeds.flatMap((seed) => suite({ seed, decks, families })),
          ).all,
        ),
      ),
    ],
  ]);
  return renderMarkdown([{ title: 'Families' }, { title: 'Seed' }, ...HEAD], rows);
}

function familyTable(cases: readonly Case[]): string {
  const { families } = score(asked('auto'), cases);
  return renderMarkdown(
    [{ title: 'Family' }, { title: 'quiet runs', align: 'right' }, ...HEAD],
    [...families].map(([family, tally]) => [family, String(tally.quiet), ...cells(figuresOf(tally))]),
  );
}

function segmentTable(all: readonly Case[]): string {
  const cases = all.filter((one) => SIMULATED.includes(one.family) && truthOf(one) !== null);
  const finders: readonly [string, (values: number[]) => number[]][] = [
    ['never a change', () => []],
    ['Otava p .001', (values) => eDivisive(values, OTAVA).map(({ index }) => index)],
    ['Otava p .0001', (values) => eDivisive(values, { ...OTAVA, mostP: 1e-4 }).map(({ index }) => index)],
    [
      'E-divisive corrected, p .0001',
      (values) =>
        eDivisive(values, { ...OTAVA, mostP: 1e-4, divisor: 'n-1', leastPiece: 3, asOtava: false }).map(
          ({ index }) => index,
        ),
    ],
    ['**changePoints()**', (values) => changePoints(values).map(({ index }) => index)],
  ];
  const rows = finders.map(([title, find]) => {
    let [fs, covers] = [0, 0];
    for (const one of cases) {
      const known = one.values.flatMap((value, index) =>
        value !== null && Number.isFinite(value) ? [index] : [],
      );
      const found = find(known.map((index) => one.values[index]!)).map((at) => known[at]!);
      fs += f1(truthOf(one)!, found);
      covers += covering(truthOf(one)!, found, one.values.length);
    }
    return [title, (fs / cases.length).toFixed(3), (covers / cases.length).toFixed(3), String(cases.length)];
  });
  return renderMarkdown(
    [
      { title: 'Finder' },
      { title: 'F1', align: 'right' },
      { title: 'Covering', align: 'right' },
      { title: 'Series', align: 'right' },
    ],
    rows,
  );
}
