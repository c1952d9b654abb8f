import * as z from 'zod';
import { nearest } from '../nearest.ts';
import { ConnectionName, type SourceConfig } from './source.ts';

const WANTED = 'wanted mlflow+https://HOST or postgres://USER@HOST:5432/DATABASE';
const KNOWN = /^(?:mlflow\+https?|postgres(?:ql)?):\/\//i;
const PASSWORD = /^[^/]*\/\/[^/?#@]*:[^/?#]*@|[?&][^=&#]*(?:pass|token|secret)[^=&#]*=/i;
const SHAPE =
  /^[^/]*\/\/(?:[^/?#@:]+@)?(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:\/[^?#\s]*)?(?:\?[^#\s]*)?$/i;

/** Why a text is no connection; null when it is one. The text may hold a password and is not repeated. */
export function connectionProblem(text: string): string | null {
  if (!KNOWN.test(text)) return `is no connection that this version knows; ${WANTED}`;
  if (PASSWORD.test(text))
    return 'holds a password or token: remove it, since they come from the environment';
  return SHAPE.test(text) ? null : `is not complete; ${WANTED}`;
}

const Connection = z
  .string()
  .max(4096)
  .superRefine((text, context) => {
    const problem = connectionProblem(text);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem, input: {} });
  });

export const Connections = z.record(ConnectionName, Connection);

interface Naming {
  readonly sources?: readonly SourceConfig[] | undefined;
  readonly mlflow_model?: { readonly connection: string } | undefined;
}

interface HasSources {
  readonly connections?: Readonly<Record<string, string>> | undefined;
  readonly tests?: Readonly<Record<string, Naming | null>> | undefined;
}

/** Where tests name a connection that the file does not have. */
export function unknownConnections({ connections = {}, tests = {} }: HasSources) {
  const known = Object.keys(connections);
  const named = Object.entries(tests).flatMap(([test, config]) =>
    namesOf(config).map(({ name, at }) => ({ name, path: ['tests', test, ...at, 'connection'] })),
  );
  return named
    .filter(({ name }) => !known.includes(name))
    .map(({ name, path }) => {
      const close = nearest(name, known);
      const hint = close === null ? '' : `; did you mean "${close}"?`;
      return { path, message: `is none of connections${hint}`, input: name };
    });
}

function namesOf(config: Naming | null) {
  const { sources = [], mlflow_model: model } = config ?? {};
  const ofSources = sources.flatMap((source, at) =>
    (['mlflow', 'sql'] as const).flatMap((kind) => {
      const name = source[kind]?.connection;
      return name === undefined ? [] : [{ name, at: ['sources', at, kind] }];
    }),
  );
  return model === undefined ? ofSources : [...ofSources, { name: model.connection, at: ['mlflow_model'] }];
}
