/** The end of the energy part: everybody takes out what is theirs, and the books must balance to the last unit. */
import { MarketBooks } from "../../../sdk/energy/index.js";
import { signWithdrawal } from "../../../sdk/index.js";
import { writeInstant } from "../../../sdk/importers/index.js";
import { type Check, equal } from "../check.js";
import type { Chart } from "../charts.js";
import type { Outcome } from "../module.js";
import { busiest, energyTiles, marketChart, throughDayChart } from "./charts.js";
import type { ReadingFile } from "./data.js";
import { type Member, METERING_COMPANY, SIGNATURE_SECONDS } from "./district.js";
import type { Life } from "./life.js";
import { netOf } from "./plan.js";
import { writePrice } from "./prices.js";
import { writeReport } from "./report.js";
import { FEED_IN, FEEDER_FEE, GRID_FEE, MINIMUM_WH } from "./terms.js";
import { readTold, type Told } from "./told.js";
import { runTwin, type Twin, type TwinInterval } from "./twin.js";

/** What came of an interval. Energy in Wh, prices in money units per Wh, money in money units. */
export interface IntervalOutcome {
  readonly startsAt: string;
  readonly interval: number;
  readonly retail: bigint;
  /** Null where nothing was traded. */
  readonly price: bigint | null;
  readonly volumeWh: bigint;
  /** What homes needed and had to spare, by their meters. */
  readonly needWh: bigint;
  readonly surplusWh: bigint;
  /** What buyers paid sellers, and for the grid. */
  readonly payments: bigint;
  readonly gridFees: bigint;
  /** What homes drew beyond their contracts and fed in beyond them, and what it cost or brought. */
  readonly fromSupplierWh: bigint;
  readonly toSupplierWh: bigint;
  readonly paidToSupplier: bigint;
  readonly gotFromSupplier: bigint;
  readonly fills: readonly {
    readonly meterId: string;
    readonly side: "buy" | "sell";
    readonly steps: readonly { readonly pricePerKwh: string; readonly wh: bigint }[];
    readonly filledWh: bigint;
  }[];
}

/** What came of a home. Energy in Wh, money in money units. */
export interface HomeOutcome {
  readonly meterId: string;
  readonly account: number;
  readonly feeder: number;
  readonly consumptionWh: bigint;
  readonly productionWh: bigint;
  readonly boughtWh: bigint;
  readonly soldWh: bigint;
  readonly fromSupplierWh: bigint;
  readonly toSupplierWh: bigint;
  readonly paidForTrades: bigint;
  readonly gotForTrades: bigint;
  readonly gridFees: bigint;
  readonly paidToSupplier: bigint;
  readonly gotFromSupplier: bigint;
  readonly deposited: bigint;
  readonly withdrawn: bigint;
  readonly certificatesWh: bigint;
}

/** What came of a file of readings, Wh; with the same names as in the data's own list of what is expected. */
export interface FileOutcome {
  readonly name: string;
  readonly meters: number;
  readonly intervals: number;
  readonly consumption_wh: bigint;
  readonly production_wh: bigint;
  readonly self_consumed_behind_meter_wh: bigint;
  readonly matchable_between_homes_wh: bigint;
  readonly grid_import_after_matching_wh: bigint;
  readonly grid_export_after_matching_wh: bigint;
}

/** Money of the market at one moment, token units. */
export interface Balance {
  readonly accounts: bigint;
  readonly supplier: bigint;
  readonly gridFees: bigint;
  readonly pot: bigint;
  /** What the market counts, and what the token counts for it. */
  readonly held: bigint;
  readonly tokens: bigint;
}

export interface EnergyOutcome {
  readonly life: Life;
  readonly told: Told;
  readonly twin: Twin;
  readonly intervals: readonly IntervalOutcome[];
  readonly homes: readonly HomeOutcome[];
  readonly files: readonly FileOutcome[];
  /** After the last interval, and after everybody withdrew. */
  readonly settled: Balance;
  readonly left: Balance;
  /** Whether orders were made by the rule. */
  readonly byRule: boolean;
}

type Expected = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** Pays everybody out and draws up the accounts. */
export async function balanceBooks(life: Life, expected: Expected): Promise<Outcome> {
  const accounts = new Map<number, bigint>();
  for (const { account } of life.district.members) {
    accounts.set(account, (await life.day.city.energyMarket.accountOf(account)).free);
  }
  const settled = await balanceOf(life, accounts);
  await payOut(life, accounts, settled);
  const told = await readTold(life);
  const books = new MarketBooks();
  for (const [account, amount] of told.deposited) books.deposit(account, amount);
  books.supplier += told.toppedUp;
  const twin = runTwin(life, told, books);
  const outcome: EnergyOutcome = {
    life,
    told,
    twin,
    intervals: twin.intervals.map((interval) => intervalOf(life, interval)),
    homes: life.district.members.map((member) => homeOf(member, life, twin, told)),
    files: life.data.files.map((file) => fileOutcomeOf(file, life, twin)),
    settled,
    left: await balanceOf(life),
    byRule: life.data.slots.every(({ given }) => given === undefined),
  };
  return {
    summary: summaryOf(outcome),
    checks: [
      ...energyChecks(outcome),
      ...twinChecks(outcome, accounts),
      ...moneyChecks(outcome),
      ...(await certificateChecks(outcome)),
      ...expectedChecks(outcome, expected),
      ...life.refusals.checks,
    ],
    report: writeReport(outcome),
    charts: chartsOf(outcome),
    tiles: energyTiles(
      outcome.homes.length,
      outcome.intervals,
      sum([...told.certificates.values()], (wh) => wh),
    ),
  };
}

async function balanceOf({ day, district }: Life, known?: ReadonlyMap<number, bigint>): Promise<Balance> {
  const { energyMarket, token } = day.city;
  let accounts = 0n;
  for (const { account } of district.members) {
    accounts += known?.get(account) ?? (await energyMarket.accountOf(account)).free;
  }
  const [supplier, gridFees, pot, held] = await energyMarket.balances();
  const tokens = await token.balanceOf(await energyMarket.getAddress());
  return { accounts, supplier, gridFees, pot, held, tokens };
}

/** Households withdraw by their signatures, bodies themselves; the supplier leaves its floor, and the bond comes back. */
async function payOut(life: Life, accounts: ReadonlyMap<number, bigint>, settled: Balance): Promise<void> {
  const { day, district } = life;
  const { actors, city, clock } = day;
  const { energyMarket, meterReadings } = city;
  for (const { account, household } of district.members) {
    const amount = accounts.get(account) ?? 0n;
    if (amount === 0n) continue;
    await day.send("energy.withdraw", clock.now, async (time) => {
      const terms = { account, amount, to: household.address, nonce: 1n, deadline: time + SIGNATURE_SECONDS };
      const signature = await signWithdrawal(city, household, terms);
      return energyMarket.withdraw(account, amount, terms.to, terms.nonce, terms.deadline, signature);
    });
  }
  const { supplierFloor } = await energyMarket.settings();
  const { community, gridOperator, supplier } = actors;
  if (settled.supplier > supplierFloor) {
    await day.send("energy.withdrawSupplier", clock.now, () =>
      energyMarket.connect(supplier).withdrawSupplier(settled.supplier - supplierFloor, supplier.address),
    );
  }
  if (settled.gridFees > 0n) {
    await day.send("energy.withdrawGridFees", clock.now, () =>
      energyMarket.connect(gridOperator).withdrawGridFees(gridOperator.address),
    );
  }
  if (settled.pot > 0n) {
    await day.send("energy.withdrawPot", clock.now, () =>
      energyMarket.connect(community).withdrawPot(community.address),
    );
  }
  const { company } = district;
  const readings = meterReadings.connect(company);
  const [bond] = await meterReadings.bondOf(company.address);
  if (bond === 0n) return;
  await day.send("energy.requestBondWithdrawal", clock.now, () =>
    readings.requestBondWithdrawal(company.address, bond),
  );
  const [, , availableAt] = await meterReadings.bondOf(company.address);
  await day.send("energy.withdrawBond", availableAt, () => readings.withdrawBond(company.address, company.address));
}

// --- what came of it

function intervalOf({ district }: Life, { orders, settlements, slot, told }: TwinInterval): IntervalOutcome {
  const names = new Map(district.members.map(({ account, home }) => [account, home.id]));
  const contracts = new Map(settlements.map((settlement) => [settlement.account, settlement]));
  const nets = district.members.flatMap(({ home }) => {
    const reading = home.readings.get(slot.at);
    return reading === undefined ? [] : [netOf(reading)];
  });
  return {
    startsAt: `${writeInstant(slot.at)}Z`,
    interval: slot.interval,
    retail: slot.retail,
    price: told.volume === 0n ? null : told.price,
    volumeWh: told.volume,
    needWh: sum(nets, positive),
    surplusWh: sum(nets, negative),
    payments: sum([...told.books.values()], ({ bought, price }) => bought * price),
    gridFees: sum(settlements, ({ fee }) => -fee),
    fromSupplierWh: sum(told.results, ({ contracted, metered }) => positive(metered - contracted)),
    toSupplierWh: sum(told.results, ({ contracted, metered }) => negative(metered - contracted)),
    paidToSupplier: sum(settlements, ({ imbalance }) => negative(imbalance)),
    gotFromSupplier: sum(settlements, ({ imbalance }) => positive(imbalance)),
    fills: orders.map(({ account, offer, steps }) => ({
      meterId: names.get(account) ?? "",
      side: offer ? "sell" : "buy",
      steps: steps.map(({ tick, wh }) => ({
        pricePerKwh: writePrice(slot.tariff.basePrice + BigInt(tick) * slot.tariff.tickSize),
        wh,
      })),
      filledWh: absolute(contracts.get(account)?.contracted ?? 0n),
    })),
  };
}

function homeOf(member: Member, { slots }: Life, twin: Twin, told: Told): HomeOutcome {
  const { account, feeder, home } = member;
  const own = twin.intervals.flatMap(({ settlements }) => settlements.filter((one) => one.account === account));
  const readings = slots.flatMap(({ at }) => home.readings.get(at) ?? []);
  return {
    meterId: home.id,
    account,
    feeder,
    consumptionWh: sum(readings, ({ consumptionWh }) => consumptionWh),
    productionWh: sum(readings, ({ productionWh }) => productionWh),
    boughtWh: sum(own, ({ contracted }) => positive(contracted)),
    soldWh: sum(own, ({ contracted }) => negative(contracted)),
    fromSupplierWh: sum(own, ({ contracted, metered }) => positive(metered - contracted)),
    toSupplierWh: sum(own, ({ contracted, metered }) => negative(metered - contracted)),
    paidForTrades: sum(own, ({ trade }) => negative(trade)),
    gotForTrades: sum(own, ({ surplus, trade }) => positive(trade) + surplus),
    gridFees: sum(own, ({ fee }) => -fee),
    paidToSupplier: sum(own, ({ imbalance }) => negative(imbalance)),
    gotFromSupplier: sum(own, ({ imbalance }) => positive(imbalance)),
    deposited: told.deposited.get(account) ?? 0n,
    withdrawn: told.withdrawn.get(account) ?? 0n,
    certificatesWh: told.certificates.get(account) ?? 0n,
  };
}

/** Totals of a file: energy as it says, trades and what was left for the supplier as the chain says. */
function fileOutcomeOf(file: ReadingFile, { district }: Life, twin: Twin): FileOutcome {
  const members = district.members.filter(({ home }) => file.homes.has(home.id));
  const accounts = new Set(members.map(({ account }) => account));
  const intervals = twin.intervals.filter(({ slot }) => file.starts.has(slot.at));
  const readings = intervals.flatMap(({ slot }) => members.flatMap(({ home }) => home.readings.get(slot.at) ?? []));
  const results = intervals.flatMap(({ told }) => told.results.filter(({ account }) => accounts.has(account)));
  return {
    name: file.name,
    meters: file.homes.size,
    intervals: intervals.length,
    consumption_wh: sum(readings, ({ consumptionWh }) => consumptionWh),
    production_wh: sum(readings, ({ productionWh }) => productionWh),
    self_consumed_behind_meter_wh: sum(readings, ({ consumptionWh, productionWh }) =>
      consumptionWh < productionWh ? consumptionWh : productionWh,
    ),
    matchable_between_homes_wh: sum(results, ({ contracted }) => positive(contracted)),
    grid_import_after_matching_wh: sum(results, ({ contracted, metered }) => positive(metered - contracted)),
    grid_export_after_matching_wh: sum(results, ({ contracted, metered }) => negative(metered - contracted)),
  };
}

function chartsOf({ intervals, life, twin }: EnergyOutcome): Chart[] {
  const currency = life.data.currency.toUpperCase();
  const place = busiest(intervals) ?? -1;
  const [drawn, cleared] = [intervals[place], twin.intervals[place]];
  const price = drawn?.price ?? null;
  return [
    ...(drawn === undefined || cleared === undefined || price === null
      ? []
      : [marketChart({ ...drawn, price }, { orders: cleared.orders, tariff: cleared.slot.tariff }, currency)]),
    throughDayChart(intervals, currency),
  ];
}

// --- checks

function energyChecks({ byRule, files, intervals, life, told, twin }: EnergyOutcome): Check[] {
  const results = [...told.intervals.values()].flatMap((interval) => interval.results);
  const bought = sum(results, ({ contracted }) => positive(contracted));
  const sold = sum(results, ({ contracted }) => negative(contracted));
  const deviation = sum(twin.intervals, ({ settlements, slot: { tariff } }) =>
    sum(settlements, ({ imbalance }) =>
      imbalance < 0n ? -imbalance / tariff.retail : tariff.feedIn === 0n ? 0n : -imbalance / tariff.feedIn,
    ),
  );
  const contracted = sum(results, (result) => result.contracted);
  const traded = twin.intervals.filter(({ orders }) => orders.length > 0);
  const checks = [
    equal("energy: Wh bought = Wh sold", bought, sold),
    equal(
      "energy: Wh bought = volume of the auctions, Wh",
      bought,
      sum(intervals, ({ volumeWh }) => volumeWh),
    ),
    equal(
      "energy: net draw settled = contracts + what the supplier was paid or paid for, Wh",
      sum(results, ({ metered }) => metered),
      contracted + deviation,
    ),
    equal(
      "energy: intervals with orders that are settled = intervals with orders",
      traded.filter(({ told: { settled } }) => settled).length,
      traded.length,
    ),
  ];
  if (!byRule) return checks;
  const matched = intervals.filter(({ needWh, surplusWh, volumeWh }) => volumeWh === least(needWh, surplusWh));
  return [
    ...checks,
    equal("energy: intervals whose volume is min(surplus, need) = intervals", matched.length, intervals.length),
    equal(
      "energy: net draw settled = net draw in the data, Wh",
      sum(results, ({ metered }) => metered),
      sum(life.slots, ({ at }) =>
        sum(life.data.homes, ({ readings }) => {
          const reading = readings.get(at);
          return reading === undefined ? 0n : netOf(reading);
        }),
      ),
    ),
    ...files
      .filter(({ meters }) => meters === life.data.homes.length)
      .map((file) => {
        const starts = life.data.files.find(({ name }) => name === file.name)?.starts ?? new Set<bigint>();
        const own = intervals.filter((_, index) => starts.has(life.slots[index]?.at ?? -1n));
        const matchable = sum(own, ({ needWh, surplusWh }) => least(needWh, surplusWh));
        const volume = sum(own, ({ volumeWh }) => volumeWh);
        return equal(`energy: ${file.name}: volume = sum of min(surplus, need), Wh`, volume, matchable);
      }),
  ];
}

function twinChecks({ settled, twin }: EnergyOutcome, accounts: ReadonlyMap<number, bigint>): Check[] {
  const { books, intervals } = twin;
  const results = sum(intervals, ({ settlements }) => BigInt(settlements.length));
  return [
    equal(
      "energy: intervals whose orders were posted as signed = intervals",
      intervals.filter(({ sameOrders }) => sameOrders).length,
      intervals.length,
    ),
    equal(
      "energy: intervals whose price and volumes are the model's = intervals",
      intervals.filter(({ samePrice }) => samePrice).length,
      intervals.length,
    ),
    equal(
      "energy: fills and readings settled that are the model's = fills of the model",
      sum(intervals, ({ sameResults }) => BigInt(sameResults)),
      results,
    ),
    equal(
      "energy: fills settled = fills of the model",
      sum(intervals, ({ told }) => BigInt(told.results.length)),
      results,
    ),
    equal(
      "energy: accounts whose money is the model's = accounts",
      [...accounts].filter(([account, free]) => books.purseOf(account).free === free).length,
      accounts.size,
    ),
    equal("energy: supplier's balance = the model's", settled.supplier, books.supplier),
    equal("energy: grid operator's fees = the model's", settled.gridFees, books.gridFees),
  ];
}

function moneyChecks({ homes, intervals, left, settled, told }: EnergyOutcome): Check[] {
  const deposited = sum([...told.deposited.values()], (amount) => amount) + told.toppedUp;
  const withdrawn =
    sum([...told.withdrawn.values()], (amount) => amount) +
    told.supplierWithdrawn +
    told.feesWithdrawn +
    told.potWithdrawn;
  const inside = ({ accounts, gridFees, pot, supplier }: Balance): bigint => accounts + supplier + gridFees + pot;
  return [
    equal("energy: accounts + supplier + grid fees + pot after settlement = paid in", inside(settled), deposited),
    equal("energy: tokens that the market has = money that it counts", settled.tokens, settled.held),
    equal("energy: accounts + supplier + grid fees + pot + withdrawn = paid in", inside(left) + withdrawn, deposited),
    equal("energy: tokens left in the market = supplier's floor", left.tokens, left.supplier),
    equal("energy: money left in accounts, grid fees and pot = 0", left.accounts + left.gridFees + left.pot, 0n),
    equal(
      "energy: what buyers paid = what sellers got",
      sum(homes, ({ paidForTrades }) => paidForTrades),
      sum(homes, ({ gotForTrades }) => gotForTrades),
    ),
    equal(
      "energy: paid at the auctions' prices = what buyers paid",
      sum(intervals, ({ payments }) => payments),
      sum(homes, ({ paidForTrades }) => paidForTrades),
    ),
    equal(
      "energy: grid fees of buyers = grid fees paid out",
      sum(homes, ({ gridFees }) => gridFees),
      told.feesWithdrawn,
    ),
    equal("energy: accounts left in debt, and claims that the supplier could not pay = 0", told.unpaid, 0),
  ];
}

/** Feed-in by the data against what was issued, and what households hold of it. */
async function certificateChecks({ life, told }: EnergyOutcome): Promise<Check[]> {
  const { day, district, slots } = life;
  const fedIn = sum(district.members, ({ home }) =>
    sum(slots, ({ at }) => {
      const reading = home.readings.get(at);
      return reading === undefined ? 0n : negative(netOf(reading));
    }),
  );
  const issued = sum([...told.certificates.values()], (wh) => wh);
  let booked = 0n;
  for (const { account } of district.members) {
    for (const { interval } of slots) booked += await day.city.energyCertificates.issuedOf(account, interval);
  }
  return [
    equal("energy: certificates issued = metered feed-in of renewable meters, Wh", issued, fedIn),
    equal("energy: certificates issued = what is booked as issued for the meters, Wh", issued, booked),
  ];
}

/** What the data expect of a file, figure by figure. Where orders are given, matching is theirs. */
function expectedChecks({ byRule, files }: EnergyOutcome, expected: Expected): Check[] {
  return files.flatMap((file) => {
    const wanted = expected.get(file.name.slice(file.name.lastIndexOf("/") + 1)) ?? {};
    return Object.entries(file).flatMap(([figure, value]) => {
      const expectation = wanted[figure];
      if (figure === "name" || typeof expectation !== "number") return [];
      if (!byRule && figure.includes("match")) return [];
      return [equal(`energy: ${file.name}: ${figure} = expected.json`, value as bigint | number, expectation)];
    });
  });
}

// --- summary

function summaryOf({ byRule, files, homes, intervals, left, life, settled, told }: EnergyOutcome): Outcome["summary"] {
  const { data, refusals, shift } = life;
  return {
    timeShiftSeconds: shift,
    currency: data.currency,
    intervalSeconds: data.intervalLength,
    minimumWh: MINIMUM_WH,
    orders: byRule ? "rule" : "given",
    prices: { feedIn: FEED_IN, gridFee: GRID_FEE, feederFee: FEEDER_FEE, tickSize: data.tickSize },
    files,
    intervals,
    homes,
    money: {
      deposited: sum([...told.deposited.values()], (amount) => amount),
      supplierPaidIn: told.toppedUp,
      settled,
      withdrawn: sum([...told.withdrawn.values()], (amount) => amount),
      supplierWithdrawn: told.supplierWithdrawn,
      gridFeesWithdrawn: told.feesWithdrawn,
      potWithdrawn: told.potWithdrawn,
      left,
    },
    certificates: { issuedWh: sum([...told.certificates.values()], (wh) => wh) },
    operator: METERING_COMPANY,
    refusals: refusals.all.map((refusal) => ({ ...refusal, ok: refusal.reason === refusal.expected })),
  };
}

// --- numbers

function sum<Item>(items: readonly Item[], of: (item: Item) => bigint): bigint {
  return items.reduce((total, item) => total + of(item), 0n);
}

function positive(value: bigint): bigint {
  return value > 0n ? value : 0n;
}

function negative(value: bigint): bigint {
  return value < 0n ? -value : 0n;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
