import { dirname, resolve } from 'node:path';
import { isObject } from '../../core/json.ts';
import { isEndpoint } from '../../core/schema/cluster.ts';
import { PortError } from '../../ports/error.ts';
import { type Credentials, fixedToken, NOBODY, textOf, tokenFile } from './credentials.ts';

/** Everything that a connection needs; certificates and keys are PEM. */
export interface Access {
  readonly endpoint: URL;
  readonly credentials: Credentials;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that the server's certificate has to carry, where it is not the endpoint's. */
  readonly servername?: string;
}

/** Where a kubeconfig lies, and what its text says. */
export interface KubeconfigSource {
  readonly path: string;
  readonly content: unknown;
  /** Null: its `current-context`. */
  readonly context: string | null;
}

/** Ways to log in that would run a program, or that no cluster takes any more. */
const NOT_TAKEN: Readonly<Record<string, string>> = {
  exec: 'a program to run (exec)',
  'auth-provider': 'an auth-provider',
  username: 'a user name and password',
};

/**
 * The part of a kubeconfig (`v1`) that leads to one cluster: `server`, its authority, and a token or a client
 * certificate. Throws PortError `invalid` for what is missing, for exec plugins, and for what would make the
 * connection unsafe.
 */
export async function kubeconfigAccess({ path, content, context }: KubeconfigSource): Promise<Access> {
  const fail = (why: string) => new PortError('invalid', `the kubeconfig "${path}" ${why}`);
  if (!isObject(content)) throw fail('is not a kubeconfig');
  const wanted = context ?? text(content['current-context']);
  if (wanted === null) throw fail('has no current-context: name one with "context"');
  const names = named(content.contexts, wanted, 'context');
  if (names === null) throw fail(`has no context "${wanted}"`);
  const cluster = named(content.clusters, text(names.cluster), 'cluster');
  if (cluster === null) throw fail(`has no cluster for context "${wanted}"`);
  const user = named(content.users, text(names.user), 'user');
  if (user === null) throw fail(`has no user for context "${wanted}"`);
  const server = text(cluster.server) ?? '';
  if (!isEndpoint(server) || !URL.canParse(server))
    throw fail(`has no server for context "${wanted}" that begins with https://`);
  if (cluster['insecure-skip-tls-verify'] === true) throw fail('asks not to check the certificate');
  if (cluster['proxy-url'] !== undefined) throw fail('goes through a proxy, which cannot be used');
  const barred = Object.keys(NOT_TAKEN).find((key) => user[key] !== undefined);
  if (barred !== undefined) throw fail(`logs in by ${NOT_TAKEN[barred]}: use token_file or auth: google`);
  return {
    endpoint: new URL(server),
    credentials: credentialsOf(user, path),
    ...(await certificates({ cluster, user, path })),
  };
}

function credentialsOf(user: Record<string, unknown>, path: string): Credentials {
  const file = text(user.tokenFile);
  if (file !== null) return tokenFile(resolve(dirname(path), file));
  const token = text(user.token);
  return token === null ? NOBODY : fixedToken(token, `token in the kubeconfig "${path}"`);
}

interface Entries {
  readonly cluster: Record<string, unknown>;
  readonly user: Record<string, unknown>;
  readonly path: string;
}

async function certificates({ cluster, user, path }: Entries) {
  const pem = async (entry: Record<string, unknown>, key: string) => {
    const [data, file] = [text(entry[`${key}-data`]), text(entry[key])];
    if (data !== null) return Buffer.from(data, 'base64').toString('utf8');
    return file === null ? undefined : textOf(resolve(dirname(path), file));
  };
  const ca = await pem(cluster, 'certificate-authority');
  const cert = await pem(user, 'client-certificate');
  const key = await pem(user, 'client-key');
  const servername = text(cluster['tls-server-name']);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === null ? {} : { servername }),
  };
}

/** The settings under `key` of the entry with that name in a list of named entries. */
function named(entries: unknown, name: string | null, key: string): Record<string, unknown> | null {
  if (!Array.isArray(entries) || name === null) return null;
  const entry = entries.find((one) => isObject(one) && one.name === name);
  return isObject(entry) && isObject(entry[key]) ? entry[key] : null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
