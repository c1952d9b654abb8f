import { readFile } from 'node:fs/promises';
import { PortError } from '../../ports/error.ts';

/** As whom a cluster is asked. */
export interface Credentials {
  /** A bearer token, null for none. Throws PortError when there is no telling. */
  token(): Promise<string | null>;
  /** Forgets what the server did not accept, so that the next token is a new one. */
  renew(): void;
}

/** Nobody: what stands in front, such as a proxy on this machine or a client certificate, says who asks. */
export const NOBODY: Credentials = { token: async () => null, renew: () => {} };

/** A token that is known. */
export function fixedToken(token: string, place: string): Credentials {
  return { token: async () => checked(token, place), renew: () => {} };
}

/** A token in a file, read each time: those that a cluster mounts are replaced every hour. */
export function tokenFile(path: string): Credentials {
  return { token: async () => checked(await textOf(path), `token file "${path}"`), renew: () => {} };
}

/** `userinfo.email`, because without it a cluster may see a number for the account's name. */
const SCOPES = [
  'https://www.googleapis.com/auth/cloud-platform',
  'https://www.googleapis.com/auth/userinfo.email',
];

/** A token of the Google account in use (Application Default Credentials), kept until it expires. */
export function googleToken(): Credentials {
  let account: Promise<{ getAccessToken(): Promise<string | null | undefined> }> | null = null;
  return {
    async token() {
      account ??= import('google-auth-library').then(
        ({ default: { GoogleAuth } }) => new GoogleAuth({ scopes: SCOPES }),
      );
      try {
        return checked((await (await account).getAccessToken()) ?? '', 'token of the Google account');
      } catch (error) {
        account = null;
        if (error instanceof PortError) throw error;
        const said = error instanceof Error ? firstLine(error.message) : String(error);
        throw new PortError('unavailable', `the Google account gives no token: ${said}`, { cause: error });
      }
    },
    renew() {
      account = null;
    },
  };
}

/** A file that holds a secret or a certificate. */
export async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new PortError('not-found', `cannot read "${path}": ${code}`, { cause: error });
  }
}

/** A token goes into a header, so it may hold nothing that ends one. It is never repeated. */
function checked(text: string, place: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]{1,65536}$/.test(token)) return token;
  throw new PortError('invalid', `the ${place} ${token === '' ? 'is empty' : 'holds no token'}`);
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
