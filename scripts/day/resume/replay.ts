/**
 * Stands between a day and its node, so that the day can be killed at any moment and lived again from its start: whatever the
 * journal knows is answered from there, and nothing is sent twice. Where the journal ends the node is asked. What the node did
 * and the journal does not know, because the end came between the two, is found on the chain.
 *
 * It also notices when blocks are replaced by others under the day, and sends again what they took away.
 */
import { setTimeout as delay } from "node:timers/promises";

import { toQuantity, Transaction, type TransactionLike } from "ethers";

import type { Patience } from "../../../sdk/line.js";
import { NodeRefusal } from "../../e2e/client.js";
import type { Answerer } from "../../e2e/front.js";
import { DayError } from "../errors.js";
import { type Block, type Change, DayJournal, type Told } from "./journal.js";
import { NodeLine, type Request } from "./line.js";

const SEND = "eth_sendRawTransaction";
const SEND_SIGNED_BY_NODE = "eth_sendTransaction";
const MINE = "evm_mine";
const SET_TIME = "evm_setNextBlockTimestamp";
const RECEIPT = "eth_getTransactionReceipt";
const TRANSACTION = "eth_getTransactionByHash";
const LATEST: Request = { method: "eth_getBlockByNumber", params: ["latest", false] };

/** Asked before something is sent, and after. Side by side it can be asked when other things are sent already, or not yet. */
const PREPARING: ReadonlySet<string> = new Set([
  "eth_estimateGas",
  "eth_feeHistory",
  "eth_gasPrice",
  TRANSACTION,
  "eth_getTransactionCount",
  RECEIPT,
  "eth_maxPriorityFeePerGas",
]);
/** Most transactions that the day sends side by side. */
const MOST_SIDE_BY_SIDE = 64;
/** How long one of them waits for the others, milliseconds, when the day is lived again. */
const SIDE_BY_SIDE_MS = 20_000;
const POLL_MS = 10;
/** Longest time from the hash of a transaction to its block, milliseconds. */
const MINED_MS = 30_000;
/** How often it is looked for a block that a node may just be making. */
const LOOKS = 10;

/** Bytes of call data that name the function: `0x` and eight digits. */
const SELECTOR = 10;

/** The chain is not as this day left it. */
export class DivergedError extends DayError {
  override readonly name = "DivergedError";

  constructor(fault: string) {
    super(`${fault} Begin the day anew without --resume; on this chain it deploys another city.`);
  }
}

/** Where a journal lies, of which day, and on which node. */
export interface ReplayOptions {
  /** Where the node answers. */
  readonly url: string;
  /** The journal's file. */
  readonly journal: string;
  /** What the day is lived from, in words that differ when it does. */
  readonly day: string;
  /** Whether to go on with a day that was broken off. */
  readonly resume: boolean;
  /** Hears what a person who looks on should know. */
  readonly tell?: (line: string) => void;
  readonly patience?: Patience;
}

/** What tells one transaction from another, whatever proofs and fees it has. */
interface Sent {
  readonly from: string | null;
  readonly nonce: number;
  readonly to: string | null;
  readonly selector: string;
}

/** See the head of this file. */
export class Replay implements Answerer {
  readonly #line: NodeLine;
  readonly #journal: DayJournal;
  readonly #tell: (line: string) => void;
  /** Changes that the day has come past in this process, all before them too. */
  #past = 0;
  /** Later ones that it has come past: what is sent side by side comes in any order. */
  readonly #ahead = new Set<number>();
  /** The latest block when the node was asked last. */
  #head: Block;
  /** The time that the day set for the next block, and whether the node knows of it. */
  #time: number | undefined;
  #timeIsSet = true;
  #queue: Promise<unknown> = Promise.resolve();
  #failure: DayError | undefined;

  private constructor(line: NodeLine, journal: DayJournal, tell: (line: string) => void) {
    this.#line = line;
    this.#journal = journal;
    this.#tell = tell;
    this.#head = journal.head;
  }

  /**
   * Begins a day, or goes on with one.
   *
   * @throws LineError if the node does not answer.
   * @throws DivergedError if the chain is another one, or was used by others since.
   * @throws DayError if there is nothing to go on with, or it is another day.
   */
  static async open(options: ReplayOptions): Promise<Replay> {
    const { day, journal: path, patience, resume, tell = () => undefined, url } = options;
    const line = new NodeLine(url, patience);
    const chainId = String(await line.ask("eth_chainId"));
    const genesis = blockOf(await line.ask("eth_getBlockByNumber", ["0x0", false])).hash;
    if (!resume) {
      const block = blockOf(await line.ask(LATEST.method, LATEST.params));
      return new Replay(line, DayJournal.begin(path, { day, chainId, genesis, block }), tell);
    }
    const journal = DayJournal.resume(path);
    if (journal === undefined) {
      throw new DayError(`No day was broken off here (there is no ${path}). Begin one without --resume.`);
    }
    const { beginning } = journal;
    if (beginning.day !== day) {
      throw new DayError(
        `The day that was broken off is another one: ${beginning.day}, and not ${day}. ` +
          "Give the same options and files as then, or begin this one without --resume.",
      );
    }
    if (beginning.chainId !== chainId || beginning.genesis !== genesis) {
      throw new DivergedError(
        `The day was broken off on chain ${beginning.chainId} with first block ${beginning.genesis}, ` +
          `and this is chain ${chainId} with first block ${genesis}.`,
      );
    }
    const replay = new Replay(line, journal, tell);
    await replay.#catchUp();
    tell(`Going on with the day after ${journal.changes.length} blocks of it.`);
    return replay;
  }

  /** Why no answer could be given, if that was no affair of a contract. */
  get failure(): DayError | undefined {
    return this.#failure;
  }

  close(): void {
    this.#journal.close();
  }

  async answer(method: string, params: readonly unknown[]): Promise<unknown> {
    try {
      switch (method) {
        case SEND:
        case SEND_SIGNED_BY_NODE:
        case MINE:
          return await this.#change({ method, params });
        case SET_TIME:
          return await this.#inTurn(async () => this.#setTime(params));
        default:
          return await this.#read({ method, params });
      }
    } catch (error) {
      if (error instanceof DayError) this.#failure ??= error;
      throw error;
    }
  }

  async #inTurn<Answer>(act: () => Promise<Answer>): Promise<Answer> {
    const turn = this.#queue.then(act);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  get #isLive(): boolean {
    return this.#past >= this.#journal.changes.length;
  }

  /** How far the day is ahead of what it is past without a gap. */
  get #reach(): number {
    return this.#ahead.size === 0 ? 0 : Math.max(...this.#ahead) + 1 - this.#past;
  }

  // --- what changes nothing

  async #read({ method, params }: Request): Promise<unknown> {
    const past = this.#past;
    const known = this.#journal.read(past, PREPARING.has(method) ? MOST_SIDE_BY_SIDE : this.#reach, method, params);
    if (known !== undefined) return resultOf(method, known);
    const told = this.#isLive ? await this.#askNow({ method, params }) : await this.#askThen(past, { method, params });
    this.#journal.addRead(past, method, params, told);
    return resultOf(method, told);
  }

  async #askNow(request: Request): Promise<Told> {
    for (;;) {
      const [get, latest] = await this.#line.askWith(request, LATEST);
      if (this.#timeIsSet && blockOf(latest).hash === this.#head.hash) return toldBy(get);
      await this.#inTurn(async () => this.#restore());
    }
  }

  /** Asks how it was at a block that is past: another question than then, for instance about another proof. */
  async #askThen(past: number, { method, params }: Request): Promise<Told> {
    const { block } = this.#journal.changes[past - 1] ?? this.#journal.beginning;
    const then = params.map((value) => (value === "latest" || value === "pending" ? toQuantity(block.number) : value));
    try {
      return { result: await this.#line.ask(method, then) };
    } catch (error) {
      if (error instanceof NodeRefusal) return { error: error.refusal };
      throw error;
    }
  }

  /** Said again it comes to the same, so it is kept for the block that comes next. */
  async #setTime(params: readonly unknown[]): Promise<unknown> {
    this.#time = Number(params[0]);
    this.#timeIsSet = this.#isLive;
    if (!this.#isLive) return null;
    await this.#restore();
    return this.#line.ask(SET_TIME, params);
  }

  // --- what makes a block

  async #change(request: Request): Promise<unknown> {
    const until = Date.now() + SIDE_BY_SIDE_MS;
    while (!this.#isLive) {
      const refused = this.#journal.takeRefusal(this.#past, request.method, request.params);
      if (refused !== undefined) return resultOf(request.method, refused);
      const known = this.#recall(request);
      if (known !== undefined) return resultOf(request.method, known.told);
      // Never sent, but something beside it was, which is still to come.
      if (Date.now() > until) throw this.#diverged(request);
      await delay(POLL_MS);
    }
    return this.#inTurn(async () => this.#changeNow(request));
  }

  /** The change as the journal has it, which counts as past from then on. */
  #recall(request: Request): Change | undefined {
    const { changes } = this.#journal;
    const end = Math.min(changes.length, this.#past + MOST_SIDE_BY_SIDE);
    for (let index = this.#past; index < end; index += 1) {
      const known = changes[index];
      if (known === undefined || this.#ahead.has(index) || !isSame(known, request)) continue;
      this.#ahead.add(index);
      while (this.#ahead.delete(this.#past)) this.#past += 1;
      return known;
    }
    return undefined;
  }

  #diverged(request: Request): DivergedError {
    const { block, ...known } = this.#journal.changes[this.#past] ?? { block: this.#head, ...request };
    const words = `${wordsOf(known)}, and not ${wordsOf(request)}`;
    return new DivergedError(`Block ${block.number} holds something else than this day would do there now: ${words}.`);
  }

  async #changeNow(request: Request): Promise<unknown> {
    const ready = await this.#ready(request);
    const told = await toldByAsync(async () => this.#line.change(ready, async () => this.#made()));
    for (;;) {
      const block = await this.#blockOf(request, told);
      if (block !== undefined) {
        this.#add(request, told, block);
        return resultOf(request.method, told);
      }
      // A block was replaced: its own, or one that it came after. The time that was set for it is spent.
      this.#timeIsSet = false;
      await this.#restore();
      if (!(await this.#isKnown(request, told))) return this.#changeNow(request);
    }
  }

  #add({ method, params }: Request, told: Told, block: Block): void {
    if ("error" in told && block.hash === this.#head.hash) {
      this.#journal.addRead(this.#past, method, params, told);
      return;
    }
    this.#head = block;
    this.#journal.addChange({ method, params, told, block });
    this.#past += 1;
    this.#time = undefined;
  }

  /** The request, ready to be sent to a chain that is as the day left it: a look at that comes after all else. */
  async #ready(request: Request): Promise<Request> {
    for (;;) {
      const numbered = await this.#numbered(request);
      if (!(await this.#restore())) return numbered;
    }
  }

  /** With the number of a transaction that the node signs: one that it hears late, and again, it would make two of otherwise. */
  async #numbered(request: Request): Promise<Request> {
    const [transaction] = request.params as readonly { readonly from?: string; readonly nonce?: unknown }[];
    if (request.method !== SEND_SIGNED_BY_NODE || transaction?.nonce !== undefined) return request;
    const nonce = await this.#line.ask("eth_getTransactionCount", [transaction?.from, "pending"]);
    return { method: request.method, params: [{ ...transaction, nonce }] };
  }

  /** The latest block after a change; undefined where blocks were replaced, so that it is gone or came before others. */
  async #blockOf({ method }: Request, told: Told): Promise<Block | undefined> {
    const before = this.#head;
    if ("result" in told && method !== MINE) return this.#blockWith(told.result, before);
    const next = { method: LATEST.method, params: [toQuantity(before.number + 1), false] };
    const [get, latest] = await this.#line.askWith(next, LATEST);
    if (!(await this.#stands(before))) return undefined;
    if ("error" in told) return blockOf(latest);
    const mined = get();
    if (mined === null) return undefined;
    const isInTime =
      this.#time === undefined || this.#time <= before.timestamp || this.#time === blockOf(mined).timestamp;
    return isInTime ? blockOf(latest) : undefined;
  }

  /**
   * The latest block as soon as a transaction is in one; undefined where the node has forgotten it, as it does with a block that
   * is replaced, or where the block is gone that it was sent after. Some nodes tell the hash a moment before they mine it.
   */
  async #blockWith(hash: unknown, before: Block): Promise<Block | undefined> {
    const until = Date.now() + MINED_MS;
    for (let forgotten = 0; forgotten < LOOKS;) {
      const [get, latest] = await this.#line.askWith({ method: RECEIPT, params: [hash] }, LATEST);
      if (!(await this.#stands(before))) return undefined;
      const mined = get() as { readonly blockNumber: string } | null;
      const block = blockOf(latest);
      if (mined !== null && Number(mined.blockNumber) <= block.number) return block;
      if (mined === null && (await this.#line.ask(TRANSACTION, [hash])) === null) forgotten += 1;
      if (Date.now() > until) {
        throw new DayError(
          `Transaction ${String(hash)} got into no block in ${MINED_MS / 1_000} seconds. ` +
            "The day needs a node that mines each transaction at once; start it so, and go on with --resume.",
        );
      }
      await delay(POLL_MS);
    }
    return undefined;
  }

  /** Whether the node has a transaction, in a block or still without. */
  async #isKnown({ method }: Request, told: Told): Promise<boolean> {
    return method !== MINE && "result" in told && (await this.#line.ask(TRANSACTION, [told.result])) !== null;
  }

  async #latest(): Promise<Block> {
    return blockOf(await this.#line.ask(LATEST.method, LATEST.params));
  }

  /** What the node made after the last change that the journal knows; undefined: nothing. */
  async #made(): Promise<unknown> {
    for (let look = 0; look < LOOKS; look += 1) {
      const [change] = await this.#changesAfter(this.#head.number);
      if (change !== undefined) return resultOf(change.method, change.told);
      await delay(POLL_MS);
    }
    return undefined;
  }

  async #changesAfter(number: number): Promise<Change[]> {
    const latest = await this.#latest();
    const changes: Change[] = [];
    for (let next = number + 1; next <= latest.number; next += 1) {
      const block = (await this.#line.ask(LATEST.method, [toQuantity(next), true])) as {
        readonly transactions: readonly Mined[];
      };
      const place = blockOf(block);
      if (block.transactions.length === 0) {
        changes.push({ method: MINE, params: [], told: { result: "0x0" }, block: place });
      }
      for (const transaction of block.transactions) {
        const params = [rawOf(transaction)];
        changes.push({ method: SEND, params, told: { result: transaction.hash }, block: place });
      }
    }
    return changes;
  }

  // --- when the day was away

  /** Brings the journal to where the chain is. Only a few changes can have been under way when the day ended. */
  async #catchUp(): Promise<void> {
    if (!(await this.#stands(this.#head))) {
      await this.#restore();
      return;
    }
    const changes = await this.#changesAfter(this.#head.number);
    if (changes.length > MOST_SIDE_BY_SIDE) {
      throw new DivergedError(
        `Since the day was broken off at block ${this.#journal.head.number}, ${changes.length} blocks were made, and the day makes at most ${MOST_SIDE_BY_SIDE} at once.`,
      );
    }
    for (const change of changes) this.#journal.addChange(change);
    this.#head = this.#journal.head;
  }

  /**
   * Brings the chain to where the day left it, should it be elsewhere: sends again what is on it no more, because its blocks were
   * replaced, in the same order and at the same times, and sets the time of the next block.
   *
   * @returns Whether there was anything to do.
   */
  async #restore(): Promise<boolean> {
    const latest = await this.#latest();
    const isHead = latest.hash === this.#head.hash;
    if (isHead && this.#timeIsSet) return false;
    if (!isHead) this.#head = await this.#makeAgain(latest);
    // What was set for the next block went with the blocks, or into one of others.
    if (this.#time !== undefined && this.#time > this.#head.timestamp) await this.#line.ask(SET_TIME, [this.#time]);
    this.#timeIsSet = true;
    return true;
  }

  /** Tells the latest block after it. */
  async #makeAgain(replaced: Block): Promise<Block> {
    let latest = replaced;
    let least = Infinity;
    let sent = 0;
    // More can be replaced while it is sent again, so each time it is looked from the end.
    for (;;) {
      const lost = await this.#firstLost();
      const change = this.#journal.changes[lost];
      if (change === undefined) break;
      least = Math.min(least, latest.number);
      if (await this.#redo(lost, change)) sent += 1;
      latest = await this.#latest();
    }
    // With nothing lost somebody else made a block. What the day does is its own affair.
    if (least < Infinity) {
      this.#tell(
        `Blocks of the chain were replaced under the day, back to block ${least} or before. ` +
          `Of what it had done, ${sent} blocks were made again.`,
      );
    }
    return latest;
  }

  /** Number of the first change whose block is gone; how many there are if all stand. */
  async #firstLost(): Promise<number> {
    const { beginning, changes } = this.#journal;
    let lost = changes.length;
    for (; lost > 0; lost -= 1) {
      const last = changes[lost - 1];
      if (last !== undefined && (await this.#stands(last.block))) return lost;
    }
    if (await this.#stands(beginning.block)) return 0;
    throw new DivergedError(`Block ${beginning.block.number}, after which the day began, is gone.`);
  }

  /** Whether it had to be done again. */
  async #redo(index: number, { block: then, method, params, told }: Change): Promise<boolean> {
    const before = this.#journal.changes[index - 1]?.block ?? this.#journal.beginning.block;
    const latest = await this.#latest();
    const isLater = then.timestamp > latest.timestamp;
    if ((method === MINE && !isLater) || "error" in told || (await this.#isKnown({ method, params }, told))) {
      const block = method === MINE || "error" in told ? latest : await this.#blockWith(told.result, before);
      if (block !== undefined) this.#journal.move(index, block);
      return false;
    }
    if (isLater) await this.#line.ask(SET_TIME, [then.timestamp]);
    // The last look before it is sent: without what it came after it could do something else.
    if (!(await this.#stands(before))) return false;
    await this.#sendAgain({ method, params }, told, latest);
    const block = method === MINE ? await this.#latest() : await this.#blockWith(told.result, before);
    if (block === undefined || (method === MINE && block.timestamp < then.timestamp)) return false;
    if (method !== MINE) await this.#requireDone(told.result);
    this.#journal.move(index, block);
    return true;
  }

  async #sendAgain(request: Request, { result }: { readonly result: unknown }, { number }: Block): Promise<void> {
    try {
      await this.#line.change(request, async () =>
        (await this.#changesAfter(number)).length === 0 ? undefined : result,
      );
    } catch (error) {
      throw error instanceof NodeRefusal ? failedAgain(result, error) : error;
    }
  }

  async #requireDone(hash: unknown): Promise<void> {
    const receipt = (await this.#line.ask(RECEIPT, [hash])) as { readonly status: string } | null;
    if (receipt !== null && Number(receipt.status) === 0) throw failedAgain(hash);
  }

  async #stands({ hash, number }: Block): Promise<boolean> {
    const block = (await this.#line.ask(LATEST.method, [toQuantity(number), false])) as { hash: string } | null;
    return block?.hash === hash;
  }
}

/** A transaction of a block, as nodes tell it. */
interface Mined {
  readonly hash: string;
  readonly type: string;
  readonly chainId?: string;
  readonly nonce: string;
  readonly to: string | null;
  readonly gas: string;
  readonly gasPrice?: string;
  readonly maxFeePerGas?: string;
  readonly maxPriorityFeePerGas?: string;
  readonly value: string;
  readonly input: string;
  readonly accessList?: TransactionLike["accessList"];
  readonly v: string;
  readonly r: string;
  readonly s: string;
}

/** A transaction with its signature, as it was sent. */
function rawOf(mined: Mined): string {
  const { accessList, chainId, gasPrice, input, maxFeePerGas, maxPriorityFeePerGas, nonce, r, s, to, v, value } = mined;
  const type = Number(mined.type);
  const fees = type === 2 ? { maxFeePerGas, maxPriorityFeePerGas } : { gasPrice };
  const lists = type === 0 ? {} : { accessList: accessList ?? [] };
  return Transaction.from({
    ...{ type, to, value, data: input, gasLimit: mined.gas, nonce: Number(nonce), ...fees, ...lists },
    ...(chainId === undefined ? {} : { chainId }),
    signature: { r, s, v: Number(v) < 2 ? Number(v) + 27 : Number(v) },
  } as TransactionLike).serialized;
}

function failedAgain(hash: unknown, cause?: NodeRefusal): DivergedError {
  const why = cause === undefined ? "" : ` (${cause.message})`;
  return new DivergedError(`The block of transaction ${String(hash)} was replaced, and sent again it failed${why}.`);
}

function blockOf(value: unknown): Block {
  const { hash, number, timestamp } = value as Readonly<Record<"hash" | "number" | "timestamp", string>>;
  return { number: Number(number), hash, timestamp: Number(timestamp) };
}

function sentBy({ method, params }: Request): Sent | undefined {
  if (method === MINE) return undefined;
  const sent = method === SEND ? Transaction.from(String(params[0])) : (params[0] as Partial<TransactionLike>);
  const [from, to] = [sent.from, sent.to].map((address) => address?.toLowerCase() ?? null);
  // A node that signs is told it in digits of another kind, or chooses it itself.
  const nonce: unknown = sent.nonce;
  return {
    from: from ?? null,
    nonce: Number(nonce ?? NaN),
    to: to ?? null,
    selector: (sent.data ?? "").slice(0, SELECTOR),
  };
}

function isSame(known: Change, request: Request): boolean {
  const [there, here] = [sentBy(known), sentBy(request)];
  if (there === undefined || here === undefined) return there === here;
  const isNext = there.nonce === here.nonce || Number.isNaN(there.nonce) || Number.isNaN(here.nonce);
  return isNext && there.from === here.from && there.to === here.to && there.selector === here.selector;
}

function wordsOf(request: Request): string {
  const sent = sentBy(request);
  if (sent === undefined) return "an empty block";
  const { from, nonce, selector, to } = sent;
  return `transaction ${nonce} of ${String(from)} to ${String(to)} with ${selector}`;
}

function resultOf(method: string, told: Told): unknown {
  if ("error" in told) throw new NodeRefusal(method, told.error);
  return told.result;
}

function toldBy(get: () => unknown): Told {
  try {
    return { result: get() };
  } catch (error) {
    if (error instanceof NodeRefusal) return { error: error.refusal };
    throw error;
  }
}

async function toldByAsync(ask: () => Promise<unknown>): Promise<Told> {
  try {
    return { result: await ask() };
  } catch (error) {
    if (error instanceof NodeRefusal) return { error: error.refusal };
    throw error;
  }
}
