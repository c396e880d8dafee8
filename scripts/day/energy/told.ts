/** What the chain tells of the energy part, from the events of its contracts alone. */
import type { BaseContract, LogDescription } from "ethers";

import { type Order, type Result, unpackOrders, unpackResults } from "../../../sdk/energy/index.js";
import type { Life } from "./life.js";

/** A book's price in money units per Wh, and what it bought and sold, Wh. */
export interface ToldBook {
  readonly price: bigint;
  readonly bought: bigint;
  readonly sold: bigint;
}

/** What the market told of an interval. */
export interface ToldInterval {
  /** Batches in the order in which they were posted. */
  readonly batches: Order[][];
  /** Price, with the lowest and the highest that would do; money units per Wh. */
  price: bigint;
  low: bigint;
  high: bigint;
  /** Wh. */
  volume: bigint;
  /** By number of the feeder. */
  readonly books: Map<number, ToldBook>;
  readonly results: Result[];
  settled: boolean;
}

/** What the contracts told, in token units and Wh. */
export interface Told {
  readonly intervals: ReadonlyMap<number, ToldInterval>;
  readonly deposited: ReadonlyMap<number, bigint>;
  readonly withdrawn: ReadonlyMap<number, bigint>;
  readonly toppedUp: bigint;
  readonly supplierWithdrawn: bigint;
  readonly feesWithdrawn: bigint;
  readonly potWithdrawn: bigint;
  /** Debts and claims that arose. */
  readonly unpaid: number;
  /** Certificates issued by meter, Wh. */
  readonly certificates: ReadonlyMap<number, bigint>;
}

const NOTHING = { price: 0n, low: 0n, high: 0n, volume: 0n, settled: false };

/** Reads the events of the part. */
export async function readTold(life: Life): Promise<Told> {
  const { energyCertificates, energyMarket } = life.day.city;
  const intervals = new Map<number, ToldInterval>(
    life.slots.map(({ interval }) => [interval, { ...NOTHING, batches: [], books: new Map(), results: [] }]),
  );
  const deposited = new Map<number, bigint>();
  const withdrawn = new Map<number, bigint>();
  const sums: Record<string, bigint> = {};
  let unpaid = 0;
  for (const { args, name } of await eventsOf(life, energyMarket)) {
    const value = (field: string): bigint => args[field] as bigint;
    const told = args.toObject() as { interval?: bigint };
    const interval = intervals.get(Number(told.interval ?? -1n));
    switch (name) {
      case "OrdersPosted":
        interval?.batches.push(unpackOrders(args.records as string));
        break;
      case "RoundCleared":
        if (interval !== undefined) {
          Object.assign(interval, {
            price: value("price"),
            low: value("low"),
            high: value("high"),
            volume: value("volume"),
          });
        }
        break;
      case "BookCleared":
        interval?.books.set(Number(value("feeder")), {
          price: value("price"),
          bought: value("bought"),
          sold: value("sold"),
        });
        break;
      case "AccountsSettled":
        interval?.results.push(...unpackResults(args.results as string));
        break;
      case "IntervalSettled":
        if (interval !== undefined) interval.settled = true;
        break;
      case "Deposited":
        add(deposited, Number(value("account")), value("amount"));
        break;
      case "Withdrawn":
        add(withdrawn, Number(value("account")), value("amount"));
        break;
      case "SupplierToppedUp":
      case "SupplierWithdrawn":
      case "GridFeesWithdrawn":
      case "PotWithdrawn":
        sums[name] = (sums[name] ?? 0n) + value("amount");
        break;
      case "DebtIncurred":
      case "ClaimBooked":
        ++unpaid;
        break;
      default:
    }
  }
  const certificates = new Map<number, bigint>();
  for (const { args, name } of await eventsOf(life, energyCertificates)) {
    if (name === "CertificatesIssued") add(certificates, Number(args.meter as bigint), args.wh as bigint);
  }
  return {
    intervals,
    deposited,
    withdrawn,
    toppedUp: sums.SupplierToppedUp ?? 0n,
    supplierWithdrawn: sums.SupplierWithdrawn ?? 0n,
    feesWithdrawn: sums.GridFeesWithdrawn ?? 0n,
    potWithdrawn: sums.PotWithdrawn ?? 0n,
    unpaid,
    certificates,
  };
}

async function eventsOf({ day, firstBlock }: Life, contract: BaseContract): Promise<LogDescription[]> {
  const { provider } = day.connection.ethers;
  const logs = await provider.getLogs({ address: await contract.getAddress(), fromBlock: firstBlock });
  return logs.flatMap((log) => {
    const parsed = contract.interface.parseLog(log);
    return parsed === null ? [] : [parsed];
  });
}

function add<Key>(sums: Map<Key, bigint>, key: Key, amount: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + amount);
}
