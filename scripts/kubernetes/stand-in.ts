import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StandIn, Workshop } from '../cloud/stand-in.ts';
import { acceptsConnections, freePort, needProgram } from '../cloud/tools.ts';
import { openApi } from './api.ts';

const SOURCE = join(import.meta.dirname, 'cluster');
const VERSION = '1.36.3';

/** Tokens of the server, by who they belong to. They protect a cluster without Pods on this machine. */
export const TOKENS = { admin: 'token-of-admin', reader: 'token-of-reader', nobody: 'token-of-nobody' };

/** The genuine API server, Job controller and TTL controller, without nodes: the scenarios play the kubelet. */
export const kubernetes: StandIn = {
  name: 'kubernetes',
  version: VERSION,
  standsInFor: 'the API server and controllers of a cluster',
  needs: 'Go and etcd',
  async prepare(workshop) {
    const etcd = needProgram('etcd', 'etcd 3.4 or newer (Debian: etcd-server)');
    const { folder, how } = await workshop.keep({
      name: 'kubernetes',
      version: VERSION,
      recipe: ['main.go', 'go.mod', 'go.sum'].map((file) => readFileSync(join(SOURCE, file), 'utf8')),
      make: (into) => build(workshop, into),
    });
    const cluster = join(folder, 'cluster');
    return { how, start: () => start(workshop, { etcd, cluster }) };
  },
};

/** Ten minutes of one core, and 12 GB of packages of which 110 MB remain. */
async function build(workshop: Workshop, into: string): Promise<void> {
  const go = needProgram('go', 'Go 1.26 or newer');
  const [major, minor] = VERSION.split('.');
  const said = { gitVersion: `v${VERSION}`, gitMajor: major, gitMinor: minor };
  const stamps = Object.entries(said).map(
    ([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`,
  );
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', ['-s -w', ...stamps].join(' ')];
  await workshop.run([go, 'build', ...flags, '-o', join(into, 'cluster'), '.'], {
    cwd: SOURCE,
    environment: { CGO_ENABLED: '0' },
  });
}

interface Programs {
  readonly etcd: string;
  readonly cluster: string;
}

async function start(workshop: Workshop, { etcd, cluster }: Programs) {
  const folder = workshop.folder('run');
  const store = await startEtcd(workshop, etcd);
  const [key, tokens] = [join(folder, 'sa.key'), join(folder, 'tokens.csv')];
  writeFileSync(key, signingKey());
  writeFileSync(
    tokens,
    `${TOKENS.admin},admin,1,"system:masters"\n${TOKENS.reader},reader,2\n${TOKENS.nobody},nobody,3\n`,
  );
  const port = await freePort();
  const server = { endpoint: `https://127.0.0.1:${port}`, ca: join(folder, 'certs/apiserver.crt') };
  const flags = {
    'etcd-servers': store,
    'bind-address': '127.0.0.1',
    'secure-port': port,
    'cert-dir': join(folder, 'certs'),
    'service-account-key-file': key,
    'service-account-signing-key-file': key,
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-cluster-ip-range': '10.0.0.0/24',
    'token-auth-file': tokens,
    'authorization-mode': 'RBAC',
    // Nobody makes the accounts that it would ask for.
    'disable-admission-plugins': 'ServiceAccount',
    // From 1.34 a server remembers old lists for a while; without, compaction takes them back, as before.
    'feature-gates': 'ListFromCacheSnapshot=false',
  };
  await workshop.serve([cluster, 'kube-apiserver', ...asFlags(flags)], { isReady: () => isReady(server) });
  await startControllers(workshop, { cluster, folder, server });
  return {
    TIDEMARK_TEST_KUBERNETES: server.endpoint,
    TIDEMARK_TEST_KUBERNETES_CA: server.ca,
    TIDEMARK_TEST_KUBERNETES_ETCD: store,
  };
}

/** For the tokens of service accounts, of which nobody uses one. */
function signingKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}

async function startEtcd(workshop: Workshop, etcd: string): Promise<string> {
  const [clients, peers] = [await freePort(), await freePort()];
  const [address, peer] = [`http://127.0.0.1:${clients}`, `http://127.0.0.1:${peers}`];
  const flags = {
    'data-dir': workshop.folder('etcd'),
    'listen-client-urls': address,
    'advertise-client-urls': address,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
  };
  await workshop.serve([etcd, ...asFlags(flags)], { isReady: () => acceptsConnections(clients) });
  return address;
}

interface ServerPlace {
  readonly endpoint: string;
  readonly ca: string;
}

async function isReady({ endpoint, ca }: ServerPlace): Promise<boolean> {
  const { status } = await openApi({ endpoint, ca, token: TOKENS.admin }).ask('GET', '/readyz');
  return status === 200;
}

interface Controlled {
  readonly cluster: string;
  readonly folder: string;
  readonly server: ServerPlace;
}

async function startControllers(workshop: Workshop, { cluster, folder, server }: Controlled): Promise<void> {
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigOf(server)));
  const flags = {
    kubeconfig,
    'secure-port': 0,
    'leader-elect': false,
    // Its own limit, 20 requests a second, lets a thousand Jobs of one test hold up the next.
    'kube-api-qps': 1_000,
    'kube-api-burst': 2_000,
    'concurrent-job-syncs': 20,
    controllers: 'job-controller,ttl-after-finished-controller,garbage-collector-controller',
  };
  // It has no port to ask; the scenarios wait for what it does.
  await workshop.serve([cluster, 'kube-controller-manager', ...asFlags(flags)], {
    isReady: async () => true,
  });
}

/** A kubeconfig, which may be JSON, for the administrator. */
export function kubeconfigOf({ endpoint, ca }: ServerPlace) {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: endpoint, 'certificate-authority': ca } }],
    users: [{ name: 'admin', user: { token: TOKENS.admin } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  };
}

function asFlags(flags: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}
