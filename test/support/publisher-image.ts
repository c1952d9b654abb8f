import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findProgram } from '../../scripts/cloud/tools.ts';
import { ROOT } from './repository.ts';

export type Isolation = 'runc' | 'unshare';

/** How this machine can isolate a process; else why it cannot. */
export function findIsolation(): { readonly by: Isolation } | { readonly why: string } {
  if (process.getuid?.() !== 0) return { why: 'not root' };
  const has = (...names: readonly string[]) => names.every((name) => findProgram(name) !== null);
  if (!has('ldd')) return { why: 'no ldd' };
  if (has('runc')) return { by: 'runc' };
  return has('unshare', 'mount', 'chroot') ? { by: 'unshare' } : { why: 'no runc, and no unshare' };
}

/** The variables of an image and what is started in it. */
export interface ImageRun {
  readonly by: Isolation;
  /** Instead of the entry that its Dockerfile names, as the `command` of a pod. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** A folder of this machine that is mounted at `/tidemark`, writable. */
  readonly volume?: string;
}

/** Builds the bundle into `build/publisher`, as the image has it. */
export function buildPublisher(): string {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/build-publisher.ts')], {
    encoding: 'utf8',
    cwd: ROOT,
  });
  if (status !== 0) throw new Error(`Cannot build the publisher: ${stderr}`);
  return join(ROOT, 'build/publisher');
}

/**
 * Assembles what the image holds: Node where distroless has it, the libraries it needs and the bundle. This machine's
 * Node and libraries stand for those of the base image, which cannot be pulled here.
 */
export function assembleRoot(folder: string, bundle: string): string {
  const root = join(folder, 'rootfs');
  for (const path of ['nodejs/bin', 'app', 'etc', 'proc', 'dev', 'sys', 'tmp', 'tidemark']) {
    mkdirSync(join(root, path), { recursive: true });
  }
  cpSync(bundle, join(root, 'app'), { recursive: true });
  const node = realpathSync(process.execPath);
  cpSync(node, join(root, 'nodejs/bin/node'));
  const linked = execFileSync('ldd', [node], { encoding: 'utf8' });
  for (const [, library = ''] of linked.matchAll(/(\/\S+) \(0x/g)) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    cpSync(realpathSync(library), join(root, library));
  }
  writeFileSync(join(root, 'etc/passwd'), 'nonroot:x:65532:65532::/home/nonroot:/sbin/nologin\n');
  chmodSync(folder, 0o755);
  return root;
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the image's entry: uid 65532, read-only root, the network of this machine; under runc without a capability. */
export function runImage(folder: string, run: ImageRun): Promise<Ended> {
  return run.by === 'runc' ? underRunc(folder, run) : underUnshare(folder, run);
}

const ENTRY = ['/nodejs/bin/node', '/app/main.js'];

function underRunc(
  folder: string,
  { env = {}, command = ENTRY, args = [], volume }: ImageRun,
): Promise<Ended> {
  const mounts: object[] = [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=65536k'] },
  ];
  if (volume !== undefined) {
    mounts.push({ destination: '/tidemark', type: 'bind', source: volume, options: ['rbind', 'rw'] });
  }
  const config = {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: 65532, gid: 65532 },
      args: [...command, ...args],
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      cwd: '/app',
      noNewPrivileges: true,
      capabilities: { bounding: [], effective: [], permitted: [] },
    },
    root: { path: 'rootfs', readonly: true },
    mounts,
    linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'ipc' }, { type: 'uts' }] },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const state = join(folder, 'runc');
  mkdirSync(state, { recursive: true });
  const name = `tidemark-${process.pid}-${basename(folder)}-${started++}`;
  return ended(['runc', '--root', state, 'run', '--bundle', folder, name], process.env);
}

let started = 0;

function underUnshare(
  folder: string,
  { env = {}, command = ENTRY, args = [], volume }: ImageRun,
): Promise<Ended> {
  const root = join(folder, 'rootfs');
  const script = `
    mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" || exit 99
    [ -z "$2" ] || mount --bind "$2" "$1/tidemark" || exit 99
    root=$1; shift 2; exec chroot --userspec=65532:65532 "$root" "$@"`;
  const words = ['unshare', '--mount', '--pid', '--fork', 'sh', '-c', script, 'sh', root, volume ?? ''];
  return ended([...words, ...command, ...args], { PATH: process.env.PATH, ...env });
}

function ended([program = '', ...words]: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((done) => {
    const child = execFile(program, words, { env, timeout: 60_000 }, (_error, stdout, stderr) =>
      done({ status: child.exitCode, stdout, stderr }),
    );
  });
}

/** All bytes of a tree. */
export function bytesUnder(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
