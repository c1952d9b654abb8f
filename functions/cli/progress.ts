import type { Terminal } from './io.ts';

export interface Progress {
  step(): void;
  /** So many more are done. */
  advance(count: number): void;
  stop(): void;
}

/** Work shorter than this needs no bar. */
const FEW = 20;

/** A progress bar on standard error, only where a person watches and there is enough to wait for. */
export async function progressBar(what: string, total: number, terminal: Terminal): Promise<Progress> {
  if (!terminal.interactive || total < FEW) return { step() {}, advance() {}, stop() {} };
  const { default: cliProgress } = await import('cli-progress');
  const bar = new cliProgress.SingleBar({
    format: `${what} {bar} {value}/{total} ({eta_formatted} left)`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(total, 0);
  return { step: () => bar.increment(), advance: (count) => bar.increment(count), stop: () => bar.stop() };
}
