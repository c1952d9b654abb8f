import { historyContract } from '../../../test/contracts/history.ts';
import { memoryHistory } from './history.ts';

historyContract({ name: 'memory', open: async () => memoryHistory(), sql: false });
