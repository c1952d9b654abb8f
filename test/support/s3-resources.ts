import { s3StandIn, uniqueName } from './stand-ins.ts';

/** A key as moto takes any. */
export const ANY_KEY = { accessKeyId: 'AKIATEST', secretAccessKey: 'of the test' };

/** Makes a bucket in S3 and gives its name; its own names have no underscore. */
export async function newS3Bucket(endpoint = s3StandIn().endpoint): Promise<string> {
  const name = uniqueName().replaceAll('_', '-');
  await done(`${endpoint}/${name}`, { method: 'PUT', headers: SIGNED });
  return name;
}

export interface S3Object {
  readonly bucket: string;
  readonly name: string;
}

/** Writes an object, or with null deletes it. */
export async function putS3(
  { bucket, name }: S3Object,
  body: Uint8Array | string | null,
  {
    endpoint = s3StandIn().endpoint,
    headers = {},
  }: { endpoint?: string; headers?: Record<string, string> } = {},
): Promise<void> {
  const path = name.split('/').map(encodeURIComponent).join('/');
  const bytes = typeof body === 'string' ? body : body === null ? null : new Uint8Array(body);
  await done(
    `${endpoint}/${bucket}/${path}`,
    bytes === null
      ? { method: 'DELETE', headers: SIGNED }
      : {
          method: 'PUT',
          body: bytes,
          headers: { ...SIGNED, 'content-type': 'application/octet-stream', ...headers },
        },
  );
}

/** Who may do what in the locked server, until it is unlocked again. */
export interface LockedUser {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Makes a user of the locked server who may do these actions on everything. */
export async function s3User(actions: readonly string[]): Promise<LockedUser> {
  const user = uniqueName();
  const policy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
  };
  await iam({ Action: 'CreateUser', UserName: user });
  await iam({
    Action: 'PutUserPolicy',
    UserName: user,
    PolicyName: 'p',
    PolicyDocument: JSON.stringify(policy),
  });
  const key = await iam({ Action: 'CreateAccessKey', UserName: user });
  const of = (element: string) => new RegExp(`<${element}>(.*?)<`).exec(key)?.[1] ?? '';
  return { accessKeyId: of('AccessKeyId'), secretAccessKey: of('SecretAccessKey') };
}

/** From now on the locked server checks every signature and right, or again none. */
export async function lockS3(isLocked: boolean): Promise<void> {
  await done(`${s3StandIn().locked}/moto-api/reset-auth`, {
    method: 'POST',
    body: isLocked ? '0' : '100000',
    headers: { 'content-type': 'text/plain' },
  });
}

/** A stranger may not write over what is there; whoever has any key may. */
const SIGNED = { authorization: 'AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/s3/aws4_request' };

async function iam(words: Readonly<Record<string, string>>): Promise<string> {
  return done(s3StandIn().locked, {
    method: 'POST',
    body: new URLSearchParams({ Version: '2010-05-08', ...words }),
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request' },
  });
}

async function done(url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`Cannot prepare a test: ${url} answered ${response.status}: ${text}`);
  return text;
}
