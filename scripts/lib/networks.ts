/** What a city of a million people costs on each kind of chain, computed from the gas that the bench measured. */

import { markdownTable } from "./pages.js";

/** What is read of a figure of bench/gas.json. */
interface Measured {
  readonly gas: number;
  readonly perItem?: number;
}

/** Figures by key. */
export type GasFigures = Readonly<Record<string, Measured | undefined>>;

/** Something that the million do. */
interface Act {
  readonly module: string;
  readonly what: string;
  /** Figure of bench/gas.json: of one item where it is measured in a batch. */
  readonly figure: string;
  /** How often in a year, all of them together. */
  readonly times: number;
}

/** A kind of chain, with what is assumed of it. */
interface ChainKind {
  readonly name: string;
  readonly blockGas: number;
  /** Seconds between blocks. */
  readonly blockTime: number;
  /** Gas a second that the price does not rise for: what a chain can bear for long. */
  readonly sustained: number;
  /** Billionths of the chain's coin; zero where gas is free. */
  readonly gwei: number;
}

const PEOPLE = 1_000_000;
const VOTERS = 800_000;
const DAYS = 365;
const WEEKS = 52;
const MONTHS = 12;
const QUARTERS = 4;
const INTERVALS = 96;
const YEAR_SECONDS = DAYS * 24 * 60 * 60;
const METERS = 400_000;
const TRADERS = 10_000;
const PACKS = 20_000;
const FLEETS = 10;
const CONTAINERS = 50_000;
const SORTERS = 300_000;
const TURNOUT = 0.5;
const BALLOTS = 2;

/** Once, when the city begins. */
const FOUNDING: readonly Act[] = [
  { module: "—", what: "the contracts and their wiring", figure: "deploy.city", times: 1 },
  {
    module: "identity",
    what: "a credential for each resident",
    figure: "credential.issueNumberedMany50",
    times: PEOPLE,
  },
  { module: "participation", what: "each voter on an anonymous roll", figure: "census.addMember100", times: VOTERS },
  { module: "batteries", what: "packs registered", figure: "battery.registerMany50", times: PACKS },
  { module: "rewards", what: "people enrolled", figure: "reward.enrol", times: SORTERS },
];

const MARKET: Act = {
  module: "energy",
  what: "neighbours' orders, readings and settlement, every quarter of an hour",
  figure: "energy.tenThousandMetersWithReadings",
  times: TRADERS * INTERVALS * DAYS,
};

/** Every year from then on. */
const YEAR: readonly Act[] = [
  {
    module: "identity",
    what: "births and arrivals, one in twenty",
    figure: "credential.issueNumberedMany50",
    times: PEOPLE / 20,
  },
  { module: "identity", what: "lost keys, one in fifty", figure: "identity.startRecovery", times: PEOPLE / 50 },
  { module: "batteries", what: "rents, monthly", figure: "lease.payMany20", times: PACKS * MONTHS },
  { module: "batteries", what: "health certificates, yearly", figure: "telemetry.certify", times: PACKS },
  { module: "batteries", what: "fleets' readings, a root a day", figure: "telemetry.fleetRoot", times: FLEETS * DAYS },
  {
    module: "energy",
    what: "readings of other meters, every quarter of an hour",
    figure: "energy.submitDay250",
    times: (METERS - TRADERS) * INTERVALS * DAYS,
  },
  MARKET,
  { module: "waste", what: "levels of containers, daily", figure: "waste.fillPacked32", times: CONTAINERS * DAYS },
  { module: "waste", what: "pick-ups, weekly", figure: "waste.ticket20", times: CONTAINERS * WEEKS },
  { module: "rewards", what: "rewards posted, a root a week", figure: "reward.epochPost", times: WEEKS },
  { module: "rewards", what: "rewards claimed, quarterly", figure: "reward.claim17", times: SORTERS * QUARTERS },
  { module: "rewards", what: "vouchers, quarterly", figure: "reward.redeem", times: SORTERS * QUARTERS },
  {
    module: "participation",
    what: "secret votes, two ballots, half of the voters",
    figure: "ballot.anonymousBatch20",
    times: VOTERS * TURNOUT * BALLOTS,
  },
];

/** What is assumed of chains: the limits as their makers give them, the price as an example to scale. */
const CHAINS: readonly ChainKind[] = [
  { name: "Ethereum", blockGas: 60_000_000, blockTime: 12, sustained: 2_500_000, gwei: 1 },
  { name: "an OP-stack chain", blockGas: 40_000_000, blockTime: 2, sustained: 10_000_000, gwei: 0.001 },
  { name: "Arbitrum One", blockGas: 32_000_000, blockTime: 0.25, sustained: 10_000_000, gwei: 0.02 },
  { name: "a Besu consortium", blockGas: 60_000_000, blockTime: 2, sustained: 30_000_000, gwei: 0 },
];

/** Billionths of a coin. */
const PER_COIN = 1e9;

/**
 * Gas of one act.
 *
 * @throws Error if the bench has no such figure.
 */
function gasOf(figures: GasFigures, { figure }: Act): number {
  const measured = figures[figure];
  if (measured === undefined) throw new Error(`bench/gas.json has no figure ${figure}, which docs/networks.md needs`);
  return measured.perItem ?? measured.gas;
}

function total(figures: GasFigures, acts: readonly Act[]): number {
  return acts.reduce((sum, act) => sum + gasOf(figures, act) * act.times, 0);
}

const whole = (value: number): string => Math.round(value).toLocaleString("en");

/** Two digits that count, or none after the point from ten on. */
function short(value: number): string {
  if (value === 0) return "0";
  return value >= 10 ? whole(value) : Number(value.toPrecision(2)).toString();
}

/** Billions of gas. */
const billions = (gas: number): string => short(gas / 1e9);

const percent = (share: number): string => `${short(share * 100)} %`;

function actsTable(figures: GasFigures, acts: readonly Act[]): string {
  const rows = acts.map((act) => [
    act.module,
    act.what,
    whole(act.times),
    whole(gasOf(figures, act)),
    billions(gasOf(figures, act) * act.times),
  ]);
  const sum = ["", "together", "", "", billions(total(figures, acts))];
  return markdownTable(["Module", "What", "Times", "Gas of one", "Billion gas"], [...rows, sum], new Set([2, 3, 4]));
}

function chainsTable(figures: GasFigures): string {
  const year = total(figures, YEAR);
  const founding = total(figures, FOUNDING);
  const coins = (gas: number, gwei: number): string => (gwei === 0 ? "none" : short((gas * gwei) / PER_COIN));
  const rows = CHAINS.map(({ name, blockGas, blockTime, sustained, gwei }) => [
    name,
    `${whole(blockGas / 1e6)} M / ${blockTime} s`,
    percent(year / YEAR_SECONDS / sustained),
    `${short(founding / sustained / 3600)} h`,
    gwei === 0 ? "free" : gwei.toString(),
    coins(founding, gwei),
    coins(year, gwei),
    gwei === 0 ? "none" : short((year * gwei) / PEOPLE),
  ]);
  const head = [
    "Chain",
    "Block",
    "Share of its gas",
    "Founding, all its gas",
    "Gwei",
    "ETH to found",
    "ETH a year",
    "Gwei a person and year",
  ];
  return markdownTable(head, rows, new Set([2, 3, 4, 5, 6, 7]));
}

/** The parts of docs/networks.md that are computed, by name. */
export function networkTables(figures: GasFigures): Readonly<Record<string, string>> {
  return {
    founding: actsTable(figures, FOUNDING),
    year: actsTable(figures, YEAR),
    chains: chainsTable(figures),
    rate:
      `That is ${whole(total(figures, YEAR) / YEAR_SECONDS)} gas a second on average, ` +
      `${percent(total(figures, [MARKET]) / total(figures, YEAR))} of it for neighbours who trade.`,
  };
}
