import { RemoteFailure } from '../remote/failure.ts';

/** Gives an access token; `renew`: the last one was refused, so it must be another. */
export type TokenSource = (options: { readonly renew: boolean }) => Promise<string>;

const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write';

/**
 * Tokens of whoever this process is to Google: a service account on its own infrastructure, a key file or a
 * person's login elsewhere. Throws RemoteFailure `credentials` when it is nobody.
 */
export function googleToken(): TokenSource {
  let auth: Promise<{ getAccessToken(): Promise<string | null | undefined> }> | null = null;
  return async ({ renew }) => {
    // A new one remembers no token; there is no other way to drop a token for every kind of credentials.
    if (renew || auth === null) auth = open();
    try {
      const token = await (await auth).getAccessToken();
      if (token) return token;
    } catch (cause) {
      auth = null;
      throw new RemoteFailure('credentials', `there is no access token: ${firstLine(cause)}`, { cause });
    }
    throw new RemoteFailure('credentials', 'there is no access token');
  };
}

async function open() {
  // Of a CommonJS package a bundle has the whole and no single names.
  const { GoogleAuth } = (await import('google-auth-library')).default;
  return new GoogleAuth({ scopes: [SCOPE] });
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
