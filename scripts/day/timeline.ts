/** What happens when. Of two acts at one instant, the one of lower rank comes first, then the one planned first. */
export class Timeline {
  readonly #acts: Planned[] = [];
  #started = 0;

  /** Plans an act; also during the run, when an act for a time that is over comes next. */
  plan(at: bigint, rank: number, act: () => Promise<void>): void {
    const planned = { at, rank, act };
    // From the end: acts are mostly planned in order.
    let place = this.#acts.length;
    for (; place > this.#started; place -= 1) {
      const before = this.#acts[place - 1];
      if (before === undefined || !isLater(before, planned)) break;
    }
    this.#acts.splice(place, 0, planned);
  }

  /** Runs everything in order, and tells after each act how many are done and planned. */
  async run(progress: (done: number, planned: number) => void): Promise<void> {
    for (let next = this.#acts[0]; next !== undefined; next = this.#acts[this.#started]) {
      this.#started += 1;
      await next.act();
      progress(this.#started, this.#acts.length);
    }
  }
}

interface Planned {
  readonly at: bigint;
  readonly rank: number;
  readonly act: () => Promise<void>;
}

function isLater(one: Planned, other: Planned): boolean {
  return one.at === other.at ? one.rank > other.rank : one.at > other.at;
}
