import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { recordAnswers } from './answers.ts';
import { type Api, openApi } from './api.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { type Json, openStage } from './stage.ts';
import { TOKENS } from './stand-in.ts';

const FOLDER = resolve(import.meta.dirname, '../../test/fixtures/kubernetes');

/** Plays every scenario on the cluster of the environment and writes what its API server then lists. */
export async function record(environment: Readonly<Record<string, string>>): Promise<number> {
  const place = {
    endpoint: environment.TIDEMARK_TEST_KUBERNETES!,
    ca: environment.TIDEMARK_TEST_KUBERNETES_CA!,
  };
  const api = openApi({ ...place, token: TOKENS.admin });
  const { gitVersion } = await api.demand('GET', '/version');
  mkdirSync(FOLDER, { recursive: true });
  for (const scenario of SCENARIOS) {
    const recorded = await recordScenario(api, scenario);
    write(`${scenario.name}.json`, { kubernetes: gitVersion, ...recorded });
    console.log(`recorded ${scenario.name}`);
  }
  write('answers.json', {
    kubernetes: gitVersion,
    ...(await recordAnswers(place, environment.TIDEMARK_TEST_KUBERNETES_ETCD!)),
  });
  return 0;
}

async function recordScenario(api: Api, { name, play }: Scenario) {
  const stage = await openStage(api, name);
  const knownAt = new Date().toISOString();
  const { jobName, jobUid } = await play(stage);
  const list = (path: string) => api.demand('GET', `${path}?limit=500`);
  const jobs = await list(`/apis/batch/v1/namespaces/${name}/jobs`);
  const pods = await list(`/api/v1/namespaces/${name}/pods`);
  return { jobName, jobUid, knownAt, jobs: withoutManagers(jobs), pods: withoutManagers(pods) };
}

/** `managedFields` is a third of every object and says only who wrote which field. */
function withoutManagers(list: Json): Json {
  const items = (list.items as Json[]).map((item) => {
    const { managedFields: _, ...metadata } = item.metadata as Json;
    return { ...item, metadata };
  });
  return { ...list, items };
}

function write(file: string, content: unknown): void {
  writeFileSync(join(FOLDER, file), `${JSON.stringify(content, null, 1)}\n`);
}
