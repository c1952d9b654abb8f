import { join } from 'node:path';
import { historyContract } from '../../../test/contracts/history.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { sqliteHistory } from './history.ts';

historyContract({
  name: 'sqlite',
  open: async () => sqliteHistory({ file: join(temporaryFolder(), 'state', 'tidemark.db') }),
  sql: true,
});
