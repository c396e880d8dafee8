/** A client of the chain that a check starts for itself, and ends again. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";

/** Chain of development nodes. The in-process chain has it too, so that everything signed is the same. */
export const CHAIN_ID = 31_337;
/** Words of Hardhat's and Foundry's development accounts, known to everybody. */
export const MNEMONIC = "test test test test test test test test test test test junk";
/** The city's bodies, the relayer and the companies that the day names. */
export const ACCOUNTS = 51;
/** Coins of each account. */
export const COINS = 10_000;
/** As the in-process chain has it. */
export const BLOCK_GAS = 60_000_000;

const LOCALHOST = "127.0.0.1";
const START_TRIES = 300;
const START_POLL_MS = 100;
const STOP_MS = 10_000;
/** What a client said last, for the message when it does not start. */
const TAIL = 2_000;

/** A running client that a day can be lived on. */
export interface Client {
  /** Name and version, as the client says it. */
  readonly version: string;
  /** Where it answers; also what moves its clock. */
  readonly url: string;
  /** Ends it, and removes what it wrote. */
  stop(): Promise<void>;
}

/** Why a client cannot be had, with what to do about it. */
export class ClientError extends Error {
  override readonly name: string = "ClientError";
}

/** A program in the background. */
export class Background {
  readonly #child: ChildProcess;
  readonly #name: string;
  #said = "";
  #failed: Error | undefined;

  /** @param shell - Whether a shell starts it. */
  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env, shell = false) {
    this.#name = command;
    // In a group of its own, so that what it starts ends with it.
    this.#child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
      env,
      shell,
    });
    const listen = (text: Buffer): void => void (this.#said = (this.#said + text.toString()).slice(-TAIL));
    this.#child.stdout?.on("data", listen);
    this.#child.stderr?.on("data", listen);
    this.#child.on("error", (error) => (this.#failed = error));
  }

  /**
   * Waits until it answers.
   *
   * @throws ClientError if it ends instead, or says nothing for half a minute.
   */
  async answers(url: string): Promise<void> {
    for (let attempt = 0; attempt < START_TRIES; attempt += 1) {
      if (this.#isOver) break;
      try {
        await ask(url, "eth_chainId", []);
        return;
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
      }
      await delay(START_POLL_MS);
    }
    const why = this.#failed?.message ?? `it said:\n${this.#said}`;
    throw new ClientError(`${this.#name} does not answer at ${url}; ${why}\nRun it by hand to see what it lacks.`);
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#isOver) return;
    const over = once(this.#child, "exit");
    this.#kill("SIGTERM");
    const timer = setTimeout(() => {
      this.#kill("SIGKILL");
    }, STOP_MS);
    await over;
    clearTimeout(timer);
  }

  get #isOver(): boolean {
    return this.#failed !== undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #kill(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    // Windows has no groups to signal, but ends a process with what it started.
    if (process.platform === "win32") spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"]);
    else process.kill(-pid, signal);
  }
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOCALHOST);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new ClientError("No port is free on this machine.");
  return address.port;
}

/** Address of a port of this machine. */
export function localUrl(port: number): string {
  return `http://${LOCALHOST}:${port}`;
}

/** An answer that is an error, as the node gave it. */
export class NodeRefusal extends ClientError {
  override readonly name = "NodeRefusal";
  readonly refusal: Readonly<Record<string, unknown>>;

  constructor(method: string, refusal: Readonly<Record<string, unknown>>) {
    super(`${method}: ${String(refusal.message)}`);
    this.refusal = refusal;
  }
}

/**
 * Asks a node.
 *
 * @throws NodeRefusal if it answers with an error.
 * @throws ClientError if nobody answers.
 */
export async function ask(
  url: string,
  method: string,
  params: readonly unknown[],
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  let answer: { readonly result?: unknown; readonly error?: Record<string, unknown> };
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    answer = (await response.json()) as typeof answer;
  } catch (cause) {
    throw new ClientError(`Nobody answers at ${url}.`, { cause });
  }
  if (answer.error !== undefined) throw new NodeRefusal(method, answer.error);
  return answer.result;
}
