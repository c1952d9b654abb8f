import type { Check } from '../shared/ports/check.ts';
import { PortError } from '../shared/ports/error.ts';
import { isEmbedded, standInOfBigQuery, standInOfStorage } from './adapters.ts';
import type { Environment, Setup } from './config.ts';
import { UsageError } from './errors.ts';
import { isGcs, isS3, s3Settings } from './event-files.ts';
import { smtpPassword } from './ports.ts';
import { connectionChecks } from './remote-sources.ts';

/** Some checks that belong together; `what` is said of them if they do not end. */
export interface CheckGroup {
  readonly what: string;
  readonly run: () => Promise<readonly Check[]>;
}

/** Nobody waits longer for a service that does not answer. */
const PATIENCE_MS = 15_000;

/** Whatever goes wrong with one group, and waiting too long for it, is a line of its own and costs no other. */
export async function runChecks(
  { what, run }: CheckGroup,
  patienceMs = PATIENCE_MS,
): Promise<readonly Check[]> {
  const late = Promise.withResolvers<readonly Check[]>();
  const detail = `no answer within ${patienceMs / 1000} s: look at the network and at the address`;
  const timer = setTimeout(() => late.resolve([{ what, state: 'bad', detail }]), patienceMs);
  try {
    return await Promise.race([run(), late.promise]);
  } catch (error) {
    if (!(error instanceof PortError || error instanceof UsageError)) throw error;
    return [{ what, state: 'bad', detail: error.message }];
  } finally {
    clearTimeout(timer);
  }
}

/** What a setup needs outside of this machine, grouped by who is asked. Everything is loaded when it is run. */
export function remoteChecks(setup: Setup, env: Environment): CheckGroup[] {
  const { queue, history, mail, lease, clusters } = setup;
  const roots = setup.modelRoots?.filter(isGcs) ?? [];
  const inS3 = setup.modelRoots?.filter(isS3) ?? [];
  const isLeased = lease !== undefined && isGcs(lease);
  return [
    ...(queue.startsWith('pubsub:') ? [{ what: 'queue', run: () => queueChecks(queue) }] : []),
    ...(isEmbedded(history) ? [] : [{ what: 'history', run: () => historyChecks(history, env) }]),
    ...(/^smtps?:/.test(mail) ? [{ what: 'mail server', run: () => mailChecks(setup, env) }] : []),
    ...(roots.length === 0 && !isLeased
      ? []
      : [
          {
            what: 'Cloud Storage',
            run: () => objectChecks({ roots, lease: isLeased ? lease : undefined }, env),
          },
        ]),
    ...(inS3.length === 0 ? [] : [{ what: 'S3', run: () => s3Roots(inS3, env) }]),
    ...(setup.connections.size === 0
      ? []
      : [{ what: 'connections', run: () => connectionChecks(setup, env) }]),
    ...(setup.channels.size === 0 ? [] : [{ what: 'channels', run: () => channelsOf(setup, env) }]),
    ...(clusters === undefined ? [] : [{ what: 'clusters', run: () => clusterRights(clusters) }]),
  ];
}

async function queueChecks(url: string): Promise<readonly Check[]> {
  const [{ pubSubChecks }, { pubSubPlace }] = await Promise.all([
    import('../shared/adapters/pubsub/check.ts'),
    import('../shared/adapters/pubsub/place.ts'),
  ]);
  return pubSubChecks(pubSubPlace(url));
}

async function historyChecks(url: string, env: Environment): Promise<readonly Check[]> {
  const [{ bigQueryChecks }, { bigQueryPlace }] = await Promise.all([
    import('../shared/adapters/bigquery/check.ts'),
    import('../shared/adapters/bigquery/place.ts'),
  ]);
  const { project, dataset, location } = bigQueryPlace(url);
  return bigQueryChecks({ projectId: project, dataset, location, ...(await standInOfBigQuery(env)) });
}

async function mailChecks({ mail, from }: Setup, env: Environment): Promise<readonly Check[]> {
  const { smtpChecks } = await import('../shared/adapters/smtp/check.ts');
  const password = smtpPassword(env);
  return smtpChecks({ url: mail, from, ...(password === undefined ? {} : { password }) });
}

async function channelsOf({ channels }: Setup, env: Environment): Promise<readonly Check[]> {
  const { channelChecks } = await import('./channels.ts');
  // Nothing is signed here, so no clock is needed.
  return channelChecks({ channels, env, now: () => 0 });
}

async function objectChecks(
  places: { readonly roots: readonly string[]; readonly lease: string | undefined },
  env: Environment,
): Promise<readonly Check[]> {
  const { storageChecks } = await import('../shared/adapters/gcs/check.ts');
  return storageChecks({ ...places, ...standInOfStorage(env) });
}

async function s3Roots(roots: readonly string[], env: Environment): Promise<readonly Check[]> {
  const { s3Checks } = await import('../shared/adapters/s3/check.ts');
  return s3Checks({ roots, ...(await s3Settings(env)) });
}

async function clusterRights(clusters: NonNullable<Setup['clusters']>): Promise<readonly Check[]> {
  const [{ clusterChecks }, { readYamlFile }] = await Promise.all([
    import('../shared/adapters/kubernetes/check.ts'),
    import('./config-file.ts'),
  ]);
  return clusterChecks({ clusters, readYaml: async (path) => readYamlFile(path) });
}

/** What only the function needs, told wherever a part of the setup is not on this machine. */
export function functionChecks(setup: Setup): Check[] {
  const { queue, history, lease, modelRoots, clusters, fallback, mail } = setup;
  const isRemote = !queue.startsWith('spool:') || !isEmbedded(history);
  if (!isRemote) return [];
  const missing: Check[] = [];
  const note = (what: string, detail: string) => missing.push({ what, state: 'note', detail });
  if (modelRoots === undefined)
    note(
      'model_roots',
      'not in the config: any place may be read that a message names; the function refuses to start',
    );
  if (clusters === undefined)
    note(
      'clusters',
      'not in the config: no Job is asked for its end; the function refuses to start without the list',
    );
  if (fallback.length === 0)
    note('alerting.fallback', 'empty: alerts of a test without an owner reach nobody');
  if (mail.startsWith('eml:'))
    note(
      'mail',
      'mails are written as files, which a function loses; set TIDEMARK_MAIL to smtp://USER@HOST:587',
    );
  if (lease === undefined && !isEmbedded(history))
    missing.push({
      what: 'lease',
      state: 'bad',
      detail: 'no tick works on BigQuery without one: set TIDEMARK_LEASE to gs://BUCKET/OBJECT',
    });
  return missing;
}
