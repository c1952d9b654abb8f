import type { Children } from './children.ts';
import { firstLine, type Step } from './report.ts';
import { type StandIn, workshop } from './stand-in.ts';
import { MissingToolError } from './tools.ts';

/** What became of the stand-ins: one step each, and what the tests have to know. */
export interface BroughtUp {
  readonly steps: readonly Step[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface Place {
  /** The folder of this run: logs and whatever a stand-in writes. */
  readonly folder: string;
  readonly cache: string;
  readonly children: Children;
}

/**
 * Makes and starts the stand-ins, all at once, and tells each as it stands. Those not in `only` are left out.
 * Never throws: what goes wrong with one of them is its step.
 */
export async function bringUp(
  standIns: readonly StandIn[],
  only: readonly string[] | null,
  place: Place,
): Promise<BroughtUp> {
  const wanted = (standIn: StandIn) => only === null || only.includes(standIn.name);
  const results = await Promise.all(
    standIns.map((standIn) => (wanted(standIn) ? bringUpOne(standIn, place) : leaveOut(standIn))),
  );
  const absent = results.flatMap(({ step }, index) =>
    step.outcome === 'passed' ? [] : [standIns[index]?.name ?? ''],
  );
  return {
    steps: results.map(({ step }) => step),
    environment: Object.assign(
      {
        TIDEMARK_TEST_ABSENT: absent.join(','),
        // Without this the clients look for Google's metadata server, stand-in or not.
        METADATA_SERVER_DETECTION: 'none',
      },
      ...results.map(({ environment }) => environment),
    ),
  };
}

interface One {
  readonly step: Step;
  readonly environment: Readonly<Record<string, string>>;
}

async function bringUpOne(standIn: StandIn, place: Place): Promise<One> {
  const { name } = standIn;
  const started = performance.now();
  const step = (outcome: Step['outcome'], words: string, version = standIn.version): Step => ({
    name,
    version,
    outcome,
    seconds: (performance.now() - started) / 1000,
    words,
  });
  try {
    const { how, start, version } = await standIn.prepare(workshop(standIn.name, place));
    // Once more, because a port that was free may have been taken before the server came to it.
    const environment = await start().catch(start);
    const ready = step('passed', how, version);
    console.log(`── ${name} ${ready.version}: ready after ${ready.seconds.toFixed(1)} s, ${how}`);
    return { step: ready, environment };
  } catch (error) {
    const isMissing = error instanceof MissingToolError;
    console.error(`── ${name}: ${isMissing ? 'could not run' : 'FAILED'}: ${(error as Error).message}`);
    return { step: step(isMissing ? 'could not run' : 'FAILED', firstLine(error)), environment: {} };
  }
}

function leaveOut({ name, version }: StandIn): One {
  return {
    step: { name, version, outcome: 'left out', seconds: 0, words: '' },
    environment: {},
  };
}
