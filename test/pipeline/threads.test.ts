// Which mail is in which conversation: what its subject says, and what it answers.
import { expect, test } from 'vitest';
import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { formatTime } from '../../shared/core/time.ts';
import { day, finished, type Message, named, started } from '../support/messages.ts';
import { makeWorld, NO_REMINDERS, settingsOf, type World } from '../support/world.ts';

const OWNER = { owner: 'owner@example.com' };
const LOSS = { loss: { comparison: 'less', success_threshold: { fixed_value: 2 } } } as const;
const WATCHED: TestConfig = { ...OWNER, regression_test_config: { metric_success_conditions: LOSS } };

/** A run of the night before day `n`, half an hour long. */
function night(n: number, fields: Readonly<Record<string, number | string>> = { loss: 1 }): Message {
  const about = { test: 'nightly', run: `n${n}`, at: day(n, 2) };
  const { outcome = 'success', ...metrics } = fields;
  return finished(about, `${outcome}`, { started_at: formatTime(day(n, 1.5)), metrics: named(metrics) });
}

function worldOf(config: TestConfig): World {
  return makeWorld(settingsOf({ nightly: config }, { policy: NO_REMINDERS }));
}

async function aWeek(world: World): Promise<void> {
  for (let n = 1; n <= 7; n++) await world.tickAt(day(n, 3), night(n));
}

/** A mail as a filter sees it: subject, states of its sections, and the letters of the roots that it answers. */
function mailsOf({ mailer }: World): string[] {
  const roots: string[] = [];
  const letter = (root: string) => {
    if (!roots.includes(root)) roots.push(root);
    return 'ABCDEF'[roots.indexOf(root)];
  };
  return mailer.sent.map(({ subject, text, headers }) => {
    const answers = (headers.References ?? '').split(' ').map(letter).join('');
    const states = text.match(/^(?:FIRING AGAIN|FIRING|WORSE|RECOVERED)(?= · |$)/gm) ?? [];
    return `${answers} ${subject}: ${states.join(', ')}`;
  });
}

test('a run that does not end and then fails: one mail, found under [critical], which ends the outage too', async () => {
  const world = worldOf({ ...OWNER, max_duration: '2h' });
  await aWeek(world);
  await world.tickAt(day(8, 3), started({ test: 'nightly', run: 'n8', at: day(8, 1.5) }));
  await world.tickAt(day(8, 4));
  await world.tickAt(day(8, 9), finished({ test: 'nightly', run: 'n8', at: day(8, 8) }, 'failure'));
  await world.tickAt(day(9, 3), night(9));
  expect(mailsOf(world)).toEqual([
    'A [warning] nightly · schedule not kept: FIRING',
    'AB [critical] nightly · job failed: FIRING, RECOVERED',
    'B [critical] nightly · job failed: RECOVERED',
  ]);
});

test('a run that comes late and fails: one mail, too', async () => {
  const world = worldOf(OWNER);
  await aWeek(world);
  await world.tickAt(day(8, 4));
  await world.tickAt(day(8, 9), finished({ test: 'nightly', run: 'n8', at: day(8, 8) }, 'failure'));
  expect(mailsOf(world)).toEqual([
    'A [warning] nightly · schedule not kept: FIRING',
    'AB [critical] nightly · job failed: FIRING, RECOVERED',
  ]);
  const [, both] = world.mailer.sent;
  expect(both!.headers).toMatchObject({ 'X-Tidemark-State': 'firing', 'X-Tidemark-Severity': 'critical' });
  // What programs take for the mail that is answered is the root of its own thread.
  expect(both!.headers.References!.endsWith(` ${both!.headers['In-Reply-To']}`)).toBe(true);
});

test('a run that comes late and has a bad metric: its mail ends the outage, and has a thread of its own', async () => {
  const world = worldOf(WATCHED);
  await aWeek(world);
  await world.tickAt(day(8, 4));
  await world.tickAt(
    day(8, 9),
    finished({ test: 'nightly', run: 'n8', at: day(8, 8) }, 'success', { metrics: named({ loss: 3 }) }),
  );
  expect(mailsOf(world)).toEqual([
    'A [warning] nightly · schedule not kept: FIRING',
    'AB [warning] nightly · loss +200 %: FIRING, RECOVERED',
  ]);
});

test('a run that comes late and is good ends the outage in its own thread', async () => {
  const world = worldOf(OWNER);
  await aWeek(world);
  await world.tickAt(day(8, 4));
  await world.tickAt(day(8, 9), finished({ test: 'nightly', run: 'n8', at: day(8, 8) }, 'success'));
  expect(mailsOf(world)).toEqual([
    'A [warning] nightly · schedule not kept: FIRING',
    'A [warning] nightly · schedule not kept: RECOVERED',
  ]);
});

test('an outage that nobody was told of yet ends in no mail about something else', async () => {
  const world = makeWorld(settingsOf({ nightly: OWNER }, { policy: NO_REMINDERS }), {
    results: [{ kind: 'retry', detail: '451' }],
  });
  await aWeek(world);
  await world.tickAt(day(8, 4));
  await world.tickAt(day(8, 9), finished({ test: 'nightly', run: 'n8', at: day(8, 8) }, 'failure'));
  expect(mailsOf(world)).toEqual([
    'A [warning] nightly · schedule not kept: FIRING',
    'B [critical] nightly · job failed: FIRING',
    'A [warning] nightly · schedule not kept: RECOVERED',
  ]);
});

test('what becomes critical goes on, and ends, under a subject that says so', async () => {
  const world = worldOf(WATCHED);
  await aWeek(world);
  await world.tickAt(day(8, 3), night(8, { loss: 3 }));
  await world.tickAt(day(9, 3), night(9, { loss: 'NaN' }));
  await world.tickAt(day(10, 3), night(10));
  await world.tickAt(day(11, 3), night(11));
  expect(mailsOf(world)).toEqual([
    'A [warning] nightly · loss +200 %: FIRING',
    'B [critical] nightly · loss +200 %: WORSE',
    'B [critical] nightly · loss +200 %: RECOVERED',
  ]);
});

test('what began in one run of different severities shares one mail and one thread, also when it ends', async () => {
  const world = worldOf({
    ...OWNER,
    regression_test_config: {
      metric_success_conditions: {
        ...LOSS,
        acc: { comparison: 'greater', success_threshold: { fixed_value: 0.5 }, severity: 'critical' },
      },
    },
  });
  await world.tickAt(day(1, 3), night(1, { loss: 1, acc: 0.9 }));
  await world.tickAt(day(2, 3), night(2, { loss: 3, acc: 0.1 }));
  await world.tickAt(day(3, 3), night(3, { loss: 1, acc: 0.9 }));
  await world.tickAt(day(4, 3), night(4, { loss: 1, acc: 0.9 }));
  expect(mailsOf(world)).toEqual([
    'A [critical] nightly · acc −88.9 %: FIRING, FIRING',
    'A [critical] nightly · acc −88.9 %: RECOVERED',
    'A [critical] nightly · acc −88.9 %: RECOVERED',
  ]);
});
