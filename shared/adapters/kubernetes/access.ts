import type { ClusterConfig } from '../../core/schema/cluster.ts';
import { PortError } from '../../ports/error.ts';
import { type Credentials, googleToken, NOBODY, textOf, tokenFile } from './credentials.ts';
import { type Access, kubeconfigAccess } from './kubeconfig.ts';

/** What opening a cluster needs from outside. */
export interface Surroundings {
  /** The content of a YAML file. Throws with a sentence. */
  readonly readYaml: (path: string) => Promise<unknown>;
  /** The Google account in use; made once, since it keeps its token. */
  readonly google: Credentials;
}

/** The account in use, for the whole life of the process. */
export function surroundings(readYaml: Surroundings['readYaml']): Surroundings {
  return { readYaml, google: googleToken() };
}

/**
 * How a cluster of the config is reached. Files are read anew each time: what is mounted is replaced while a
 * process lives. Throws PortError with a sentence that does not name the cluster.
 */
export async function accessTo(config: ClusterConfig, around: Surroundings): Promise<Access> {
  const { kubeconfig: path, context = null } = config;
  if (path !== undefined) {
    return kubeconfigAccess({ path, content: await around.readYaml(path), context });
  }
  const server = config.endpoint ?? '';
  if (!URL.canParse(server)) throw new PortError('invalid', 'its endpoint is no address');
  const ca = config.ca_file === undefined ? {} : { ca: await textOf(config.ca_file) };
  return { endpoint: new URL(server), credentials: credentialsOf(config, around), ...ca };
}

function credentialsOf({ auth, token_file }: ClusterConfig, { google }: Surroundings): Credentials {
  if (token_file !== undefined) return tokenFile(token_file);
  return auth === 'google' ? google : NOBODY;
}
