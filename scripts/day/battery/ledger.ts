/** The money of the leases, told by the chain's events alone. */
import type { BaseContract, LogDescription } from "ethers";

import { type City, LeaseState } from "../../../sdk/index.js";
import type { Day } from "../day.js";
import type { Certified } from "./charts.js";
import type { Life, PackRun } from "./life.js";

/** An event with the time of its block. */
interface Told {
  readonly name: string;
  readonly args: LogDescription["args"];
  readonly at: bigint;
}

/** Where the money of a lease came from and went. Token units. */
export interface LeaseMoney {
  readonly leaseId: bigint;
  readonly startedAt: bigint;
  readonly endedAt: bigint;
  /** Deposit, rents, fees, overage and price that the lessee paid into the book. */
  paidIn: bigint;
  /** Rent that became the owners', after abatement. */
  rentEarned: bigint;
  /** The same by the formula, from the terms, the span, and the times of abatement. */
  readonly rentByFormula: bigint;
  /** Rent that the lessee did not owe because of abatement. */
  readonly abated: bigint;
  lateFees: bigint;
  overage: bigint;
  earlyFee: bigint;
  /** Award for damage. */
  damages: bigint;
  buyout: bigint;
  /** Deposit, unearned rent and rebate that went back to the lessee. */
  returned: bigint;
}

/** What the book holds, and what it owes by its own accounts, one by one. */
export async function bookOwes(
  { lease, token }: City,
  packs: readonly PackRun[],
  parties: readonly string[],
): Promise<{ held: bigint; owed: bigint }> {
  const pots = packs.map(async ({ lease: run }) => {
    if (run === undefined) return 0n;
    const [stored, { abatement, closing }] = await Promise.all([
      lease.leaseOf(run.leaseId),
      lease.accountsOf(run.leaseId),
    ]);
    if (stored.state === LeaseState.Settled || stored.state === LeaseState.BoughtOut) return 0n;
    if (stored.state !== LeaseState.Active) return closing.held;
    return run.offer.deposit + stored.paidPeriods * stored.rent - stored.credited - abatement.rebateTaken;
  });
  const balances = parties.map((party) => lease.balanceOf(party));
  const owed = (await Promise.all([...pots, ...balances])).reduce((sum, one) => sum + one, 0n);
  return { held: await token.balanceOf(await lease.getAddress()), owed };
}

/** Everything that a contract told since a block. */
async function eventsOf(day: Day, contract: BaseContract, fromBlock: number): Promise<Told[]> {
  const { provider } = day.connection.ethers;
  const logs = await provider.getLogs({ address: await contract.getAddress(), fromBlock });
  const times = new Map<number, bigint>();
  const told: Told[] = [];
  for (const log of logs) {
    const parsed = contract.interface.parseLog(log);
    if (parsed === null) continue;
    const at = times.get(log.blockNumber) ?? BigInt((await provider.getBlock(log.blockNumber))?.timestamp ?? 0);
    times.set(log.blockNumber, at);
    told.push({ name: parsed.name, args: parsed.args, at });
  }
  return told;
}

/** The chain's own account of the batteries' part. */
export interface Accounts {
  readonly leases: readonly LeaseMoney[];
  /** Tokens that came into the book. */
  readonly paidIn: bigint;
  /** Tokens that left it, by who received them. */
  readonly withdrawn: ReadonlyMap<string, bigint>;
  readonly readingsAccepted: number;
  readonly readingsSkipped: number;
  /** Readings that the contract marked as implausible. */
  readonly readingsMarked: number;
  /** Certified states of health by pack, in order. */
  readonly certified: ReadonlyMap<bigint, readonly Certified[]>;
}

const DEVICE_MASK = 0xffffn;

/** Reads the accounts from what the contracts told. */
export async function readAccounts({ day, firstBlock, packs }: Life): Promise<Accounts> {
  const { lease, telemetry, token } = day.city;
  const told = await eventsOf(day, lease, firstBlock);
  const book = await lease.getAddress();
  const transfers = (await eventsOf(day, token, firstBlock)).filter(({ name }) => name === "Transfer");
  const readings = await eventsOf(day, telemetry, firstBlock);

  const withdrawn = new Map<string, bigint>();
  for (const { args } of told.filter(({ name }) => name === "Withdrawn")) {
    const to = args.to as string;
    withdrawn.set(to, (withdrawn.get(to) ?? 0n) + (args.amount as bigint));
  }
  const accepted = readings.filter(({ name }) => name === "ReadingAccepted");
  const certified = new Map<bigint, Certified[]>();
  for (const { args } of readings.filter(({ name }) => name === "HealthCertified")) {
    const packId = args.packId as bigint;
    const certificate = { at: args.testedAt as bigint, sohBp: args.sohBp as bigint };
    certified.set(packId, [...(certified.get(packId) ?? []), certificate]);
  }
  return {
    leases: packs.flatMap((pack) => {
      if (pack.lease === undefined) return [];
      const { leaseId } = pack.lease;
      return [
        moneyOf(
          pack.lease,
          told.filter(({ args }) => (args.toObject() as { leaseId?: bigint }).leaseId === leaseId),
        ),
      ];
    }),
    paidIn: transfers.reduce((sum, { args }) => (args.to === book ? sum + (args.value as bigint) : sum), 0n),
    withdrawn,
    readingsAccepted: accepted.length,
    readingsSkipped: readings.filter(({ name }) => name === "ReadingSkipped").length,
    readingsMarked: accepted.filter(({ args }) => (args.flags as bigint) > DEVICE_MASK).length,
    certified,
  };
}

type Run = NonNullable<PackRun["lease"]>;

function moneyOf(run: Run, told: readonly Told[]): LeaseMoney {
  const { offer, startedAt } = run;
  const endedAt = endOf(told);
  const money: LeaseMoney = {
    leaseId: run.leaseId,
    startedAt,
    endedAt,
    ...rentByFormula(run, told, endedAt),
    paidIn: offer.deposit + offer.rent,
    rentEarned: 0n,
    lateFees: 0n,
    overage: 0n,
    earlyFee: 0n,
    damages: 0n,
    buyout: 0n,
    returned: 0n,
  };
  let held = 0n;
  for (const { name, args } of told) {
    const value = (field: string): bigint => args[field] as bigint;
    switch (name) {
      case "RentPaid":
        money.paidIn += value("amount");
        money.lateFees += value("lateFees");
        money.overage += value("overage");
        break;
      case "RentCredited":
        money.rentEarned += value("amount");
        break;
      case "AccountsClosed":
        money.rentEarned += value("rentCredit") + value("arrears");
        money.overage += value("overage");
        money.lateFees += value("lateFees");
        money.earlyFee += value("earlyFee");
        held = value("held");
        break;
      case "DamageClaimed":
        money.returned += held - value("amount");
        break;
      case "LeaseSettled":
        money.damages += value("toLessor");
        money.returned += value("toLessee");
        break;
      case "BoughtOut": {
        // What the lessee adds is what the price exceeds its money in the book by; else the rest goes back.
        const due = value("paid") > 0n ? held + value("paid") : value("price");
        money.paidIn += value("paid");
        money.buyout += due;
        money.returned += held + value("paid") - due;
        break;
      }
      default:
    }
  }
  return money;
}

/** When rent ended: with the return or the sale. */
function endOf(told: readonly Told[]): bigint {
  for (const { name, args, at } of told) {
    if (name === "ReturnConfirmed") return args.receivedAt as bigint;
    if (name === "BoughtOut") return at;
  }
  return 0n;
}

/** Rent of a lease over its whole span, and what abatement took off it, by the times at which the remedy ran. */
function rentByFormula(
  { offer: { period, periods, rent }, startedAt }: Run,
  told: readonly Told[],
  endedAt: bigint,
): { rentByFormula: bigint; abated: bigint } {
  const last = endedAt < startedAt + period * periods ? endedAt : startedAt + period * periods;
  let rebate = 0n;
  let running: { since: bigint; perPeriod: bigint } | undefined;
  const stop = (at: bigint): void => {
    const until = at < last ? at : last;
    if (running !== undefined && until > running.since) rebate += running.perPeriod * (until - running.since);
    running = undefined;
  };
  for (const { name, args, at } of told) {
    if (name === "RemedyStarted") {
      stop(at);
      running = { since: at, perPeriod: args.rebatePerPeriod as bigint };
    } else if (name === "RemedyEnded") stop(at);
  }
  stop(last);
  const gross = (rent * (last - startedAt)) / period;
  const net = (rent * (last - startedAt) - rebate) / period;
  return { rentByFormula: net, abated: gross - net };
}
