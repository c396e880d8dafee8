/** The chain of a test as a node that others ask, and what stands on it. */
import type { Provider } from "ethers";
import type { EthereumProvider } from "hardhat/types/providers";

import { freePort, NodeRefusal } from "../../../scripts/e2e/client.js";
import { type Front, openFront } from "../../../scripts/e2e/front.js";
import type { Connection } from "./city.js";

const INTERNAL = -32_603;

/** Opens a door to the chain of this process. */
export async function openNode(provider: EthereumProvider): Promise<Front> {
  const answer = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    try {
      return await provider.request({ method, params: [...params] });
    } catch (error) {
      const { code, data, message } = error as {
        readonly code?: number;
        readonly data?: unknown;
        readonly message: string;
      };
      throw new NodeRefusal(method, { code: code ?? INTERNAL, message, data });
    }
  };
  return openFront({ answer }, await freePort());
}

/** A chain of which the number of the latest block is known from a moment ago. */
export function behind<Chain extends Provider>(chain: Chain, block: number): Chain {
  return instead(chain, { getBlockNumber: async () => Promise.resolve(block) });
}

/** An object some of whose properties are others. */
export function instead<Whole extends object>(whole: Whole, others: Readonly<Record<string, unknown>>): Whole {
  return new Proxy(whole, {
    get(target, property) {
      if (typeof property === "string" && property in others) return others[property];
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** How many transactions an account sent after a block, and how many of them failed. */
export async function sentBy({ ethers }: Connection, sender: string, after: number) {
  const latest = await ethers.provider.getBlockNumber();
  let [transactions, failed] = [0, 0];
  for (let number = after + 1; number <= latest; ++number) {
    const block = await ethers.provider.getBlock(number, true);
    for (const { from, hash } of block!.prefetchedTransactions) {
      if (from !== sender) continue;
      transactions += 1;
      if ((await ethers.provider.getTransactionReceipt(hash))!.status !== 1) failed += 1;
    }
  }
  return { transactions, failed };
}

/** What a call fails with. */
export async function failureOf(call: Promise<unknown>): Promise<Error> {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof Error)) throw new Error("it did not fail", { cause: failure });
  return failure;
}
