/**
 * Bytes that may be held at once by everybody together. Who asks first is served first, so nobody starves; more than
 * there is counts as all of it, so nobody waits for ever.
 */
export class ByteBudget {
  readonly total: number;
  private free: number;
  private readonly queue: { readonly bytes: number; readonly go: () => void }[] = [];

  constructor(total: number) {
    if (!(total > 0)) throw new RangeError(`Cannot share ${total} bytes: the budget must be above 0`);
    this.total = total;
    this.free = total;
  }

  /** Bytes held now. */
  get held(): number {
    return this.total - this.free;
  }

  /** Waits for its turn; the answer gives the bytes back, once however often it is called. */
  async take(wanted: number): Promise<() => void> {
    const bytes = Math.min(wanted, this.total);
    if (this.queue.length === 0 && bytes <= this.free) this.free -= bytes;
    else await new Promise<void>((go) => this.queue.push({ bytes, go }));
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.free += bytes;
      this.serve();
    };
  }

  private serve(): void {
    for (let next = this.queue[0]; next !== undefined && next.bytes <= this.free; next = this.queue[0]) {
      this.queue.shift();
      this.free -= next.bytes;
      next.go();
    }
  }
}
