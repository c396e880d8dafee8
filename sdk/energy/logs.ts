/** Events of a contract, fetched once and kept in memory. */
import type { EventLog, Log } from "ethers";

import { inRanges, openRanges } from "../blocks.js";

/** Blocks that may still be replaced by others, so their events are asked for again. */
const UNSETTLED_BLOCKS = 64;

interface Known {
  logs: (EventLog | Log)[];
  /** First block that is not known to have been asked for; those up to the latest one, whichever that was, were. */
  next: number;
}

/** Remembers which events it has seen, so that a second look costs only what is new. Forgets all when the process ends. */
export class EventCache {
  readonly #known = new Map<string, Known>();
  readonly #fromBlock: number;

  /** @param fromBlock - Block from which to look. */
  constructor(fromBlock: number) {
    this.#fromBlock = fromBlock;
  }

  /**
   * Events of a contract in the order of the chain.
   *
   * @param key - Name of what is asked for, which stands for `filter` from now on.
   * @param latest - Number of the latest block, as far as it is known. What came since is asked for, too, and again next time.
   * @param fetch - Fetches events of a range of blocks, both ends included.
   */
  async get<Found extends EventLog | Log>(
    key: string,
    latest: number,
    fetch: (from: number, to: number | "latest") => Promise<Found[]>,
  ): Promise<Found[]> {
    const known = this.#known.get(key) ?? { logs: [], next: this.#fromBlock };
    const from = Math.max(this.#fromBlock, Math.min(known.next, latest + 1) - UNSETTLED_BLOCKS);
    const settled = known.logs.filter(({ blockNumber }) => blockNumber < from);
    const logs = [...settled, ...(await inRanges(openRanges(from, latest), fetch))];
    this.#known.set(key, { logs, next: latest + 1 });
    return logs as Found[];
  }
}
