/** What devices log, a tree for each pack and day, and the fleet's tree over them. */
import { type FleetEntry, type LogEntry, logLeaf, textHash } from "../../../sdk/index.js";
import { EntryTree, FleetTree } from "../../../sdk/merkle.js";
import { seeded } from "../seeds.js";

const SECONDS_PER_DAY = 86_400n;
const SECONDS_PER_MINUTE = 60n;
const MINUTES_PER_DAY = SECONDS_PER_DAY / SECONDS_PER_MINUTE;

export function dayOf(at: bigint): bigint {
  return at / SECONDS_PER_DAY;
}

/** The minute whose log entry is proved against the fleet's root. */
export interface Proof {
  readonly epoch: bigint;
  readonly fleetEntry: FleetEntry;
  readonly fleetProof: readonly string[];
  readonly entry: LogEntry;
  readonly proof: readonly string[];
}

/** Gathers a fleet's logs of one day. */
export class FleetDay {
  readonly #day: bigint;
  readonly #entries = new Map<bigint, LogEntry[]>();
  readonly #logs = new Map<bigint, EntryTree<LogEntry>>();

  constructor(day: bigint) {
    this.#day = day;
  }

  get packCount(): number {
    return this.#entries.size;
  }

  /** Logs one value of a pack. */
  log(packId: bigint, counter: bigint, takenAt: bigint, value: string): void {
    const salt = seeded(`log/${packId}/${takenAt}/${counter}`);
    const entry = { packId, counter, takenAt, payloadHash: textHash(`${value}/${salt}`) };
    const entries = this.#entries.get(packId);
    if (entries === undefined) this.#entries.set(packId, [entry]);
    else entries.push(entry);
    this.#logs.delete(packId);
  }

  /** Fills a pack's log of the day with an entry for each minute, in place of what it has. */
  logMinutes(packId: bigint, value: string): void {
    this.#entries.delete(packId);
    for (let minute = 0n; minute < MINUTES_PER_DAY; minute += 1n) {
      this.log(packId, minute + 1n, this.#day * SECONDS_PER_DAY + minute * SECONDS_PER_MINUTE, value);
    }
  }

  /** A pack's log so far; it has one. */
  logOf(packId: bigint): EntryTree<LogEntry> {
    const entries = this.#entries.get(packId) ?? [];
    const log = this.#logs.get(packId) ?? new EntryTree(entries, logLeaf, widthFor(entries.length));
    this.#logs.set(packId, log);
    return log;
  }

  /** The fleet's tree. */
  tree(): FleetTree {
    return new FleetTree(
      [...this.#entries].map(([packId, entries]) => ({
        packId,
        day: this.#day,
        logRoot: this.logOf(packId).root,
        entryCount: BigInt(entries.length),
      })),
    );
  }

  /** Proof of a pack's entry that was made last at an instant or before. */
  prove(packId: bigint, at: bigint): Proof {
    const tree = this.tree();
    const place = tree.entries.findIndex((entry) => entry.packId === packId);
    const log = this.logOf(packId);
    const index = log.entries.findLastIndex(({ takenAt }) => takenAt <= at);
    const [fleetEntry, entry] = [tree.entries[place], log.entries[index]];
    if (fleetEntry === undefined || entry === undefined)
      throw new RangeError(`pack ${packId} has no log entry at ${at}`);
    return { epoch: this.#day, fleetEntry, fleetProof: tree.proofOf(place), entry, proof: log.proofOf(index) };
  }
}

/** Leaves of a log's tree: a power of two. For 1,440 minutes, the 2,048 of a whole day's log. */
function widthFor(entryCount: number): number {
  return 2 ** Math.ceil(Math.log2(entryCount));
}
