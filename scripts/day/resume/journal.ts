/**
 * The journal of a day on a chain that outlives it: what the node was asked, and what it answered, one line each. A line is
 * written before its answer is used, so a day that was killed anywhere can be lived again up to there without the node.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

import { DayError } from "../errors.js";

/** A block of the chain. */
export interface Block {
  readonly number: number;
  readonly hash: string;
  /** Unix time. */
  readonly timestamp: number;
}

/** Which day on which chain. */
export interface Beginning {
  /** What the day is lived from, in words that differ when it does. */
  readonly day: string;
  readonly chainId: string;
  /** Hash of the chain's first block. */
  readonly genesis: string;
  /** The latest block before the day. */
  readonly block: Block;
}

/** What a node answered. */
export type Told = { readonly result: unknown } | { readonly error: Readonly<Record<string, unknown>> };

/** Something that made a block. */
export interface Change {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly told: Told;
  /** The latest block after it. */
  readonly block: Block;
}

type Line =
  | { readonly kind: "beginning"; readonly beginning: Beginning }
  | { readonly kind: "read"; readonly after: number; readonly key: string; readonly like?: string; readonly told: Told }
  | { readonly kind: "change"; readonly change: Change }
  /** Its block was replaced by another one. */
  | { readonly kind: "moved"; readonly index: number; readonly block: Block };

/** See the head of this file. */
export class DayJournal {
  readonly beginning: Beginning;
  readonly #changes: Change[] = [];
  readonly #reads = new Map<string, Told[]>();
  readonly #file: number;

  private constructor(path: string, beginning: Beginning, lines: readonly Line[] = []) {
    this.beginning = beginning;
    for (const line of lines) this.#take(line);
    this.#file = openSync(path, "a");
  }

  /** Begins a journal; one that is there is given up. */
  static begin(path: string, beginning: Beginning): DayJournal {
    mkdirSync(dirname(path), { recursive: true });
    // Whole or not at all: a journal that is there has a beginning.
    const line: Line = { kind: "beginning", beginning };
    writeFileSync(`${path}.part`, `${JSON.stringify(line)}\n`);
    renameSync(`${path}.part`, path);
    return new DayJournal(path, beginning);
  }

  /** Opens a journal to go on with it; undefined if there is none. A last line that was cut short never counted. */
  static resume(path: string): DayJournal | undefined {
    if (!existsSync(path)) return undefined;
    const text = readFileSync(path, "utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    truncateSync(path, Buffer.byteLength(whole));
    let lines: Line[];
    try {
      lines = whole
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line);
    } catch (cause) {
      throw new DayError(`${path} is no journal of a day. Remove it, and begin the day without --resume.`, { cause });
    }
    const [first] = lines;
    if (first?.kind !== "beginning")
      throw new DayError(`${path} is no journal of a day. Remove it, and begin the day without --resume.`);
    return new DayJournal(path, first.beginning, lines);
  }

  /** Everything that made a block, in its order. */
  get changes(): readonly Change[] {
    return this.#changes;
  }

  /** The latest block that the day knows of. */
  get head(): Block {
    return this.#changes.at(-1)?.block ?? this.beginning.block;
  }

  /**
   * What was answered after so many changes, or up to `reach` later: to this request, or, there and then only, to an estimate of
   * its kind where the contents differ, for a node estimates nothing as it was then. Several answers are told in their order, and
   * the last one from then on.
   */
  read(after: number, reach: number, method: string, params: readonly unknown[]): Told | undefined {
    const key = keyOf(method, params);
    for (let place = after; place <= after + reach; place += 1) {
      const answer = this.#next(`${place} ${key}`);
      if (answer !== undefined) return answer;
    }
    const like = likeOf(method, params);
    return like === undefined ? undefined : this.#next(`${after} ${like}`);
  }

  #next(place: string): Told | undefined {
    const answers = this.#reads.get(place) ?? [];
    return answers.length > 1 ? answers.shift() : answers[0];
  }

  /** The next refusal of a transaction, to the letter, after so many changes; each is told once. */
  takeRefusal(after: number, method: string, params: readonly unknown[]): Told | undefined {
    return this.#reads.get(`${after} ${keyOf(method, params)}`)?.shift();
  }

  addRead(after: number, method: string, params: readonly unknown[], told: Told): void {
    const like = likeOf(method, params);
    this.#write({ kind: "read", after, key: keyOf(method, params), ...(like === undefined ? {} : { like }), told });
  }

  addChange(change: Change): void {
    this.#changes.push(change);
    this.#write({ kind: "change", change });
  }

  /** A change is in another block now. */
  move(index: number, block: Block): void {
    this.#take({ kind: "moved", index, block });
    this.#write({ kind: "moved", index, block });
  }

  close(): void {
    closeSync(this.#file);
  }

  #take(line: Line): void {
    if (line.kind === "change") this.#changes.push(line.change);
    else if (line.kind === "moved") {
      const change = this.#changes[line.index];
      if (change !== undefined) this.#changes[line.index] = { ...change, block: line.block };
    } else if (line.kind === "read") {
      for (const key of line.like === undefined ? [line.key] : [line.key, line.like]) {
        const place = `${line.after} ${key}`;
        const answers = this.#reads.get(place);
        if (answers === undefined) this.#reads.set(place, [line.told]);
        else answers.push(line.told);
      }
    }
  }

  #write(line: Line): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}

const ESTIMATE = "eth_estimateGas";
/** Bytes of call data that name the function: `0x` and eight digits. */
const SELECTOR = 10;

/** What was asked, to the letter. */
function keyOf(method: string, params: readonly unknown[]): string {
  return createHash("sha256")
    .update(JSON.stringify([method, params]))
    .digest("base64");
}

/** Of an estimate, what was asked as far as it is the same with other proofs and signatures: contract and function. */
function likeOf(method: string, params: readonly unknown[]): string | undefined {
  if (method !== ESTIMATE) return undefined;
  const { data, from, input, to } = params[0] as Readonly<Record<string, unknown>>;
  const text = typeof data === "string" ? data : typeof input === "string" ? input : "";
  return [method, from, to, text.slice(0, SELECTOR)].map(String).join(" ");
}
