import { reasonOf, within } from '../../shared/pipeline/send.ts';
import { PortError } from '../../shared/ports/error.ts';
import type { Queue } from '../../shared/ports/queue.ts';
import type { Unsent } from '../../shared/ports/unsent.ts';
import type { ProducerDeps } from './producer-deps.ts';

const WAIT_MS = 30_000;

type LatePublish = Queue['publish'];

/**
 * Delivers what could not be published, oldest first, with its original bytes and time. What cannot be
 * delivered stays. Answers with the exit code: 0 when nothing is left, else 70.
 */
export async function flush(
  { queue, unsent, out, err }: Pick<ProducerDeps, 'queue' | 'unsent' | 'out' | 'err'>,
  { wait = WAIT_MS }: { readonly wait?: number } = {},
): Promise<number> {
  const publish: LatePublish = queue.publish.bind(queue);
  const paths = await unsent.list();
  let delivered = 0;
  for (const path of paths) {
    try {
      delivered += await deliver(path, unsent, { publish, wait });
    } catch (error) {
      err(`tidemark: cannot deliver ${path}: ${reasonOf(error)}. It stays.\n`);
      // What is wrong with this message alone must not hold up the others; a queue out of reach does.
      const onlyThis = error instanceof PortError && error.code === 'invalid';
      if (!onlyThis) break;
    }
  }
  const left = (await unsent.list()).length;
  out(summary(delivered, left));
  return left === 0 ? 0 : 70;
}

/** How many messages it delivered: none when somebody else was faster. */
async function deliver(
  path: string,
  unsent: Unsent,
  { publish, wait }: { publish: LatePublish; wait: number },
): Promise<0 | 1> {
  const message = await unsent.read(path);
  if (message === null) return 0;
  await within(publish(message.body, message.name, { publishTime: message.time }), wait);
  await unsent.remove(path);
  return 1;
}

function summary(delivered: number, left: number): string {
  const messages = (n: number) => (n === 1 ? '1 message' : `${n} messages`);
  if (delivered === 0 && left === 0) return 'Nothing waits to be delivered.\n';
  const done = `Delivered ${messages(delivered)}.`;
  return left === 0 ? `${done}\n` : `${done} ${messages(left)} still ${left === 1 ? 'waits' : 'wait'}.\n`;
}
