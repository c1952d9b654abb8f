import type { Ports } from '../shared/pipeline/context.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { History } from '../shared/ports/history.ts';
import type { Log } from '../shared/ports/log.ts';
import {
  isEmbedded,
  openCharts,
  openDecodeV2,
  openHistory,
  openLease,
  openMailer,
  openOutcomes,
  openQueue,
} from './adapters.ts';
import { withChannels } from './channels.ts';
import type { Environment, Setup } from './config.ts';
import { openEventFiles } from './event-files.ts';
import { openRemoteSources } from './remote-sources.ts';
import { secretOf } from './secret.ts';

/** What a process brings to the ports it opens. */
export interface Process {
  readonly env: Environment;
  readonly clock: Clock;
  readonly log: Log;
  /** Where an adapter that delivers to files says so, one line a time. */
  readonly print: (line: string) => void;
}

/** All ports for a pass that judges; closes what it opened when the work is done, however it ended. */
export async function withPorts<T>(
  setup: Setup,
  { env, clock, log, print }: Process,
  work: (ports: Ports) => Promise<T>,
): Promise<T> {
  const opened: { close(): Promise<void> }[] = [];
  const open = <P extends { close(): Promise<void> }>(port: P): P => {
    opened.unshift(port);
    return port;
  };
  try {
    const history = open(await openHistory(setup.history, { create: true, env }));
    const mail = await openMailer(setup.mail, { password: smtpPassword(env), print });
    const mailer = open(withChannels(mail, { channels: setup.channels, env, now: () => clock.now() }));
    const queue = open(await openQueue(setup.queue));
    return await work({
      queue,
      history,
      eventFiles: await openEventFiles(
        { roots: setup.modelRoots, onOneMachine: isEmbedded(setup.history) },
        env,
      ),
      remote: open(openRemoteSources(setup, env)),
      outcomes: await openOutcomes(setup),
      mailer,
      charts: openCharts(),
      decodeV2: openDecodeV2,
      lease: await openLease(setup, { env, log }),
      clock,
      log,
    });
  } finally {
    for (const port of opened) await port.close().catch((error: Error) => log.warn(notClosed(error)));
  }
}

/** The work is done and recorded, or has failed for a reason of its own that must be heard. */
function notClosed({ message }: Error): string {
  return `What was opened could not be closed: ${message}`;
}

/** History alone, for a command that only looks. */
export async function withHistory<T>(
  setup: Setup,
  env: Environment,
  work: (history: History) => Promise<T>,
): Promise<T> {
  const history = await openHistory(setup.history, { create: false, env });
  try {
    return await work(history);
  } finally {
    await history.close();
  }
}

/** The password comes from the environment or a mounted file, never from a flag or the config. */
export function smtpPassword(env: Environment): string | undefined {
  return secretOf('TIDEMARK_SMTP_PASSWORD', env);
}
