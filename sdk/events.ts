/** The events of a receipt, by name and in words. */
import { type EventFragment, Interface, type Log } from "ethers";

import type { CityAddresses } from "./city.js";
import { events } from "./natspec.js";
import { type Argument, type Described, Parser, tell } from "./words.js";

/** An event of one of the suite's contracts. */
export interface DecodedEvent {
  /** Name of the event, for instance `LeaseStarted`. */
  readonly name: string;
  /** Its arguments by name; tuples are objects by name, too. Of an indexed text or list only the hash is known. */
  readonly args: Readonly<Record<string, unknown>>;
  /** What happened, as the contract's documentation says it, with every argument by what it is. */
  readonly sentence: string;
  /** The arguments in order, each with what it means. */
  readonly told: readonly Argument[];
  /** Who emitted it. */
  readonly address: string;
  /** Which of the city's contracts that is; absent if no addresses were given, or it is none of them. */
  readonly contract?: keyof CityAddresses;
  /** Number of the log in its block. */
  readonly logIndex: number;
  readonly transactionHash: string;
}

/** What of a log is looked at: that of ethers, or one that was made elsewhere. */
export type RawLog = Pick<Log, "address" | "topics" | "data"> & Partial<Pick<Log, "index" | "transactionHash">>;

const parser = new Parser<EventFragment>();

/**
 * Names the events of a receipt, whichever of the suite's contracts emitted them, linked libraries included.
 *
 * @param receipt - A receipt, or the logs themselves; null, as ethers has it for what is not mined, has none.
 * @param addresses - The city's, so that each event says which contract it is of, and events of others are left out.
 * @returns Events of the suite in their order. Logs that are no such event are left out.
 */
export function decodeLogs(
  receipt: { readonly logs: readonly RawLog[] } | readonly RawLog[] | null,
  addresses?: CityAddresses,
): DecodedEvent[] {
  if (receipt === null) return [];
  const logs = "logs" in receipt ? receipt.logs : receipt;
  const contracts = new Map(
    Object.entries(addresses ?? {}).map(([name, address]) => [(address as string).toLowerCase(), name]),
  );
  return logs.flatMap((log, index) => {
    const contract = contracts.get(log.address.toLowerCase());
    if (addresses !== undefined && contract === undefined) return [];
    const event = decode(log, index);
    if (event === undefined) return [];
    return contract === undefined ? [event] : [{ ...event, contract: contract as keyof CityAddresses }];
  });
}

function decode(log: RawLog, index: number): DecodedEvent | undefined {
  const described: Described | undefined = events[`${log.topics[0] ?? ""}/${log.topics.length - 1}`];
  if (described === undefined) return undefined;
  const fragment = parser.of(described);
  try {
    const values = new Interface([fragment]).decodeEventLog(fragment, log.data, log.topics);
    const { arguments: told, sentence } = tell(described, fragment, values);
    return {
      name: fragment.name,
      args: Object.fromEntries(told.map(({ name, value }) => [name, value])),
      sentence,
      told,
      address: log.address,
      logIndex: log.index ?? index,
      transactionHash: log.transactionHash ?? "",
    };
  } catch {
    // A stranger's event of the same signature with something else in it.
    return undefined;
  }
}
