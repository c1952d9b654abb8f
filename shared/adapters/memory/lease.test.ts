import { leaseContract } from '../../../test/contracts/lease.ts';
import { memoryLease } from './lease.ts';

leaseContract({
  name: 'memory',
  open: async () => {
    const lease = memoryLease();
    return [lease, lease];
  },
});
