import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { reasonOf } from '../../shared/pipeline/send.ts';
import type { Environment } from '../config.ts';
import { openModelRegistry } from '../remote-sources.ts';
import type { Kept } from './handler.ts';

/** What a version's tag is set with. */
export interface TagDeps {
  readonly tests: ReadonlyMap<string, TestConfig>;
  readonly connections: ReadonlyMap<string, string>;
  readonly env: Environment;
  readonly warn: (sentence: string) => void;
}

/** MLflow's own pages name the tag so where a version is validated before its alias moves. */
const TAG = 'validation_status';
const REMEMBERED = 10_000;

/**
 * Tells the registry of MLflow, where the test names a model there, what was decided about a version. Never rejects: a
 * verdict that could not be told is one all the same, and is told with the next answer. Of a process that answers for
 * long each answer is told once, until there is another about the same version.
 */
export function modelTagger({ tests, connections, env, warn }: TagDeps): (verdict: Kept) => Promise<void> {
  const told = new Map<string, string>();
  return async ({ data }) => {
    const { verdict, version, test_name: test } = data;
    const wanted = tests.get(test)?.mlflow_model;
    if (wanted === undefined || verdict === 'pending') return;
    const { connection, model } = wanted;
    const key = JSON.stringify([test, version]);
    if (told.get(key) === verdict) return;
    // Before the first await, so that of many at one time one asks.
    told.delete(key);
    told.set(key, verdict);
    const [oldest] = told.keys();
    if (told.size > REMEMBERED && oldest !== undefined) told.delete(oldest);
    try {
      const registry = await openModelRegistry(connection, { connections, env });
      await registry.tag({ model, version, key: TAG, value: verdict });
    } catch (error) {
      if (told.get(key) === verdict) told.delete(key);
      warn(`MLflow was not told of a verdict: ${reasonOf(error)}`);
    }
  };
}
