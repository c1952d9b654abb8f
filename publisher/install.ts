import { chmodSync, copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Under these names the wrapper, and the cluster that it shall name, lie in the folder. */
const INSTALLED_NAME = 'tidemark-run';
const CLUSTER_NAME = 'tidemark-cluster';

/**
 * Copies the wrapper into a folder that the job's container sees, too, and nothing else. The folder is a mounted
 * volume, so it is not made. Throws the errors of the disk.
 */
export function install(wrapper: string, folder: string): void {
  place(folder, INSTALLED_NAME, (draft) => {
    copyFileSync(wrapper, draft);
    chmodSync(draft, 0o755);
  });
}

/**
 * Leaves the name of the cluster for the wrapper, which may have no other way to learn it: it is a part of the run's
 * identity, so both have to say the same. Throws the errors of the disk.
 */
export function installCluster(cluster: string, folder: string): void {
  place(folder, CLUSTER_NAME, (draft) => writeFileSync(draft, cluster));
}

/** Whole or not at all: a container that is started again may be using what lies there. */
function place(folder: string, name: string, write: (draft: string) => void): void {
  const draft = join(folder, `.${name}.${process.pid}`);
  try {
    write(draft);
    renameSync(draft, join(folder, name));
  } finally {
    rmSync(draft, { force: true });
  }
}
