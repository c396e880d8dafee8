/** The end of the day: everybody takes out what is theirs, and the books must balance to the last unit. */
import { LeaseState, nameIn, signLeaseWithdrawal } from "../../../sdk/index.js";
import { type Check, equal } from "../check.js";
import type { Outcome } from "../module.js";
import { batteryTiles, healthChart } from "./charts.js";
import { ATTRIBUTE_NAMES, MAKER } from "./fleet.js";
import type { Expected } from "./index.js";
import { type Accounts, bookOwes, type LeaseMoney, readAccounts } from "./ledger.js";
import { type LeaseRun, SIGNATURE_SECONDS } from "./leaseRun.js";
import type { Life, PackRun } from "./life.js";
import { courses } from "./plan.js";
import { writeReport } from "./report.js";
import { type PackCycle, RATED_WH } from "./scale.js";
import { MIN_SOH_BP } from "./terms.js";

const BASIS_POINTS = 10_000n;
const NEVER = "never";
/** Of the message by which each party takes out what is left; far from those of offers and leases. */
const LAST_NONCE = 1n << 128n;

/** Who has an account in the lease book: an account of the chain, or a household's own key. */
type Party = LeaseRun["owner"] | LeaseRun["lessee"];

/** How a pack and its lease came out. */
export interface PackOutcome {
  readonly id: string;
  readonly packId: bigint;
  readonly cycles: number;
  readonly firstSohBp: bigint;
  readonly lastSohBp: bigint;
  /** Cycles at which the guarantee was claimed and, where health recovered, given up again. */
  readonly remedies: readonly { readonly cycle: bigint; readonly sohBp: bigint; readonly endedCycle: bigint | null }[];
  readonly remedyCycle: bigint | null;
  readonly swapped: boolean;
  readonly course: string;
  readonly state: string;
  readonly money: LeaseMoney;
}

/** A party's money, token units. */
export interface PartyOutcome {
  readonly name: string;
  readonly minted: bigint;
  readonly withdrawn: bigint;
  readonly balance: bigint;
}

export interface BatteryOutcome {
  readonly packs: readonly PackOutcome[];
  readonly parties: readonly PartyOutcome[];
  readonly accounts: Accounts;
  readonly life: Life;
}

/** Pays everybody out and draws up the accounts. */
export async function balanceBooks(life: Life, expected: Expected): Promise<Outcome> {
  const parties = partiesOf(life);
  const addresses = parties.map(({ signer }) => signer.address);
  const beforePayout = await bookOwes(life.day.city, life.packs, addresses);
  await payOut(
    life,
    parties.map(({ signer }) => signer),
  );

  const { lease, token } = life.day.city;
  const accounts = await readAccounts(life);
  const packs = await Promise.all(life.packs.map((pack, index) => outcomeOf(life, pack, accounts, index)));
  const outcome: BatteryOutcome = {
    packs,
    parties: await Promise.all(
      parties.map(async ({ name, signer: { address } }) => ({
        name,
        minted: life.minted.get(address) ?? 0n,
        withdrawn: accounts.withdrawn.get(address) ?? 0n,
        balance: await token.balanceOf(address),
      })),
    ),
    accounts,
    life,
  };
  const left = await token.balanceOf(await lease.getAddress());
  const supply = await token.totalSupply();
  return {
    summary: summaryOf(outcome),
    checks: [...moneyChecks(outcome, beforePayout, left, supply), ...recordChecks(outcome, expected)],
    report: writeReport(outcome),
    charts: [
      healthChart(
        packs.map(({ course, id, packId }) => ({ id, course, certified: accounts.certified.get(packId) ?? [] })),
        MIN_SOH_BP,
      ),
    ],
    tiles: batteryTiles({
      packs: packs.length,
      readings: accounts.readingsAccepted,
      rent: sumOf(packs, ({ money }) => money.rentEarned),
      abated: sumOf(packs, ({ money }) => money.abated),
    }),
  };
}

function partiesOf({ fund, maker, packs }: Life): { name: string; signer: Party }[] {
  return [
    { name: MAKER, signer: maker },
    ...(fund === undefined ? [] : [{ name: "Battery fund", signer: fund }]),
    ...packs.map(({ id, lessee }) => ({ name: `household of ${id}`, signer: lessee })),
  ];
}

/** Everybody with something to withdraw signs for it; a relayer sends it. */
async function payOut({ day }: Life, parties: readonly Party[]): Promise<void> {
  const { city, clock } = day;
  for (const party of parties) {
    const { address } = party;
    if ((await city.lease.balanceOf(address)) === 0n) continue;
    await day.send("lease.withdrawBySig", clock.now, async (time) => {
      const order = { account: address, to: address, nonce: LAST_NONCE, deadline: time + SIGNATURE_SECONDS };
      return city.lease.withdrawBySig(order, await signLeaseWithdrawal(city, party, order));
    });
  }
}

async function outcomeOf({ day }: Life, pack: PackRun, accounts: Accounts, index: number): Promise<PackOutcome> {
  const { course, cycles, id, lease: run, made } = pack;
  const money = accounts.leases[index];
  if (run === undefined || money === undefined) throw new Error(`pack ${id} was never leased`);
  const certified = accounts.certified.get(made.packId) ?? [];
  const remedies = run.remedies.map(({ cycle, endedCycle, sohBp }) => ({
    cycle,
    sohBp,
    endedCycle: endedCycle ?? null,
  }));
  return {
    id,
    packId: made.packId,
    cycles: cycles.length,
    firstSohBp: certified[0]?.sohBp ?? 0n,
    lastSohBp: certified.at(-1)?.sohBp ?? 0n,
    remedies,
    remedyCycle: remedies[0]?.cycle ?? null,
    swapped: run.spare !== undefined,
    course: courses[course],
    state: nameIn(LeaseState, await day.city.lease.stateOf(run.leaseId)),
    money,
  };
}

function sumOf<Item>(items: readonly Item[], amountOf: (item: Item) => bigint): bigint {
  return items.reduce((sum, item) => sum + amountOf(item), 0n);
}

/** What a lease charged beside rent. */
function chargesOf({ earlyFee, lateFees, overage }: LeaseMoney): bigint {
  return lateFees + overage + earlyFee;
}

/** What a lease brought its owners. */
function ownersPart(money: LeaseMoney): bigint {
  return money.rentEarned + chargesOf(money) + money.damages + money.buyout;
}

/** What a lease's twin credited its owners. */
function modelOf(pack: PackRun | undefined): bigint {
  return sumOf([...(pack?.lease?.account.credits.values() ?? [])], (amount) => amount);
}

function moneyChecks(
  { accounts, life, packs, parties }: BatteryOutcome,
  beforePayout: { held: bigint; owed: bigint },
  left: bigint,
  supply: bigint,
): Check[] {
  const leases = packs.map(({ money }) => money);
  const withdrawn = sumOf([...accounts.withdrawn.values()], (amount) => amount);
  const minted = sumOf([...life.minted.values()], (amount) => amount);
  const { count, even, richest } = life.audits;
  const over = packs.filter(({ state }) => state === "Settled" || state === "BoughtOut");
  return [
    equal("battery: day ends at which the book held what it owed", even, count),
    equal("battery: tokens in the book at its richest day end = what it owed then", richest.held, richest.owed),
    equal("battery: tokens in the book before the last payout = what it owed", beforePayout.held, beforePayout.owed),
    equal("battery: withdrawals + tokens left in the book = paid in", withdrawn + left, accounts.paidIn),
    equal("battery: tokens left in the book after the last payout = none", left, 0n),
    equal(
      "battery: paid in by the leases = paid in by the token",
      sumOf(leases, (one) => one.paidIn),
      accounts.paidIn,
    ),
    equal(
      "battery: paid in = owners' part + returned to lessees",
      sumOf(leases, (one) => one.paidIn),
      sumOf(leases, ownersPart) + sumOf(leases, (one) => one.returned),
    ),
    equal(
      "battery: leases whose money in = money out",
      leases.filter((one) => one.paidIn === ownersPart(one) + one.returned).length,
      leases.length,
    ),
    equal(
      "battery: leases whose rent is that of the formula",
      leases.filter((one) => one.rentEarned === one.rentByFormula).length,
      leases.length,
    ),
    equal(
      "battery: leases whose owners were credited what the SDK's model says",
      leases.filter((one, index) => one.rentEarned + chargesOf(one) === modelOf(life.packs[index])).length,
      leases.length,
    ),
    equal("battery: minted = sum of all balances", minted, sumOf(parties, ({ balance }) => balance) + left),
    equal("battery: minted = supply of the token", minted, supply),
    equal("battery: leases that are over", over.length, packs.length),
  ];
}

function recordChecks({ accounts, life, packs }: BatteryOutcome, expected: Expected): Check[] {
  const { attributesProven, proof, readings } = life;
  const certificates = life.packs.map(({ cycles, made }) => {
    const certified = accounts.certified.get(made.packId) ?? [];
    const isRecorded = ({ measuredWh }: PackCycle, index: number): boolean =>
      certified[index]?.sohBp === (measuredWh * BASIS_POINTS) / RATED_WH;
    return cycles.filter(isRecorded).length;
  });
  const ruled = packs.map(({ id, remedyCycle }, index) =>
    equal(
      `battery: ${id}, cycle of the remedy = first below 70 % in the record`,
      remedyCycle ?? NEVER,
      failureOf(life, index),
    ),
  );
  const told = packs.flatMap(({ id, remedyCycle }) => {
    const cycle = expected.failures.get(id);
    return cycle === undefined
      ? []
      : [equal(`battery: ${id}, cycle of the remedy = expected.json`, remedyCycle ?? NEVER, cycle ?? NEVER)];
  });
  const unknown = ATTRIBUTE_NAMES.filter((name) => expected.attributes?.has(name) === false);
  return [
    equal(
      "battery: readings accepted = rows + readings of spare packs",
      accounts.readingsAccepted,
      readings.recorded + readings.spare,
    ),
    equal("battery: readings refused = none", accounts.readingsSkipped, 0),
    equal(
      "battery: certificates that state the record's capacity = rows",
      certificates.reduce((sum, one) => sum + one, 0),
      readings.recorded,
    ),
    ...ruled,
    ...told,
    equal("battery: passport attributes proved", attributesProven, ATTRIBUTE_NAMES.length * packs.length),
    ...(expected.attributes === undefined
      ? []
      : [equal("battery: passport attributes that the data model does not know", unknown.join(","), "")]),
    equal("battery: one minute proved against the fleet's root", String(proof.proven), "true"),
    equal("battery: the same minute with another value proved", String(proof.forged), "false"),
  ];
}

/** First cycle of a pack's record below the guarantee. */
function failureOf(life: Life, index: number): bigint | string {
  const failure = life.packs[index]?.cycles.find(({ measuredWh }) => measuredWh * BASIS_POINTS < RATED_WH * MIN_SOH_BP);
  return failure?.cycle ?? NEVER;
}

function summaryOf({ accounts, life, packs, parties }: BatteryOutcome): Outcome["summary"] {
  const leases = packs.map(({ money }) => money);
  return {
    timeShiftSeconds: life.shift,
    packs: packs.map(({ money: _money, ...pack }) => pack),
    leases: packs.map(({ course, id, money, state }) => ({ pack: id, course, state, ...money })),
    money: {
      minted: sumOf(parties, ({ minted }) => minted),
      paidIn: accounts.paidIn,
      withdrawn: sumOf([...accounts.withdrawn.values()], (amount) => amount),
      rentEarned: sumOf(leases, (one) => one.rentEarned),
      rentAbated: sumOf(leases, (one) => one.abated),
      lateFees: sumOf(leases, (one) => one.lateFees),
      overage: sumOf(leases, (one) => one.overage),
      earlyFees: sumOf(leases, (one) => one.earlyFee),
      damages: sumOf(leases, (one) => one.damages),
      buyouts: sumOf(leases, (one) => one.buyout),
      returned: sumOf(leases, (one) => one.returned),
    },
    parties,
    readings: {
      rows: life.readings.recorded,
      ofSparePacks: life.readings.spare,
      accepted: accounts.readingsAccepted,
      skipped: accounts.readingsSkipped,
      marked: accounts.readingsMarked,
    },
    fleetRoots: life.fleetRoots,
    provenMinute: {
      packId: life.proof.made.entry.packId,
      takenAt: life.proof.made.entry.takenAt,
      proofLength: life.proof.made.proof.length + life.proof.made.fleetProof.length,
    },
  };
}
