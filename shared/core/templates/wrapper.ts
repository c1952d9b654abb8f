import type { Test } from './whole-test.ts';

/** Through this folder the init container hands the wrapper to the training. */
export const WRAPPER_MOUNT = { name: 'tidemark', mountPath: '/tidemark' } as const;
export const WRAPPER_VOLUME = { name: WRAPPER_MOUNT.name, emptyDir: {} } as const;
/** What one of the two containers could not publish, the other finds there. */
export const WRAPPER_STATE = `${WRAPPER_MOUNT.mountPath}/state`;

/** The wrapper counts with nine digits. */
const LONGEST_SECONDS = 999_999_999;

/**
 * What stands before the words of a test so that their end is told, under the identity that the init container
 * announces. The image's own entrypoint is not known here, so it is not started.
 */
export function wrapperCommand({ definition, testName, accelerator }: Test, retries: number): string[] {
  const { timeout, entrypoint = [] } = definition;
  return [
    `${WRAPPER_MOUNT.mountPath}/tidemark-run`,
    ...['--test-name', testName, '--run-id', '$(JOB_UID)', '--retries', String(retries)],
    ...(timeout <= LONGEST_SECONDS ? ['--timeout', String(timeout)] : []),
    ...(accelerator.hosts > 1 ? ['--only-first'] : []),
    '--',
    ...entrypoint,
  ];
}
