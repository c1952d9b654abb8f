import { startRecordedServer } from './recorded-cluster.ts';

interface Objects {
  readonly jobs: { readonly items: readonly Record<string, unknown>[] };
  readonly pods: { readonly items: readonly Record<string, unknown>[] };
  readonly jobsets?: { readonly items: readonly Record<string, unknown>[] };
}

/** An API server whose namespaces hold what a test puts there. */
export interface KubernetesServer {
  readonly url: string;
  /** Replaces what is in a namespace, by the lists of a recording for example. */
  put(namespace: string, objects: Objects): void;
  close(): Promise<void>;
}

/** Starts one on a free port of this machine. */
export async function startKubernetesServer(): Promise<KubernetesServer> {
  const { endpoint, namespaces, close } = await startRecordedServer();
  return { url: endpoint, put: (namespace, objects) => void namespaces.set(namespace, objects), close };
}
