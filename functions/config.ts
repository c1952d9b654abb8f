import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Clusters } from '../shared/core/cluster-refusal.ts';
import { policyOf } from '../shared/core/delivery/policy-of.ts';
import type { ChannelConfig } from '../shared/core/schema/channel.ts';
import type { ClusterConfig } from '../shared/core/schema/cluster.ts';
import type { ConfigFile } from '../shared/core/schema/config.ts';
import type { GateConfig } from '../shared/core/schema/gate.ts';
import type { TestConfig } from '../shared/core/schema/test-config.ts';
import type { Settings } from '../shared/pipeline/context.ts';
import { shellWord } from '../shared/render/shell.ts';
import { UsageError } from './errors.ts';
import { isUrl } from './is-url.ts';

/** Flags that stand before or after every command. */
export interface GlobalFlags {
  readonly state?: string;
  readonly config?: string;
  readonly queue?: string;
  readonly history?: string;
  readonly mail?: string;
  readonly lease?: string;
  readonly now?: string;
}

/** Everything that is set, whoever set it: flags beat environment, environment beats the config file. */
export interface Setup extends Settings {
  readonly state: string;
  readonly queue: string;
  readonly history: string;
  readonly mail: string;
  /** What lets one tick at a time work; undefined: a lock beside the history. */
  readonly lease: string | undefined;
  /** The only places and clusters that a message may point at; undefined: nobody said. */
  readonly modelRoots: readonly string[] | undefined;
  readonly clusters: Clusters | undefined;
  /** URLs of the servers that sources ask, by name; none holds a password. */
  readonly connections: ReadonlyMap<string, string>;
  /** Other ways to be told than mail, by name. */
  readonly channels: ReadonlyMap<string, ChannelConfig>;
  /** Who may ask the gate what; undefined: nobody said. */
  readonly gate: GateConfig | undefined;
  /** Fetched after every finished tick. */
  readonly ping: string | undefined;
  /** The config file that was read; null when there is none. */
  readonly configPath: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const CONFIG_NAMES = ['tidemark.yaml', 'tidemark.yml', 'tidemark.json'];
const DEFAULT_STATE = '.tidemark';
const DEFAULT_FROM = 'tidemark@localhost';

/** Reads the config file, if there is one, and merges all settings. Throws UsageError with every mistake in it. */
export async function loadSetup(flags: GlobalFlags, env: Environment): Promise<Setup> {
  const path = configPath(flags.config ?? env.TIDEMARK_CONFIG);
  const file = path === null ? {} : await readConfig(path);
  const beside = (value: string | undefined) => relativeTo(path, value);
  const state = flags.state ?? env.TIDEMARK_STATE ?? beside(file.state) ?? DEFAULT_STATE;
  const setting = (name: 'queue' | 'history' | 'mail' | 'lease') =>
    flags[name] ?? env[`TIDEMARK_${name.toUpperCase()}`] ?? besideUrl(path, file[name]);
  return {
    state,
    queue: setting('queue') ?? `spool:${join(state, 'spool')}`,
    history: setting('history') ?? `sqlite:${join(state, 'tidemark.db')}`,
    mail: setting('mail') ?? `eml:${join(state, 'mail')}`,
    lease: setting('lease'),
    tests: testsOf(file),
    from: file.alerting?.from ?? DEFAULT_FROM,
    fallback: file.alerting?.fallback ?? [],
    policy: policyOf(file.alerting),
    connections: new Map(Object.entries(file.connections ?? {})),
    channels: new Map(Object.entries(file.alerting?.channels ?? {})),
    gate: file.gate,
    ping: file.alerting?.ping,
    modelRoots: file.model_roots?.map((root) => beside(root)!),
    clusters: file.clusters === undefined ? undefined : clustersOf(file.clusters, beside),
    configPath: path,
    configFile: path ?? CONFIG_NAMES[0]!,
    command: commandOf(flags),
  };
}

function testsOf(file: ConfigFile): Map<string, TestConfig> {
  return new Map(Object.entries(file.tests ?? {}).map(([name, test]) => [name, test ?? {}]));
}

/** Files that a cluster's entry names are meant from where the config file lies. */
function clustersOf(
  clusters: NonNullable<ConfigFile['clusters']>,
  beside: (path: string | undefined) => string | undefined,
): Clusters {
  const placed = (cluster: ClusterConfig): ClusterConfig => {
    const files = (['ca_file', 'token_file', 'kubeconfig'] as const).flatMap((key) =>
      cluster[key] === undefined ? [] : [[key, beside(cluster[key])]],
    );
    return { ...cluster, ...Object.fromEntries(files) };
  };
  return Object.fromEntries(
    Object.entries(clusters).map(([name, cluster]) => [name, cluster === null ? null : placed(cluster)]),
  );
}

function configPath(named: string | undefined): string | null {
  if (named === undefined) return CONFIG_NAMES.find((name) => existsSync(name)) ?? null;
  if (!existsSync(named)) throw new UsageError(`Cannot read config ${named}: there is no such file`);
  return named;
}

async function readConfig(path: string): Promise<ConfigFile> {
  const { readConfigFile } = await import('./config-file.ts');
  const read = readConfigFile(path);
  if (read.ok) return read.value;
  const lines = read.problems.map(({ text }) => `  ${text}`);
  throw new UsageError(`Cannot use config ${path}:\n${lines.join('\n')}`);
}

/** A path in a config file is meant from where the file lies. */
function relativeTo(configFile: string | null, value: string | undefined): string | undefined {
  if (value === undefined || configFile === null || isUrl(value)) return value;
  return resolve(dirname(configFile), value);
}

const PATH_SCHEMES = /^(spool|sqlite|eml):(.+)$/;

function besideUrl(configFile: string | null, url: string | undefined): string | undefined {
  const [, scheme, path] = PATH_SCHEMES.exec(url ?? '') ?? [];
  return path === undefined ? url : `${scheme}:${relativeTo(configFile, path)}`;
}

/** What a person types to reach the same state again. */
function commandOf(flags: GlobalFlags): string {
  const kept = (['state', 'config', 'history'] as const).flatMap((name) => {
    const value = flags[name];
    return value === undefined ? [] : [`--${name}`, shellWord(value)];
  });
  return ['tidemark', ...kept].join(' ');
}
