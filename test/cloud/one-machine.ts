import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pubSubQueue } from '../../shared/adapters/pubsub/queue.ts';
import { type Answer, inside } from '../support/cli.ts';
import { TEST_PROJECT, type TestTopic } from '../support/cloud-resources.ts';
import { storageStandIn } from '../support/stand-ins.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The embedded path on the config and the event files of a stage: what the cloud path is held against. */
export interface OneMachine {
  readonly history: string;
  /** Its settings as environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes so many messages from a subscription, each as a file of the spool with the time Pub/Sub gave it. */
  take(topic: TestTopic, count: number): Promise<void>;
  tidemark(args: readonly string[]): Promise<Answer>;
  mails(): string[];
}

/** `config`: path of the config file; `storage`: where objects are, by default at the stand-in itself. */
export function oneMachine({ config, storage }: { config: string; storage?: string }): OneMachine {
  const state = temporaryFolder();
  const env = {
    TIDEMARK_CONFIG: config,
    TIDEMARK_STATE: state,
    TIDEMARK_STORAGE_ENDPOINT: storage ?? storageStandIn().endpoint,
  };
  return {
    history: `sqlite:${join(state, 'tidemark.db')}`,
    env,
    take: (topic, count) => copyMessages(topic, { count, folder: join(state, 'spool/incoming') }),
    tidemark: (args) => inside(args, { env }),
    mails: () => {
      const folder = join(state, 'mail');
      const names = readdirSync(folder).filter((name) => name.endsWith('.eml'));
      return names.map((name) => readFileSync(join(folder, name), 'utf8'));
    },
  };
}

async function copyMessages(
  { topic, subscription }: TestTopic,
  { count, folder }: { readonly count: number; readonly folder: string },
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const queue = pubSubQueue({ project: TEST_PROJECT, topic, subscription, timeout: 10_000 });
  try {
    for (let taken = 0; taken < count; ) {
      const messages = await queue.pull(count - taken);
      if (messages.length === 0) throw new Error(`Only ${taken} of ${count} messages came`);
      for (const { name, id, body, bytes, publishTime } of messages) {
        // One name may stand for several messages; the ending says what is inside.
        const path = join(folder, `${id}-${name}`);
        writeFileSync(path, body ?? new Uint8Array(bytes));
        utimesSync(path, publishTime / 1000, publishTime / 1000);
      }
      await Promise.all(messages.map((message) => message.ack()));
      taken += messages.length;
    }
  } finally {
    await queue.close();
  }
}
