/** The line to a node that may be cut, slow or overloaded: what can be asked again is asked again, a few times. */
import { setTimeout as delay } from "node:timers/promises";

import { BUSY_CODES, type Patience, USUAL_PATIENCE } from "../../../sdk/line.js";
import { NodeRefusal } from "../../e2e/client.js";
import { DayError } from "../errors.js";

/** The node gave no answer as often as it was asked. What happened stands on the chain. */
export class LineError extends DayError {
  override readonly name = "LineError";
}

/** One request got no answer: the node may have heard it or not. */
class NoAnswer extends Error {}

/** A request. */
export interface Request {
  readonly method: string;
  readonly params: readonly unknown[];
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: Readonly<Record<string, unknown>>;
}

/** Asks one node. */
export class NodeLine {
  readonly #url: string;
  readonly #patience: Patience;

  /**
   * @param url - Where the node answers.
   * @param patience - How long it is waited for: less than Hardhat waits for its node.
   */
  constructor(url: string, patience: Patience = USUAL_PATIENCE) {
    this.#url = url;
    this.#patience = patience;
  }

  /**
   * Asks what changes nothing, or comes to the same when it is asked twice.
   *
   * @throws NodeRefusal if the node answers with an error.
   * @throws LineError if it does not answer.
   */
  async ask(method: string, params: readonly unknown[] = []): Promise<unknown> {
    const [answer] = await this.#steadily([{ method, params }], async () => Promise.resolve(undefined));
    return resultOf(method, answer);
  }

  /**
   * Asks two things at once, of which the second is never refused.
   *
   * @returns How to get the answer of the first, and the answer of the second.
   */
  async askWith(first: Request, second: Request): Promise<readonly [get: () => unknown, other: unknown]> {
    const [one, other] = await this.#steadily([first, second], async () => Promise.resolve(undefined));
    return [() => resultOf(first.method, one), resultOf(second.method, other)];
  }

  /**
   * Asks for a change. Whenever no answer comes, it is looked up whether the node made it all the same.
   *
   * @param made - What it made, if it did.
   */
  async change(request: Request, made: () => Promise<unknown>): Promise<unknown> {
    let asked = 0;
    const [answer] = await this.#steadily([request], async () => {
      asked += 1;
      const result = await made();
      return result === undefined ? undefined : [{ result }];
    });
    if (answer?.error !== undefined && asked > 0) {
      // Heard twice: the node refuses the second one, for the first one is in a block.
      const result = await made();
      if (result !== undefined) return result;
    }
    return resultOf(request.method, answer);
  }

  async #steadily(
    requests: readonly Request[],
    unanswered: () => Promise<readonly Answer[] | undefined>,
  ): Promise<readonly Answer[]> {
    const { pauseMs, tries } = this.#patience;
    const since = Date.now();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(requests);
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        if (attempt >= tries) throw this.#givenUp(requests, (Date.now() - since) / 1_000, error);
      }
      await delay(pauseMs * 2 ** (attempt - 1));
      const found = await unanswered();
      if (found !== undefined) return found;
    }
  }

  #givenUp(requests: readonly Request[], seconds: number, cause: Error): LineError {
    const names = requests.map(({ method }) => method).join(" and ");
    return new LineError(
      // What stands behind the host of an address is often a key.
      `The node at ${new URL(this.#url).origin} gave no answer to ${names}, asked ${this.#patience.tries} times in ` +
        `${seconds.toFixed(0)} seconds (${cause.message}). See that it runs and can be reached; then the same command ` +
        "with --resume goes on where the day stopped.",
      { cause },
    );
  }

  async #once(requests: readonly Request[]): Promise<Answer[]> {
    const calls = requests.map((request, id) => ({ jsonrpc: "2.0", id, ...request }));
    let answers: Answer | Answer[];
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(calls.length === 1 ? calls[0] : calls),
        signal: AbortSignal.timeout(this.#patience.timeoutMs),
      });
      if (!response.ok) throw new Error(`HTTP status ${response.status}`);
      answers = (await response.json()) as typeof answers;
    } catch (error) {
      throw new NoAnswer(reasonOf(error), { cause: error });
    }
    const list = [answers].flat();
    const ordered = calls.map(({ id }) => list.find((answer) => answer.id === id) ?? {});
    const busy = ordered.find(({ error }) => BUSY_CODES.has(error?.code));
    if (busy !== undefined) throw new NoAnswer(String(busy.error?.message));
    return ordered;
  }
}

function resultOf(method: string, answer: Answer | undefined): unknown {
  if (answer?.error !== undefined) throw new NodeRefusal(method, answer.error);
  return answer?.result ?? null;
}

/** Why a request failed: of `fetch failed` the cause tells more. */
function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? inner.message : String(inner);
}
