import type { Check } from '../../ports/check.ts';
import { RemoteFailure } from '../remote/failure.ts';
import { MlflowHttp } from './http.ts';
import type { MlflowOptions } from './source.ts';

/** Milliseconds: a person waits for the answers. */
const PATIENCE = { waitMs: 10_000, requestMs: 10_000 };

/** Whether a tracking server answers whom it is asked by. Never throws for what it says. */
export async function mlflowChecks(options: MlflowOptions): Promise<Check[]> {
  const what = `connection ${options.name}`;
  const http = new MlflowHttp({ limits: PATIENCE, ...options });
  try {
    const answer = await http.ask({ call: 'experiments/search', body: { max_results: 1 } });
    const { experiments = [] } = (answer ?? {}) as { experiments?: unknown };
    if (!Array.isArray(experiments))
      throw new RemoteFailure('refused', 'the answer is not what MLflow gives');
    if (experiments.length > 0) return [{ what, state: 'ok', detail: 'answers, and has experiments' }];
    return [{ what, state: 'note', detail: 'answers, and shows no experiment to this token' }];
  } catch (error) {
    if (!(error instanceof RemoteFailure)) throw error;
    const help = error.kind === 'credentials' ? ': check the token or password of the connection' : '';
    return [{ what, state: 'bad', detail: `${error.message}${help}` }];
  }
}
