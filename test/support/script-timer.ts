/** Timers that fire when a test says so. */
export class ScriptTimer {
  now = 0;
  isFrozen = false;
  private readonly waiting = new Set<{ at: number; work: () => void }>();

  /** How many are set. */
  get size(): number {
    return this.waiting.size;
  }

  readonly timer = (work: () => void, ms: number): (() => void) => {
    const one = { at: this.now + ms, work };
    this.waiting.add(one);
    return () => this.waiting.delete(one);
  };

  /** Fires what is due, each thing at its time; `settle` waits for what it began. */
  async pass(ms: number, settle: () => Promise<void>): Promise<void> {
    const end = this.now + ms;
    for (let due = this.next(end); due !== null; due = this.next(end)) {
      this.now = Math.max(this.now, due.at);
      this.waiting.delete(due);
      due.work();
      await settle();
    }
    this.now = end;
  }

  private next(end: number): { at: number; work: () => void } | null {
    const due = [...this.waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
    return this.isFrozen ? null : (due[0] ?? null);
  }
}
