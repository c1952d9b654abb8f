import { RemoteFailure } from '../remote/failure.ts';

/** A key of Amazon; those that end have a token. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Gives a key that is good now; `renew`: the last one was refused, so it must be another. */
export type CredentialSource = (options: { readonly renew: boolean }) => Promise<Credentials>;

/**
 * Keys of whoever this process is to Amazon, in the order of its own tools: environment, profiles with their roles and
 * logins, the web identity of a Pod, the role of a container or of a machine. Throws RemoteFailure `credentials` when
 * it is nobody.
 */
export function awsCredentials(): CredentialSource {
  let provider: Promise<() => Promise<Credentials>> | null = null;
  return async ({ renew }) => {
    // It keeps a key until that ends; a new one keeps none.
    if (renew || provider === null) provider = open();
    try {
      return await (await provider)();
    } catch (cause) {
      provider = null;
      throw new RemoteFailure('credentials', `there is no key of AWS: ${firstLine(cause)}`, { cause });
    }
  };
}

async function open(): Promise<() => Promise<Credentials>> {
  // Of a CommonJS package a bundle has the whole and no single names.
  const { defaultProvider } = (await import('@aws-sdk/credential-provider-node')).default;
  return defaultProvider();
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
