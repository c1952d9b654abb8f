import { readFileSync } from 'node:fs';
import type { Environment } from './config.ts';
import { UsageError } from './errors.ts';

/**
 * A secret from an environment variable, or from the mounted file that `<variable>_FILE` names; never from a flag or
 * the config. Undefined: neither is set. Throws UsageError for a file that cannot be read.
 */
export function secretOf(variable: string, env: Environment): string | undefined {
  const file = env[`${variable}_FILE`];
  // A variable that is set to nothing says nothing.
  if (env[variable] || !file) return env[variable] || undefined;
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new UsageError(`Cannot read ${variable}_FILE: ${(error as Error).message}`);
  }
}
