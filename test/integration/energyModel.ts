import { expect } from "chai";

import {
  accountAt,
  type Clearing,
  clearInterval,
  EnergyRules,
  hasRule,
  imbalanceOf,
  IntervalSettlement,
  levelsOf,
  lockOf,
  MarketBooks,
  type Order,
  priceAt,
  type Settlement,
  shareOut,
  type Tariff,
  tickOf,
} from "../../sdk/energy/index.js";
import { gridOf, type MarketCase, readEnergyCases } from "./utils/energyCases.js";
import {
  booksOf,
  bruteForceOptimum,
  clear,
  type Market,
  type MarketShape,
  randomMarket,
} from "./utils/energyMarkets.js";
import { Random } from "./utils/random.js";

/** The twin of clearing and settlement against the agreed cases, against brute force, and against its own invariants. */

const DEEP = process.env.CIVITAS_DEEP === "1";
const SMALL_MARKETS = DEEP ? 100_000 : 10_000;
const FREE_MARKETS = DEEP ? 20_000 : 1_000;

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
        expect(Number(priceAt(tariff, low!))).to.equal(expected.price_low);
        expect(Number(priceAt(tariff, high!))).to.equal(expected.price_high);
        expect(tick === undefined ? null : Number(priceAt(tariff, tick))).to.equal(expected.price);
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
