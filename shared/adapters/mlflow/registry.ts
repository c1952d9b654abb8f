import { PortError } from '../../ports/error.ts';
import type { ModelRegistry, ModelTag } from '../../ports/model-registry.ts';
import { portError, RemoteFailure } from '../remote/failure.ts';
import { modelTags } from './answers.ts';
import { type MlflowConnection, MlflowHttp } from './http.ts';

/** A registry of MLflow. */
export interface RegistryOptions extends MlflowConnection {
  /** By which name the config file knows it. */
  readonly name: string;
}

/** Milliseconds for each of the two requests: a gate waits for them, and asks again the next time. */
const PATIENCE = { waitMs: 2000, requestMs: 3000 };
const NUMBER = /^[1-9]\d{0,8}$/;

/** Versions of registered models, by MLflow's REST API (`model-versions/get`, `model-versions/set-tag`). */
export function mlflowRegistry(options: RegistryOptions): ModelRegistry {
  const http = new MlflowHttp({ limits: PATIENCE, ...options });
  return {
    async tag(wanted) {
      const { model: name, version, key, value } = wanted;
      const cannot = `Cannot tag ${wordsOf(wanted)} at the connection ${options.name}`;
      if (!NUMBER.test(version))
        throw new PortError('invalid', `${cannot}: MLflow's versions are numbers such as 3`);
      try {
        const found = await http.ask({ call: 'model-versions/get', query: { name, version } });
        if (modelTags(found).get(key) === value) return false;
        await http.ask({ call: 'model-versions/set-tag', body: { name, version, key, value } });
        return true;
      } catch (error) {
        const why = error instanceof RemoteFailure ? error.message : '';
        throw portError(error, {
          cannot,
          right: 'whoever the token belongs to may not read or tag it',
          missing: ['not-found', why],
          changed: ['unavailable', why],
          signedOut: options.authorization === null ? 'denied' : 'unavailable',
        });
      }
    },
  };
}

function wordsOf({ model, version }: ModelTag): string {
  return `version ${JSON.stringify(version.slice(0, 64))} of the model ${JSON.stringify(model)}`;
}
