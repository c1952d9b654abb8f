import type { Check } from '../shared/ports/check.ts';
import { PortError } from '../shared/ports/error.ts';
import type { ModelRegistry } from '../shared/ports/model-registry.ts';
import type { RemoteSource } from '../shared/ports/source.ts';
import type { Environment, Setup } from './config.ts';
import { secretOf } from './secret.ts';

/** Milliseconds that one statement may take. */
const SQL_TIMEOUT = 60_000;

/** One connection of the config file; what speaks to it is loaded when it is first needed. */
interface Connection {
  open(): Promise<RemoteSource>;
  check(): Promise<readonly Check[]>;
}

/**
 * The servers that the config file names, each opened when a source first asks it. Throws UsageError for a secret whose
 * file cannot be read.
 */
export function openRemoteSources(
  { connections }: Pick<Setup, 'connections'>,
  env: Environment,
): RemoteSource {
  const known = connectionsOf(connections, env);
  const opened = new Map<string, Promise<RemoteSource>>();
  return {
    async read(request) {
      const { connection: name } = request;
      const connection = known.get(name);
      if (connection === undefined)
        throw new PortError(
          'invalid',
          `Cannot ask connection ${name}: the config file has none of this name`,
        );
      const source = opened.get(name) ?? connection.open();
      opened.set(name, source);
      // What could not be opened is tried again.
      source.catch(() => opened.delete(name));
      return (await source).read(request);
    },
    async close() {
      const sources = await Promise.allSettled(opened.values());
      const closing = sources.map(async (one) =>
        one.status === 'fulfilled' ? one.value.close() : undefined,
      );
      await Promise.allSettled(closing);
    },
  };
}

/**
 * The registry of models behind a connection. Throws PortError `invalid` where it has none or there is no such connection,
 * and UsageError for a secret whose file cannot be read.
 */
export async function openModelRegistry(
  name: string,
  { connections, env }: Pick<Setup, 'connections'> & { readonly env: Environment },
): Promise<ModelRegistry> {
  const url = connections.get(name);
  const options = url === undefined ? null : trackingServer({ name, url }, env);
  if (options === null) throw new PortError('invalid', `The connection ${name} is no server of MLflow`);
  return (await import('../shared/adapters/mlflow/registry.ts')).mlflowRegistry(options);
}

/** Whether each connection can be used, a line or more each. */
export async function connectionChecks(
  { connections }: Pick<Setup, 'connections'>,
  env: Environment,
): Promise<readonly Check[]> {
  const known = [...connectionsOf(connections, env).values()];
  return (await Promise.all(known.map((connection) => connection.check()))).flat();
}

function connectionsOf(urls: ReadonlyMap<string, string>, env: Environment): ReadonlyMap<string, Connection> {
  return new Map([...urls].map(([name, url]) => [name, connectionOf({ name, url }, env)]));
}

interface Named {
  readonly name: string;
  readonly url: string;
}

function connectionOf({ name, url }: Named, env: Environment): Connection {
  const server = trackingServer({ name, url }, env);
  if (server === null) {
    const options = { name, url, password: secretFor(name, 'PASSWORD', env), timeout: SQL_TIMEOUT };
    return {
      open: async () => (await import('../shared/adapters/postgres/source.ts')).postgresSource(options),
      check: async () => (await import('../shared/adapters/postgres/check.ts')).postgresChecks(options),
    };
  }
  return {
    open: async () => (await import('../shared/adapters/mlflow/source.ts')).mlflowSource(server),
    check: async () => (await import('../shared/adapters/mlflow/check.ts')).mlflowChecks(server),
  };
}

/** How a server of MLflow is reached; null for what is none. */
function trackingServer({ name, url }: Named, env: Environment) {
  if (!/^mlflow\+/i.test(url)) return null;
  const place = new URL(url.replace(/^mlflow\+/i, ''));
  const user = decodeURIComponent(place.username);
  const [password, token] = [secretFor(name, 'PASSWORD', env), secretFor(name, 'TOKEN', env)];
  const authorization = headerOf({ user, password, token });
  return { name, url: `${place.origin}${place.pathname}`, authorization };
}

/** One secret a connection: one for all would go to every server that the file names. */
function secretFor(name: string, kind: 'PASSWORD' | 'TOKEN', env: Environment): string | undefined {
  return secretOf(`TIDEMARK_CONNECTION_${name.toUpperCase()}_${kind}`, env);
}

/** A token (RFC 6750), or a user with a password (RFC 7617); null where nobody logs in. */
function headerOf({
  user,
  password,
  token,
}: {
  user: string;
  password?: string | undefined;
  token?: string | undefined;
}) {
  if (token !== undefined) return `Bearer ${token}`;
  if (user === '' && password === undefined) return null;
  return `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`;
}
