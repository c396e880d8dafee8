import { expect } from "chai";
import { network } from "hardhat";

import {
  accountAt,
  type BookClassName,
  type Clearing,
  clearInterval,
  EnergyRules,
  hasRule,
  imbalanceOf,
  IntervalSettlement,
  Keeper,
  levelsOf,
  lockOf,
  MarketBooks,
  type Order,
  priceAt,
  resultsOf,
  type Settlement,
  shareOut,
  type Tariff,
  tickOf,
} from "../../sdk/energy/index.js";
import { BookClass, Round } from "../../sdk/index.js";
import { gridOf, type MarketCase, readEnergyCases } from "./utils/energyCases.js";
import {
  booksOf,
  bruteForceOptimum,
  clear,
  type Market,
  type MarketShape,
  randomMarket,
} from "./utils/energyMarkets.js";
import {
  ACCOUNTS,
  createTariff,
  dayValues,
  deposit,
  type District,
  FEEDERS,
  FLOOR,
  goBehindGate,
  goToGate,
  isGreen,
  METERS_PER_FEEDER,
  nextDay,
  passWindow,
  PER_DAY,
  post,
  schedule,
  submitDay,
  tradingDistrict,
} from "./utils/energyDistrict.js";
import { Random } from "./utils/random.js";

/**
 * The twin of clearing and settlement against the agreed cases, against brute force, against its own invariants, and
 * against the market on the chain.
 */

const DEEP = process.env.CIVITAS_DEEP === "1";
const SMALL_MARKETS = DEEP ? 100_000 : 10_000;
const FREE_MARKETS = DEEP ? 20_000 : 1_000;

/** Days of trading on the chain, and markets on each. */
const CHAIN_DAYS = DEEP ? 100 : 6;
const MARKETS_PER_DAY = 4;

const { networkHelpers } = await network.create();

const cases = readEnergyCases();

const FLAT: Tariff = { feedIn: 0n, retail: 255n, feederFee: 0n, gridFee: 0n, basePrice: 0n, tickSize: 1n, rules: 0n };

/** The market of a case: its orders by accounts in their order, bids first. */
function marketOf(given: MarketCase): Market {
  const { basePrice, tickSize } = gridOf(given);
  const tariff = { ...FLAT, basePrice, tickSize, retail: basePrice + 255n * tickSize };
  const orders = [...given.bids, ...given.offers].map(({ price, wh }, index): Order => ({
    account: accountAt(1, index),
    offer: index >= given.bids.length,
    kind: "anywhere",
    steps: [{ tick: tickOf(tariff, BigInt(price)), wh: BigInt(wh) }],
  }));
  return { tariff, orders, green: new Set(), limits: new Map() };
}

/** Settles everybody in the order given; meters measure what was traded, unless they are told otherwise. */
function settleAll(
  { tariff, orders, green }: Market,
  clearing: Clearing,
  metered?: (account: number) => bigint | undefined,
): { settlement: IntervalSettlement; settled: Settlement[] } {
  const settlement = new IntervalSettlement(tariff, clearing);
  const settled = orders.map((order) => {
    const { account } = order;
    return settlement.settle({ account, order, green: green.has(account), metered: metered?.(account) });
  });
  return { settlement, settled };
}

/** Value of what is filled, in ticks times Wh. */
function welfareOf({ orders, tariff }: Market, settled: readonly Settlement[], clearing: Clearing): bigint {
  // Orders of one step, so what is filled has one tick.
  expect(orders.every(({ steps }) => steps.length === 1)).to.be.true;
  expect(clearing.bought).to.equal(clearing.sold);
  expect(tariff.tickSize > 0n).to.be.true;
  return orders.reduce((sum, { steps }, index) => sum + settled[index]!.filled * BigInt(steps[0]!.tick), 0n);
}

describe("Energy model", () => {
  describe("agreed cases", () => {
    for (const given of cases?.cases ?? []) {
      it(`clears ${given.name}`, () => {
        const market = marketOf(given);
        const { tariff } = market;
        const clearing = clear(market);
        const { low, high, tick, volume } = clearing.rounds[0]!;
        const expected = given.reference_uniform;
        const prices = [low, high, tick].map((one) => (one === undefined ? null : Number(priceAt(tariff, one))));
        const { price, price_low, price_high } = expected;
        // The cases know a range of prices at which nothing is traded; without volume the market tells of none.
        expect(prices).to.deep.equal(price === null ? [null, null, null] : [price_low, price_high, price]);
        expect(Number(volume)).to.equal(expected.volume_wh);
        const { settled } = settleAll(market, clearing);
        const fills = settled.map(({ filled }) => Math.abs(Number(filled)));
        const ids = [...given.bids, ...given.offers].map(({ id }) => id.toString());
        expect(Object.fromEntries(fills.map((wh, index) => [ids[index]!, wh]))).to.deep.equal(expected.fills_wh);
        const paid = settled.reduce((sum, { trade }) => (trade < 0n ? sum - trade : sum), 0n);
        expect(Number(paid)).to.equal(expected.total_buyer_payment_price_wh);
        const welfare = welfareOf(market, settled, clearing) * tariff.tickSize;
        expect(Number(welfare)).to.equal(expected.welfare_price_wh);
      });
    }

    for (const given of cases?.settlement_cases ?? []) {
      it(`settles ${given.name}`, () => {
        const tariff: Tariff = {
          ...FLAT,
          feedIn: BigInt(given.feed_in),
          retail: BigInt(given.retail),
          gridFee: BigInt(given.grid_fee),
          basePrice: BigInt(given.feed_in),
          tickSize: 1n,
        };
        const wh = BigInt(given.contract_wh);
        const tick = tickOf(tariff, BigInt(given.price));
        const orders = [false, true].map((offer, position): Order => ({
          account: accountAt(1, position),
          offer,
          kind: "anywhere",
          steps: [{ tick, wh }],
        }));
        const market = { tariff, orders, green: new Set<number>(), limits: new Map() };
        const { settled } = settleAll(market, clear(market), (account) =>
          account === orders[0]!.account ? BigInt(given.metered_net_wh) : -wh,
        );
        const { trade, fee, imbalance, total } = settled[0]!;
        const { expected } = given;
        expect({ trade, fee, imbalance, total }).to.deep.equal({
          trade: BigInt(expected.trade),
          fee: BigInt(expected.fee),
          imbalance: BigInt(expected.imbalance),
          total: BigInt(expected.total),
        });
        expect(settled[1]!.total).to.equal(BigInt(expected.to_sellers));
        const books = new MarketBooks();
        books.supplier = 1_000_000n;
        for (const [index, order] of orders.entries()) {
          books.deposit(order.account, 1_000_000n);
          books.lock(order.account, lockOf(tariff, order));
          if (index === 1) for (const one of settled) books.apply(one);
        }
        expect(books.gridFees).to.equal(BigInt(expected.to_dso));
        expect(books.supplier - 1_000_000n).to.equal(BigInt(expected.to_supplier));
      });
    }
  });

  describe("clearInterval", () => {
    for (const limited of [false, true]) {
      it(`reaches the brute-force optimum of value and volume ${limited ? "within limits" : "in one book"}`, () => {
        const random = new Random(limited ? 2 : 1);
        for (let round = 0; round < SMALL_MARKETS / 2; ++round) {
          const feeders = limited ? 3 : 1;
          const market = randomMarket(random, {
            feeders,
            metersPerFeeder: Number(random.between(1n, limited ? 4n : 8n)),
            ticks: Number(random.between(1n, 6n)),
            maxWh: 3n,
            maxSteps: 1,
            rules: limited ? EnergyRules.BY_FEEDER : 0n,
            ...(limited ? { maxLimit: 5n } : {}),
          });
          const clearing = clear(market);
          const { settled } = settleAll(market, clearing);
          const found = { welfare: welfareOf(market, settled, clearing), volume: clearing.bought };
          expect(found, `market ${round}`).to.deep.equal(bruteForceOptimum(market));
        }
      });
    }

    it("trades nothing on the bus beyond a feeder's limits, and nothing at a price worse than an order's", () => {
      const random = new Random(3);
      for (let round = 0; round < FREE_MARKETS; ++round) {
        const market = randomMarket(random, freeShape(random));
        expectSound(market, clear(market), `market ${round}`);
      }
    });

    it("gives every class at the price its part, within one Wh", () => {
      expect(shareOut(10n, [1n, 1n, 1n, 17n])).to.deep.equal([0n, 1n, 0n, 9n]);
      expect(shareOut(0n, [0n, 0n])).to.deep.equal([0n, 0n]);
    });

    it("refuses two books of one feeder, a book of all beside others, and levels of another length", () => {
      const levels = {};
      expect(() =>
        clearInterval(
          FLAT,
          [1, 1].map((feeder) => ({ feeder, levels })),
        ),
      ).to.throw(RangeError, "feeder 1");
      expect(() =>
        clearInterval(
          FLAT,
          [1, 0].map((feeder) => ({ feeder, levels })),
        ),
      ).to.throw(RangeError, "book 0");
      expect(() => clearInterval(FLAT, [{ feeder: 7, levels: { Bid: [1n] } }])).to.throw(
        RangeError,
        "class Bid of feeder 7",
      );
    });
  });

  describe("IntervalSettlement", () => {
    it("moves money between accounts, supplier, grid operator and pot, and loses none", () => {
      const random = new Random(4);
      for (let round = 0; round < FREE_MARKETS; ++round) {
        const market = randomMarket(random, freeShape(random));
        const { tariff, orders } = market;
        const books = new MarketBooks();
        books.supplier = random.between(0n, 1_000n);
        for (const order of orders) {
          const lock = lockOf(tariff, order);
          books.deposit(order.account, lock + random.between(0n, 1_000n));
          books.lock(order.account, lock);
        }
        const held = books.held;
        const { settlement, settled } = settleAll(market, clear(market), () =>
          random.between(0n, 5n) === 0n ? undefined : random.between(-60n, 60n),
        );
        for (const one of settled) books.apply(one);
        books.close(settlement.ends);
        expect(books.open, `market ${round}`).to.equal(0n);
        expect(books.held).to.equal(held);
        // Locks cover everything but what an account drew beyond what it bought or sold.
        for (const { lock, trade, surplus, fee } of settled) expect(lock + trade + surplus + fee >= 0n).to.be.true;
      }
    });

    it("restores all balances by a correction and its opposite", () => {
      const books = new MarketBooks();
      books.supplier = 10_000n;
      books.deposit(1, 10_000n);
      const tariff = { retail: 320n, feedIn: 80n };
      const change = imbalanceOf(tariff, 500n, 510n) - imbalanceOf(tariff, 500n, 480n);
      books.correct(1, change);
      books.correct(1, -change);
      expect(books.purseOf(1)).to.deep.equal({ free: 10_000n, debt: 0n, claim: 0n });
      expect(books.supplier).to.equal(10_000n);
    });
  });
});

describe("Energy model and the chain", () => {
  it("clear and settle random markets alike, to the unit", async () => {
    const district = await networkHelpers.loadFixture(tradingDistrict);
    const random = new Random(5);
    const { city } = district;
    const books = new MarketBooks();
    books.supplier = (await city.energyMarket.balances()).supplierBalance;
    for (let day = 0; day < CHAIN_DAYS; ++day) await tradeOneDay(district, random, books);
  });
});

/** A market on the chain. */
interface ChainMarket {
  readonly market: Market;
  readonly interval: number;
  /** Orders in the order in which settlement visits them. */
  readonly visited: readonly Order[];
}

/** Lets random markets be traded, cleared and settled in one day, and compares everything with the twin. */
async function tradeOneDay(district: District, random: Random, books: MarketBooks): Promise<void> {
  const { city, actors } = district;
  const first = await nextDay(district);
  await leaveSupplier(district, books, FLOOR + random.between(0n, 100_000n));
  const shapes = Array.from({ length: MARKETS_PER_DAY }, () => ({
    ...freeShape(random),
    feeders: FEEDERS,
    metersPerFeeder: METERS_PER_FEEDER,
  }));
  const registry = city.energyRegistry.connect(actors.energyOffice);
  const limits = new Map<number, readonly [bigint, bigint]>();
  for (let feeder = 1; feeder <= FEEDERS; ++feeder) {
    const isLimited = random.between(0n, 2n) > 0n;
    const limit = () => (isLimited ? random.between(0n, random.pick([0n, 100n, 5_000n])) : (1n << 56n) - 1n);
    const [importWh, exportWh] = [limit(), limit()];
    const before = await registry.limitsOf(feeder, first);
    if (before.importWh !== importWh || before.exportWh !== exportWh) {
      await registry.limitFeeder(feeder, first, importWh, exportWh);
    }
    limits.set(feeder, [importWh, exportWh]);
  }
  const markets = shapes.map((shape) => withLimits(randomMarket(random, shape), limits));
  const numbers: bigint[] = [];
  for (const { tariff } of markets) numbers.push(await createTariff(district, tariff));
  await schedule(district, first, numbers);

  const traded: ChainMarket[] = [];
  for (const [index, market] of markets.entries()) {
    const interval = first + index;
    traded.push(await tradeOne(district, random, books, market, interval));
  }

  const readingOf = new Map<string, bigint | undefined>();
  const reading = (account: number, interval: number): bigint | undefined => {
    const key = `${account}/${interval}`;
    if (!readingOf.has(key)) {
      readingOf.set(key, random.between(0n, 9n) === 0n ? undefined : random.between(-6_000n, 6_000n));
    }
    return readingOf.get(key);
  };
  const feeders = Array.from({ length: FEEDERS }, (_, feeder) =>
    dayValues(feeder + 1, first / PER_DAY, (account, interval) =>
      interval < first + MARKETS_PER_DAY ? reading(account, interval) : 0n,
    ),
  );
  for (const values of feeders) await submitDay(district, values);
  await passWindow(district);
  for (const one of traded) await settleOne(district, books, one, reading);
}

/** Leaves the supplier so much money, so that it can run out of it. */
async function leaveSupplier({ city, actors }: District, books: MarketBooks, balance: bigint): Promise<void> {
  const market = city.energyMarket.connect(actors.supplier);
  if (books.supplier > balance) await market.withdrawSupplier(books.supplier - balance, actors.supplier);
  else if (books.supplier < balance) await market.topUpSupplier(balance - books.supplier);
  books.supplier = balance;
}

function withLimits(market: Market, limits: ReadonlyMap<number, readonly [bigint, bigint]>): Market {
  const byFeeder = hasRule(market.tariff, EnergyRules.BY_FEEDER);
  return { ...market, green: new Set(ACCOUNTS.filter(isGreen)), limits: byFeeder ? limits : new Map() };
}

async function tradeOne(
  district: District,
  random: Random,
  books: MarketBooks,
  market: Market,
  interval: number,
): Promise<ChainMarket> {
  const { city } = district;
  const { energyMarket } = city;
  const { tariff } = market;
  if (books.supplier < FLOOR) await leaveSupplier(district, books, FLOOR);
  // Who is in debt cannot order, unless it pays first.
  for (const order of market.orders) {
    const { free, debt } = books.purseOf(order.account);
    const lock = lockOf(tariff, order);
    const needed = lock > free ? lock - free : 0n;
    const amount = debt + needed + random.between(0n, 100_000n);
    await deposit(district, order.account, amount);
    books.deposit(order.account, amount);
    books.lock(order.account, lock);
  }
  await goToGate(district, interval);
  const size = Number(random.between(1n, 12n));
  await post(district, interval, market.orders, size);
  const sorted = [...market.orders].sort((left, right) => left.account - right.account);
  const batches = Array.from({ length: Math.ceil(sorted.length / size) }, (_, index) =>
    sorted.slice(index * size, (index + 1) * size),
  );
  const visited = batches.reverse().flat();

  await goBehindGate(district, interval);
  const clearing = clear(market);
  const most = random.between(1n, 5n);
  while (!(await energyMarket.clear.staticCall(interval, most))) await energyMarket.clear(interval, most);
  await expectCleared(district, interval, market, clearing, await energyMarket.clear(interval, most));
  return { market, interval, visited };
}

/** Compares shares and events of a clearing with the twin's. */
async function expectCleared(
  { city }: District,
  interval: number,
  { tariff }: Market,
  clearing: Clearing,
  response: unknown,
): Promise<void> {
  const { energyMarket } = city;
  await expect(response)
    .to.emit(energyMarket, "IntervalCleared")
    .withArgs(interval, clearing.bought, clearing.sold, clearing.rent, clearing.surplus);
  const events = await energyMarket.queryFilter(energyMarket.filters.BookCleared(interval));
  const told = events.map(({ args: { round, feeder, price, bought, sold } }) => [round, feeder, price, bought, sold]);
  const expected = clearing.rounds.flatMap(({ round, books }) =>
    books.flatMap(({ feeder, tick, bought, sold }) =>
      tick === undefined ? [] : [[Round[round], BigInt(feeder), priceAt(tariff, tick), bought, sold]],
    ),
  );
  expect(told).to.deep.equal(expected);
  for (const { round, books } of clearing.rounds) {
    for (const { feeder, tick, shares } of books) {
      for (const [name, { level, filled }] of shares) {
        const share = await energyMarket.shareOf(interval, feeder, BookClass[name], Round[round]);
        if (level === 0n) continue;
        expect([share.traded, Number(share.tick), share.level, share.filled]).to.deep.equal([
          true,
          tick,
          level,
          filled,
        ]);
      }
      if (tick === undefined) {
        for (const name of Object.keys(BookClass) as BookClassName[]) {
          const share = await energyMarket.shareOf(interval, feeder, BookClass[name], Round[round]);
          expect(share.traded).to.be.false;
        }
      }
    }
  }
  const rounds = await energyMarket.queryFilter(energyMarket.filters.RoundCleared(interval));
  for (const { args } of rounds) {
    const found = clearing.rounds.find(({ round }) => Round[round] === args.round)!;
    // Without volume there is no price, and no range of prices.
    const prices = [found.low, found.high, found.tick].map((tick) => (tick === undefined ? 0n : priceAt(tariff, tick)));
    expect([args.low, args.high, args.price, args.volume]).to.deep.equal([...prices, found.volume]);
  }
}

/** Settles a market and compares results and balances with the twin's. */
async function settleOne(
  district: District,
  books: MarketBooks,
  { market, interval, visited }: ChainMarket,
  reading: (account: number, interval: number) => bigint | undefined,
): Promise<void> {
  const { city } = district;
  const { energyMarket } = city;
  const keeper = new Keeper(energyMarket);
  const steps = await keeper.run(interval);
  expect(steps.map(({ plan }) => plan.kind)).to.include.members(["confirmReadings", "settle", "finished"]);

  const settlement = new IntervalSettlement(market.tariff, clear(market));
  const settled = visited.map((order) => {
    const { account } = order;
    const one = settlement.settle({ account, order, green: isGreen(account), metered: reading(account, interval) });
    books.apply(one);
    return one;
  });
  books.close(settlement.ends);
  const trees = await resultsOf(energyMarket, interval);
  expect(trees.flatMap(({ results }) => results)).to.deep.equal(
    settled.map(({ account, contracted, metered }) => ({ account, contracted, metered })),
  );
  for (const [index, { root }] of trees.entries())
    expect(await energyMarket.resultRoot(interval, index)).to.equal(root);
  for (const { account } of settled) {
    const { free, debt, claim } = await energyMarket.accountOf(account);
    expect({ free, debt, claim }, `account ${account} in ${interval}`).to.deep.equal(books.purseOf(account));
  }
  const { supplierBalance, gridFees, pot, held } = await energyMarket.balances();
  expect({ supplierBalance, gridFees, pot, held }).to.deep.equal({
    supplierBalance: books.supplier,
    gridFees: books.gridFees,
    pot: books.pot,
    held: books.held,
  });
}

/** A shape with any rules that go together. */
function freeShape(random: Random): MarketShape {
  const byFeeder = random.between(0n, 2n) > 0n;
  const payAsBid = random.between(0n, 1n) === 1n;
  const maybe = (rule: bigint) => (random.between(0n, 1n) === 1n ? rule : 0n);
  return {
    feeders: Number(random.between(1n, 4n)),
    metersPerFeeder: Number(random.between(1n, 6n)),
    ticks: Number(random.pick([3n, 20n, 256n])),
    maxWh: random.pick([5n, 50n, 5_000n]),
    maxSteps: 4,
    rules:
      (byFeeder ? EnergyRules.BY_FEEDER | maybe(EnergyRules.FEEDER_FIRST) : 0n) |
      maybe(EnergyRules.GREEN) |
      (payAsBid ? EnergyRules.PAY_AS_BID | maybe(EnergyRules.SURPLUS_TO_POT) : 0n),
    ...(byFeeder ? { maxLimit: 40n } : {}),
  };
}

/** What must hold of every clearing, by numbers of the module's invariants. */
function expectSound(market: Market, clearing: Clearing, hint: string): void {
  const { tariff, orders, limits } = market;
  const { settled } = settleAll(market, clearing);
  const buys = settled.reduce((sum, { filled }) => (filled > 0n ? sum + filled : sum), 0n);
  const sells = settled.reduce((sum, { filled }) => (filled < 0n ? sum - filled : sum), 0n);
  expect(clearing.bought, `2: ${hint}`).to.equal(clearing.sold);
  expect([buys, sells], `2: ${hint}`).to.deep.equal([clearing.bought, clearing.sold]);
  for (const [index, order] of orders.entries()) {
    const { filled, trade } = settled[index]!;
    const size = order.steps.reduce((sum, { wh }) => sum + wh, 0n);
    expect(filled * (order.offer ? -1n : 1n) <= size, `6: ${hint}`).to.be.true;
    const prices = order.steps.map(({ tick }) => priceAt(tariff, tick));
    const worst = prices.reduce((left, right) => (left > right === order.offer ? right : left));
    // No worse than the order's own least favourable price allows: a seller gets at least its lowest, a buyer pays at most
    // its highest.
    expect(trade >= worst * -filled, `3: ${hint}`).to.be.true;
  }
  for (const { round, books } of clearing.rounds) {
    if (round === "Feeder")
      expect(
        books.every(({ bought, sold }) => bought === sold),
        `2: ${hint}`,
      ).to.be.true;
  }
  for (const [feeder, [importWh, exportWh]] of limits) {
    const flow = clearing.rounds
      .filter(({ round }) => round !== "Feeder")
      .flatMap(({ books }) => books.filter((book) => book.feeder === feeder))
      .reduce((sum, { bought, sold }) => sum + sold - bought, 0n);
    if (!hasRule(tariff, EnergyRules.BY_FEEDER)) continue;
    expect(flow <= exportWh && -flow <= importWh, `2: ${hint}`).to.be.true;
  }
  expect(clearing.rent >= 0n && clearing.surplus >= 0n, `1: ${hint}`).to.be.true;
  expect(levelsOf(tariff, orders, () => false).size).to.equal(booksOf(market).length);
}
