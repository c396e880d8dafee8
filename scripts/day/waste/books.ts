/** The end of the waste part: where every kilogram went, and whether chain, model and data agree to the gram. */
import {
  type MassTotals,
  monthStart,
  wasteCodeText,
  certificateKind,
  operationText,
} from "../../../sdk/waste/index.js";
import { describeRepeated } from "../../../sdk/importers/index.js";
import { nameIn, RewardLimit } from "../../../sdk/index.js";
import { type Check, equal } from "../check.js";
import type { Outcome } from "../module.js";
import { flowChart, wasteTiles } from "./charts.js";
import { sumOf } from "./custody.js";
import type { Expected } from "./data.js";
import type { Life } from "./life.js";
import { fates, type MassFate } from "./lineage.js";
import { recyclingOf } from "./plan.js";
import { writeReport } from "./report.js";
import { DEPOSIT_PROGRAMME } from "./terms.js";
import { readTold, type Told } from "./told.js";
import { BIN_CREW } from "./town.js";

const GRAMS_PER_KG = 1_000n;

/** A collector, and what became of what it collected. Grams. */
export interface CollectorOutcome extends Readonly<Record<MassFate, bigint>> {
  readonly name: string;
  readonly tickets: number;
  /** Whether its tickets are in the data; the others are of bins, whose mass is made by rule. */
  readonly inData: boolean;
}

/** Rewards of a programme, millionths of a token. */
export interface ProgrammeOutcome {
  readonly name: string;
  readonly claims: number;
  readonly earned: bigint;
  readonly released: bigint;
  readonly voided: bigint;
  /** Of deposits: what their tickets cut off; and what waits for a ticket. */
  readonly cut: bigint;
  readonly waiting: bigint;
}

/** What the part came to. */
export interface WasteOutcome {
  readonly life: Life;
  readonly told: Told;
  readonly collectors: readonly CollectorOutcome[];
  readonly programmes: readonly ProgrammeOutcome[];
  readonly supply: bigint;
  /** Held by residents. */
  readonly held: bigint;
}

/** Draws up the accounts. */
export async function balanceBooks(life: Life, expected: Expected): Promise<Outcome> {
  const told = await readTold(life);
  const { ecoToken } = life.day.city;
  let held = 0n;
  for (const { wallet } of life.rewards?.residents ?? []) held += await ecoToken.balanceOf(wallet.address);
  const outcome: WasteOutcome = {
    life,
    told,
    collectors: collectorsOf(life, told),
    programmes: programmesOf(life),
    supply: await ecoToken.totalSupply(),
    held,
  };
  return {
    summary: summaryOf(outcome),
    checks: [
      ...ticketChecks(outcome),
      ...massChecks(outcome),
      ...certificateChecks(outcome),
      ...(await binChecks(outcome)),
      ...(await rewardChecks(outcome)),
      ...shopChecks(outcome),
      ...expectedChecks(outcome, expected),
      ...life.refusals.checks,
    ],
    report: writeReport(outcome),
    charts: [flowChart(told.flows)],
    tiles: wasteTiles(life.data.tickets.length, told.flows),
  };
}

// --- what came of it

function collectorsOf({ town }: Life, told: Told): CollectorOutcome[] {
  return [...town.collectors].map(([name, { number }]) => {
    const row = told.fates.get(number);
    const grams = Object.fromEntries(fates.map((fate) => [fate, row?.[fate] ?? 0n])) as Record<MassFate, bigint>;
    return { ...grams, name, tickets: told.collected.get(number)?.tickets ?? 0, inData: name !== BIN_CREW };
  });
}

function programmesOf({ rewards }: Life): ProgrammeOutcome[] {
  if (rewards === undefined) return [];
  const { book, epoch, programmes, released } = rewards;
  return [...programmes].map(([number, name]) => {
    const claims = book.claims.filter(({ programme }) => programme === number);
    if (claims.length === 0 && epoch !== undefined) {
      const { claimed, claims: count, posted } = epoch;
      return { name, claims: count, earned: posted, released: claimed, voided: 0n, cut: 0n, waiting: posted - claimed };
    }
    const waiting = claims.filter(({ cycle }) => {
      return cycle !== undefined && book.cycleOf(cycle.binId, cycle.collection)?.allowedGrams === undefined;
    });
    const earned = sumOf(claims.map(({ amount }) => amount));
    const paid = sumOf(claims.map(({ id }) => released.get(id) ?? 0n));
    const voided = sumOf(claims.filter((claim) => claim.voided).map(({ amount }) => amount));
    const waits = sumOf(waiting.map(({ amount }) => amount));
    return {
      name,
      claims: claims.length,
      earned,
      released: paid,
      voided,
      cut: earned - paid - voided - waits,
      waiting: waits,
    };
  });
}

// --- checks

function ticketChecks({ collectors, life, told }: WasteOutcome): Check[] {
  const { binDays, data, tickets, town } = life;
  const fromData = collectors.filter(({ inData }) => inData);
  const repeated = [...town.containers.values()].flatMap(({ number }) => (told.collections.get(number) ?? []).slice(1));
  const again = data.repeated.filter(({ again: row }) => data.tickets.includes(row));
  const served = binDays.flatMap(({ stops }) => stops.filter((stop) => stop.served));
  return [
    equal(
      "waste: tickets recorded of containers in the data = tickets in the data",
      fromData.reduce((count, one) => count + one.tickets, 0),
      data.tickets.length,
    ),
    equal(
      "waste: grams recorded of containers in the data = grams in the data",
      sumOf(fromData.map(({ collected }) => collected)),
      sumOf(data.tickets.map(({ grams }) => grams)),
    ),
    ...fromData.flatMap(({ collected, name, tickets: count }) => {
      const own = data.tickets.filter(({ collector }) => collector === name);
      return [
        equal(`waste: ${name}: tickets recorded = tickets in the data`, count, own.length),
        equal(`waste: ${name}: grams recorded = grams in the data`, collected, sumOf(own.map(({ grams }) => grams))),
      ];
    }),
    equal(
      "waste: grams recorded in all = grams in the data + grams of bins by rule",
      told.totals.collected,
      sumOf([...data.tickets, ...served].map(({ grams }) => grams)),
    ),
    equal(
      "waste: second tickets recorded of a container = repeated containers in the data",
      repeated.length,
      again.length,
    ),
    equal(
      "waste: grams on second tickets recorded = grams on second tickets in the data",
      sumOf(repeated),
      sumOf(again.map(({ again: row }) => row.grams)),
    ),
    equal(
      "waste: tickets of bins = stops served",
      collectors.filter(({ inData }) => !inData).reduce((count, one) => count + one.tickets, 0),
      tickets.rounds.reduce((count, { served }) => count + served, 0),
    ),
  ];
}

function massChecks({ collectors, life, told }: WasteOutcome): Check[] {
  const { ledger, totals } = told;
  const { sums } = life.loads.custody.mass;
  const { open } = ledger.balance();
  const names = Object.keys(sums) as (keyof MassTotals)[];
  const rowSum = (fate: MassFate): bigint => sumOf(collectors.map((collector) => collector[fate]));
  return [
    equal(
      "waste: collected + transit gain = open + recycled + recovered + disposed + exported + losses, g",
      totals.collected + totals.transitGain,
      open +
        sumOf([totals.recycled, totals.recovered, totals.disposed, totals.exported]) +
        totals.processLoss +
        totals.transitLoss,
    ),
    ...names.map((name) => equal(`waste: ${name} on the chain = by the rules of the day, g`, totals[name], sums[name])),
    ...names.map((name) => equal(`waste: ${name} on the chain = by the events, g`, totals[name], ledger.totals[name])),
    equal("waste: lots in storage that are as the events say = lots", told.sameLots, ledger.lots.length),
    equal("waste: grams in lots that did not end = 0", open, 0n),
    ...names.map((name) =>
      equal(`waste: ${name} of all collectors, followed lot by lot = on the chain, g`, rowSum(name), totals[name]),
    ),
  ];
}

function certificateChecks({ life, told }: WasteOutcome): Check[] {
  const { certified, custody } = life.loads;
  const { certificates } = told;
  const within = certificates.filter(({ issued, recycled }) => issued <= recycled).length;
  const sameRecycled = certificates.filter(({ id, recycled }) => custody.mass.recycled.get(id) === recycled).length;
  const sum = (of: (one: Told["certificates"][number]) => bigint): bigint => sumOf(certificates.map(of));
  return [
    equal("waste: kinds of certificates of which no more is issued than recycled = kinds", within, certificates.length),
    equal("waste: kinds recycled on the chain as by the rules = kinds", sameRecycled, certificates.length),
    equal(
      "waste: certificates active + retired = issued, g",
      sum(({ active, retired }) => active + retired),
      sum(({ issued }) => issued),
    ),
    equal(
      "waste: certificates issued = recycled, g",
      sum(({ issued }) => issued),
      told.totals.recycled,
    ),
    equal(
      "waste: certificates retired = retired by the buyer, g",
      sum(({ retired }) => retired),
      sumOf(certified.map((one) => one.retired)),
    ),
  ];
}

async function binChecks({ life, told }: WasteOutcome): Promise<Check[]> {
  const { binDays, data, day, readings, sameDue, tickets, town } = life;
  if (data.bins.length === 0) return [];
  let same = 0;
  for (const [serial, state] of readings.states) {
    const stored = await day.city.containers.stateOf(town.bins.get(serial)?.number ?? 0);
    if (stored.fillBp === BigInt(state.fillBp) && stored.takenAt === state.takenAt) same += 1;
  }
  let routes = 0;
  for (const { planned, routeId, served } of tickets.rounds) {
    const { plannedStops, servedStops } = await day.city.containers.routeOf(routeId);
    if (plannedStops === BigInt(planned) && servedStops === BigInt(served)) routes += 1;
  }
  const { counts } = readings;
  const { fills } = told;
  return [
    equal("waste: readings recorded = readings in the data", fills.readings, data.fills.length),
    equal("waste: readings recorded = readings of the model", fills.readings, counts.readings),
    equal("waste: readings by the gateway = readings of the model", fills.byGateway, counts.byGateway),
    equal("waste: alerts = alerts of the model", fills.alerts, counts.alerts),
    equal("waste: emptyings without a ticket = those of the model", fills.unrecorded, counts.unrecorded),
    equal("waste: bins whose fill is the model's = bins", same, data.bins.length),
    equal("waste: days on which registry, model and plan name the same bins as due = days", sameDue, binDays.length),
    equal("waste: rounds whose stops planned and served are the day's = rounds", routes, tickets.rounds.length),
  ];
}

async function rewardChecks({ held, life, supply }: WasteOutcome): Promise<Check[]> {
  const { day, rewards, shop } = life;
  if (rewards === undefined) return [];
  const { book, epoch, released } = rewards;
  const { ecoRewards } = day.city;
  let sameClaims = 0;
  for (const { amount, id } of book.claims) {
    if ((await ecoRewards.claimOf(id)).amount === amount) sameClaims += 1;
  }
  const worth = book.claims.filter((claim) => book.worthOf(claim) > 0n);
  const cycles = new Map(
    book.claims.flatMap(({ cycle }) =>
      cycle === undefined ? [] : [[`${cycle.binId} ${cycle.collection}`, cycle] as const],
    ),
  );
  let [settled, sameCycles, within] = [0, 0, 0];
  for (const { binId, collection } of cycles.values()) {
    const own = book.cycleOf(binId, collection);
    const { allowedGrams, claimedGrams } = await ecoRewards.cycleOf(binId, collection);
    if (own?.claimedGrams === claimedGrams && (own.allowedGrams ?? 0n) === allowedGrams) sameCycles += 1;
    if (own?.allowedGrams === undefined) continue;
    settled += 1;
    const paid = sumOf(
      book.claims.flatMap(({ cycle, id }) =>
        cycle?.binId === binId && cycle.collection === collection ? [released.get(id) ?? 0n] : [],
      ),
    );
    // What was paid, as grams, rounded up.
    const rate = DEPOSIT_PROGRAMME.ratePerThousand;
    if ((paid * GRAMS_PER_KG + rate - 1n) / rate <= own.allowedGrams) within += 1;
  }
  const paid = sumOf([...released.values()]);
  return [
    equal("waste: claims whose amount is the model's = claims of the model", sameClaims, book.claims.length),
    equal("waste: collections whose deposits are the model's = collections with deposits", sameCycles, cycles.size),
    equal("waste: settled collections that paid for no more than was weighed and tolerated = settled", within, settled),
    equal("waste: claims released = claims of the model that are worth something", released.size, worth.length),
    equal(
      "waste: tokens released = what the model's claims are worth",
      paid,
      sumOf(worth.map((claim) => book.worthOf(claim))),
    ),
    equal(
      "waste: token supply = released + claimed from epochs - burned + refunded",
      supply,
      paid + (epoch?.claimed ?? 0n) - (shop?.burned ?? 0n) + (shop?.refunded ?? 0n),
    ),
    equal("waste: tokens of residents = token supply", held, supply),
    equal(
      "waste: what the epoch can still pay = posted - claimed",
      await ecoRewards.epochLeft(epoch?.id ?? 0n),
      (epoch?.posted ?? 0n) - (epoch?.claimed ?? 0n),
    ),
  ];
}

function shopChecks({ life: { shop } }: WasteOutcome): Check[] {
  if (shop === undefined) return [];
  const { fee, gross, items, money } = shop;
  const count = (of: (item: (typeof items)[number]) => number): number => items.reduce((sum, one) => sum + of(one), 0);
  return [
    equal(
      "waste: vouchers used + refunded = bought",
      count(({ refunded, used }) => refunded + used),
      count(({ bought }) => bought),
    ),
    equal("waste: paid to the shop = face value of vouchers used - fee", money.toMerchant, gross - fee),
    equal("waste: fees of the city = fee on what the shop took out", money.fees, fee),
    equal(
      "waste: paid into the pool = paid to the shop + fees + withdrawn + left",
      money.paidIn,
      money.toMerchant + money.fees + money.withdrawn + money.left,
    ),
    equal("waste: money left in the pool = 0", money.left, 0n),
  ];
}

/** What the data expect, figure by figure. */
function expectedChecks({ collectors, life }: WasteOutcome, expected: Expected): Check[] {
  const { data } = life;
  const fromData = collectors.filter(({ inData }) => inData);
  const figures: readonly (readonly [string, bigint | number, number | undefined])[] = [
    ["tickets", fromData.reduce((count, { tickets }) => count + tickets, 0), expected.tickets],
    ["kg_total", sumOf(fromData.map(({ collected }) => collected)) / GRAMS_PER_KG, expected.kg_total],
    ...fromData.flatMap(({ collected, name, tickets }) => {
      const own = expected.per_collector?.[name];
      return [
        [`${name} tickets`, tickets, own?.tickets],
        [`${name} kg`, collected / GRAMS_PER_KG, own?.kg],
      ] as const;
    }),
    ["repeated_dumpster_numbers", data.repeated.length, expected.repeated_dumpster_numbers],
    ["ewc_codes codes", data.listed.codes, expected.ewc_codes?.codes],
    ["ewc_codes hazardous", data.listed.hazardous, expected.ewc_codes?.hazardous],
  ];
  return figures.flatMap(([name, value, wanted]) =>
    typeof wanted === "number" ? [equal(`waste: ${name} = expected.json`, value, wanted)] : [],
  );
}

// --- summary

function summaryOf({ collectors, held, life, programmes, supply, told }: WasteOutcome): Outcome["summary"] {
  const { binDays, data, loads, readings, refusals, rewards, shift, shop, tickets, town } = life;
  return {
    timeShiftSeconds: shift,
    codes: { listed: data.listed.codes, loaded: town.materials.size },
    containers: { ofTickets: town.containers.size, bins: town.bins.size, recycling: recyclingOf(data.bins).length },
    tickets: data.tickets.length,
    repeated: data.repeated.map(describeRepeated),
    collectors,
    totals: told.totals,
    lots: told.ledger.lots.length,
    loads: loads.count,
    certificates: told.certificates.map(({ id, ...grams }) => {
      const { code, month, op } = certificateKind(id);
      return { id, code: wasteCodeText(code), operation: operationText(op), month: monthText(month), ...grams };
    }),
    bins: {
      days: binDays.length,
      ...readings.counts,
      silent: data.silent,
      rounds: tickets.rounds,
    },
    ...(rewards === undefined
      ? {}
      : {
          rewards: {
            residents: rewards.residents.length,
            programmes,
            limited: Object.fromEntries(
              [...rewards.book.limited].map(([limit, count]) => [nameIn(RewardLimit, limit), count]),
            ),
            epoch: rewards.epoch,
            supply,
            held,
          },
        }),
    ...(shop === undefined ? {} : { shop }),
    refusals: refusals.all.map(({ key, message, reason }) => ({ key, reason, message })),
  };
}

const MONTH_LENGTH = "2018-06".length;
const MS_PER_SECOND = 1_000;

/** A month as 2018-06. */
function monthText(month: number): string {
  return new Date(Number(monthStart(month)) * MS_PER_SECOND).toISOString().slice(0, MONTH_LENGTH);
}
