import * as z from 'zod';
import { isObject } from '../json.ts';
import { Name } from './scalars.ts';

/** What a namespace may be called (RFC 1123), with the API server's limit. */
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a text can be the name of a namespace at all; no other may stand in the path of a request. */
export function isNamespace(text: string): boolean {
  return NAMESPACE.test(text);
}

/** A host and what may follow it: no user, no query, no fragment; plain HTTP within one machine only. */
const HOST = /^https:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:\/[\w.~/-]*)?$/i;
const LOOPBACK = /^http:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?(?:\/[\w.~/-]*)?$/i;

/** Whether a token may go to an address: `https://HOST`, or `http://` to this machine itself. */
export function isEndpoint(text: string): boolean {
  return HOST.test(text) || LOOPBACK.test(text);
}

const Endpoint = z
  .string()
  .refine(isEndpoint, {
    error: 'must be https://HOST (or http:// on this machine), with a port and a path if needed and no more',
  })
  .meta({ description: 'Where the API server answers; for GKE its DNS-based endpoint', format: 'uri' });

/** A rule over several keys is told together with mistakes in single ones. */
const when = ({ value }: { value: unknown }) => isObject(value);
const given = (values: readonly unknown[]) => values.filter((value) => value !== undefined).length;

/** One cluster that may be asked, and how. Paths are relative to the config file. */
export const Cluster = z
  .strictObject({
    endpoint: Endpoint.optional(),
    location: Name.optional().meta({
      description: 'Zone or region; a message that names another is refused',
    }),
    namespaces: z
      .array(z.string().refine(isNamespace, { error: 'is not the name of a namespace' }))
      .optional()
      .meta({ description: 'The only namespaces that a message may name; all when left out' }),
    ca_file: Name.optional().meta({ description: 'PEM of the authority that signed the certificate' }),
    auth: z
      .enum(['google', 'none'])
      .optional()
      .meta({ description: 'google: a token of the Google account in use; none: of nobody' }),
    token_file: Name.optional().meta({ description: 'A file with a bearer token, read at every tick' }),
    kubeconfig: Name.optional().meta({ description: 'A kubeconfig file; endpoint and account come from it' }),
    context: Name.optional().meta({ description: 'Which context of the kubeconfig; else its current one' }),
  })
  .refine((cluster) => given([cluster.endpoint, cluster.kubeconfig]) === 1, {
    error: 'wants either an endpoint or a kubeconfig',
    when,
  })
  .refine((cluster) => given([cluster.auth, cluster.token_file, cluster.kubeconfig]) === 1, {
    error: 'wants one of auth: google, token_file and kubeconfig, to say as whom it is asked',
    when,
  })
  .refine(({ kubeconfig, context }) => kubeconfig !== undefined || context === undefined, {
    error: 'belongs to a kubeconfig, and there is none',
    path: ['context'],
    when,
  })
  .refine(({ kubeconfig, ca_file }) => kubeconfig === undefined || ca_file === undefined, {
    error: 'comes from the kubeconfig',
    path: ['ca_file'],
    when,
  });
export type ClusterConfig = z.infer<typeof Cluster>;
