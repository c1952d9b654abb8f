import type { Check } from '../../ports/check.ts';
import { PortError } from '../../ports/error.ts';
import { openSession } from './session.ts';
import type { PostgresSourceOptions } from './source.ts';

/** Milliseconds: a person waits for the answers. */
const PATIENCE = 10_000;
/** Whether the role could write, were it not for the transaction that it works in. */
const RIGHTS = `SELECT current_user, rolsuper OR has_database_privilege(current_database(), 'CREATE')
  FROM pg_roles WHERE rolname = current_user`;

/** Whether a database answers, and whether its role may do more than it has to. Never throws for what it says. */
export async function postgresChecks(options: PostgresSourceOptions): Promise<Check[]> {
  const what = `connection ${options.name}`;
  try {
    const session = await openSession({ ...options, timeout: PATIENCE }, { slow: 'look at its load' });
    try {
      const { rows } = await session.rows({ text: RIGHTS, rowMode: 'array' });
      const [role, mayWrite] = rows[0] ?? [];
      if (mayWrite !== true) return [{ what, state: 'ok', detail: 'answers, to a role that reads' }];
      const detail = `answers, but its role ${JSON.stringify(role)} may create tables; give it one that only reads`;
      return [{ what, state: 'note', detail }];
    } finally {
      await session.close();
    }
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return [{ what, state: 'bad', detail: error.message }];
  }
}
