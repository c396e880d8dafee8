/**
 * Votes that a relayer took and answers for. They are written to a store before their voters are told, so that a relayer that is
 * killed loses none. What is in the box is not marked: the chain tells, also when its last blocks are replaced.
 */
import type { BallotBox } from "../../typechain-types/index.js";
import { type RelayableVote, type Relayed, type RelayedBallot, type RelayOptions, relayVotes } from "./relay.js";

/** Byte that ends a line. */
const LINE_FEED = 10;

/** Lines of text that outlive the program. */
export interface LineStore {
  /** All lines that were added, in their order, none cut short. */
  read(): Promise<readonly string[]>;
  /** Adds a line. It is safe when this is done: the machine may stop afterwards. */
  add(line: string): Promise<void>;
}

/** A line of a store, or what is to become one, is no vote. */
export class StoredVoteError extends RangeError {
  override readonly name = "StoredVoteError";
}

/** What a store needs of a file system: `node:fs/promises` has it. */
export interface Files {
  readFile(path: string): Promise<Uint8Array>;
  open(
    path: string,
    flags: "a",
  ): Promise<{
    truncate(length: number): Promise<void>;
    appendFile(text: string): Promise<void>;
    sync(): Promise<void>;
    close(): Promise<void>;
  }>;
}

/**
 * A store in a file. A line that was cut short, because the program was killed while it wrote, is left out: nobody was told that it
 * is safe. Only one program may add to it at a time.
 *
 * @param files - The file system, for instance `await import("node:fs/promises")`.
 * @param path - The file, which is made when the first line is added; its folder is there.
 */
export function fileStore(files: Files, path: string): LineStore {
  const read = async (): Promise<Uint8Array> =>
    files.readFile(path).catch((error: unknown) => {
      if ((error as { readonly code?: string }).code === "ENOENT") return new Uint8Array();
      throw error;
    });
  /** Whether the file is known to end with a whole line. */
  let isWhole = false;
  let last: Promise<unknown> = Promise.resolve();
  const add = async (line: string): Promise<void> => {
    const bytes = isWhole ? new Uint8Array() : await read();
    const file = await files.open(path, "a");
    try {
      const end = bytes.lastIndexOf(LINE_FEED) + 1;
      // What was cut short ends here, so that it does not become part of this line.
      if (end < bytes.length) await file.truncate(end);
      isWhole = false;
      await file.appendFile(`${line}\n`);
      await file.sync();
      isWhole = true;
    } finally {
      await file.close();
    }
  };
  return {
    read: async () => linesOf(await read()),
    add: async (line) => {
      const turn = last.then(async () => add(line));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

/** Lines that have an end, read one by one: all together can be longer than a text may be. */
function linesOf(bytes: Uint8Array): string[] {
  const decoder = new TextDecoder();
  const lines: string[] = [];
  for (let start = 0; ;) {
    const end = bytes.indexOf(LINE_FEED, start);
    if (end === -1) return lines;
    lines.push(decoder.decode(bytes.subarray(start, end)));
    start = end + 1;
  }
}

/** See the head of this file. One for each segment of a ballot. */
export class VoteQueue<Vote extends RelayableVote> {
  readonly #store: LineStore;

  /** @param store - Where votes are kept, of this segment of the ballot alone. */
  constructor(store: LineStore) {
    this.#store = store;
  }

  /**
   * Takes a vote. When this is done, the voter may be told that the relayer has it.
   *
   * @param vote - It; whether it is good is found out when it is relayed.
   * @throws StoredVoteError for what could not be read again, which would keep all others from being brought.
   */
  async take(vote: Vote): Promise<void> {
    const line = JSON.stringify(vote, plain) as string | undefined;
    try {
      JSON.parse(line ?? "", unplain);
    } catch (cause) {
      throw new StoredVoteError(`what is to be stored is no vote: ${String(line).slice(0, SHOWN)}`, { cause });
    }
    await this.#store.add(line ?? "");
  }

  /**
   * All votes that were taken, in their order.
   *
   * @throws StoredVoteError for a line that is no vote.
   */
  async votes(): Promise<Vote[]> {
    const lines = await this.#store.read();
    return lines.map((line, index) => {
      try {
        return JSON.parse(line, unplain) as Vote;
      } catch (cause) {
        throw new StoredVoteError(`line ${index + 1} of the store is no vote: ${line.slice(0, SHOWN)}`, { cause });
      }
    });
  }

  /**
   * Brings what is not in the box yet, see {@link relayVotes}. After the relayer was killed, or blocks were replaced, the same call
   * goes on.
   *
   * @param box - The contract, connected to who pays.
   * @param ballot - The ballot with its terms, and the segment of the votes.
   * @param options - As for {@link relayVotes}.
   * @throws StoredVoteError for a line of the store that is no vote.
   * @throws what {@link relayVotes} throws.
   */
  async relay(box: BallotBox, ballot: RelayedBallot, options: RelayOptions = {}): Promise<Relayed<Vote>> {
    return relayVotes(box, ballot, await this.votes(), options);
  }
}

/** Characters of a bad line that are shown. */
const SHOWN = 60;

/** A whole number of any size, as JSON holds it. */
interface Whole {
  readonly whole: string;
}

function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? ({ whole: value.toString() } satisfies Whole) : value;
}

function unplain(_: string, value: unknown): unknown {
  const isWhole = typeof value === "object" && value !== null && typeof (value as Partial<Whole>).whole === "string";
  return isWhole ? BigInt((value as Whole).whole) : value;
}
