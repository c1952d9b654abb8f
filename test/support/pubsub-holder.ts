// A process of its own that pulls two messages, says how many it has and holds them until it is killed. It takes
// leases of ten seconds, as its subscription has them, since a test cannot wait for ten minutes.
import { googleCalls } from '../../shared/adapters/pubsub/calls.ts';
import { pubSubQueue } from '../../shared/adapters/pubsub/queue.ts';

const place = JSON.parse(process.argv[2] ?? '') as { project: string; topic: string; subscription: string };
const queue = pubSubQueue({
  ...place,
  connect: async (project) => ({ ...(await googleCalls(project)), lend: async () => {} }),
});
console.log((await queue.pull(2)).length);
setInterval(() => {}, 60_000);
