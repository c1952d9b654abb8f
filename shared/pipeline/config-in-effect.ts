import { digestOfConfigRecord, threadOfConfig } from '../core/config-record.ts';
import { digestOf } from '../core/digest.ts';
import { type EffectiveConfig, effectiveConfig } from '../core/effective-config.ts';
import { canonicalJson } from '../core/json.ts';
import { learntEvent } from '../core/parse-message.ts';
import type { Run } from '../core/run.ts';
import type { RunEvent } from '../core/run-event.ts';
import type { TestConfig } from '../core/schema/test-config.ts';
import type { EventStore } from '../ports/history.ts';

export interface ConfigInEffect {
  readonly config: EffectiveConfig;
  readonly fileConfig: TestConfig | null;
  /** The rows that record it; empty when it was recorded before. */
  readonly learnt: readonly RunEvent[];
}

/** Where configs come from: the file's tests as they are now, and those recorded with earlier runs. */
export interface ConfigSource {
  readonly tests: ReadonlyMap<string, TestConfig>;
  readonly history: EventStore;
  /** Texts already looked up, by digest; shared by all runs of a pass. */
  readonly known: Map<string, TestConfig | null>;
}

/**
 * The config a run is judged by. The file's part is that of the run's first judging, recorded once by digest,
 * so that judging again, for whatever reason and however the file changed since, gives the same rows.
 */
export async function configInEffect(
  run: Run,
  events: readonly RunEvent[],
  source: ConfigSource,
): Promise<ConfigInEffect> {
  const { messageConfig, configErrors } = run;
  const recorded = events.find(({ kind, id }) => kind === 'config' && id === `config/${run.runId}`);
  if (recorded !== undefined) {
    const digest = digestOfConfigRecord(recorded.body);
    const fileConfig = digest === null ? null : await configText(digest, source);
    return { config: effectiveConfig({ messageConfig, configErrors, fileConfig }), fileConfig, learnt: [] };
  }
  const fileConfig = run.isJudgedElsewhere ? null : (source.tests.get(run.testName) ?? null);
  return {
    config: effectiveConfig({ messageConfig, configErrors, fileConfig }),
    fileConfig,
    learnt: recordOf(run, fileConfig, source.known),
  };
}

/** To be called when the rows of a run are written: its config's text need not be written again. */
export function rememberConfig({ learnt, fileConfig }: ConfigInEffect, known: ConfigSource['known']): void {
  for (const { kind, id } of learnt) {
    if (kind === 'config-text') known.set(id.slice('config-text/'.length), fileConfig);
  }
}

function recordOf(run: Run, fileConfig: TestConfig | null, known: ConfigSource['known']): RunEvent[] {
  const { thread, testName, runId } = run;
  const digest = fileConfig === null ? null : digestOfConfig(fileConfig);
  const time = run.startedAt ?? run.publishTime;
  const rows = [learntEvent({ kind: 'config', thread, testName, id: runId, time, body: { digest } })];
  if (digest !== null && !known.has(digest)) {
    const body = fileConfig;
    rows.push(
      learntEvent({
        kind: 'config-text',
        thread: threadOfConfig(digest),
        testName,
        id: digest,
        time: 0,
        body,
      }),
    );
  }
  return rows;
}

/** All runs of a test share one config; its text is long next to everything else of a run. */
const digests = new WeakMap<TestConfig, string>();

function digestOfConfig(config: TestConfig): string {
  const known = digests.get(config);
  if (known !== undefined) return known;
  const digest = digestOf('config', canonicalJson(config));
  digests.set(config, digest);
  return digest;
}

async function configText(digest: string, { history, known }: ConfigSource): Promise<TestConfig | null> {
  const standing = known.get(digest);
  if (standing !== undefined) return standing;
  const thread = threadOfConfig(digest);
  const [event] = (await history.eventsOf([thread])).get(thread) ?? [];
  const config = event === undefined ? null : (JSON.parse(event.body) as TestConfig);
  known.set(digest, config);
  return config;
}
