import { expect } from "chai";
import { network } from "hardhat";

import { Keeper, lockOf, type Order, priceAt, resultsOf, type Tariff, tickOf } from "../../sdk/energy/index.js";
import { IntervalState } from "../../sdk/index.js";
import { gridOf, type MarketCase, readEnergyCases, type SettlementCase } from "./utils/energyCases.js";
import {
  ACCOUNTS,
  createTariff,
  dayValues,
  DEFAULT_TARIFF,
  deposit,
  type District,
  goBehindGate,
  goToGate,
  nextDay,
  passWindow,
  PER_DAY,
  post,
  schedule,
  submitDay,
  tradingDistrict,
} from "./utils/energyDistrict.js";

/**
 * All agreed cases on the chain, from signed orders to settled accounts. A case's price unit is one money unit per Wh. Its
 * grid begins at its lowest price, and the tick is half the greatest common divisor of the differences between its prices,
 * so that every price, and every middle between two of them, is a tick.
 */

const cases = readEnergyCases();
const { networkHelpers } = await network.create();

/** Trades orders in one interval, lets all meters measure what a function says, and settles. */
async function trade(
  tariff: Tariff,
  orders: readonly Order[],
  measured: (account: number) => bigint,
  afterPosting: (district: District) => Promise<void> = async () => undefined,
) {
  const district = await networkHelpers.loadFixture(tradingDistrict);
  const { energyMarket } = district.city;
  const interval = await nextDay(district);
  await schedule(district, interval, [await createTariff(district, tariff)]);
  for (const order of orders) await deposit(district, order.account, lockOf(tariff, order));
  await goToGate(district, interval);
  await post(district, interval, orders);
  // The lock is exact: nothing is left.
  for (const { account } of orders) expect((await energyMarket.accountOf(account)).free).to.equal(0n);
  await afterPosting(district);
  const keeper = new Keeper(energyMarket);
  await goBehindGate(district, interval);
  await keeper.run(interval);
  expect(await energyMarket.stateOf(interval)).to.equal(IntervalState.Cleared);
  const before = await energyMarket.balances();
  const [round] = await energyMarket.queryFilter(energyMarket.filters.RoundCleared(interval));
  await measure(district, interval, measured);
  await keeper.run(interval);
  expect(await energyMarket.stateOf(interval)).to.equal(IntervalState.Settled);
  const results = (await resultsOf(energyMarket, interval)).flatMap((tree) => tree.results);
  const gains = new Map<number, bigint>();
  for (const order of orders) {
    const { free, debt, claim } = await energyMarket.accountOf(order.account);
    expect([debt, claim]).to.deep.equal([0n, 0n]);
    gains.set(order.account, free - lockOf(tariff, order));
  }
  const after = await energyMarket.balances();
  expect(after.held).to.equal(before.held);
  return {
    cleared: round!.args,
    fills: orders.map(({ account }) => results.find((result) => result.account === account)!.contracted),
    gains: orders.map(({ account }) => gains.get(account)!),
    toGridOperator: after.gridFees - before.gridFees,
    toSupplier: after.supplierBalance - before.supplierBalance,
  };
}

async function measure(district: District, interval: number, measured: (account: number) => bigint): Promise<void> {
  // All orders of the cases are on the first two feeders; meters that ordered nothing measure nothing.
  for (const feeder of [1, 2]) {
    const values = dayValues(feeder, interval / PER_DAY, (account, at) => (at === interval ? measured(account) : 0n));
    await submitDay(district, values);
  }
  await passWindow(district);
}

async function clearCase(given: MarketCase): Promise<void> {
  const { basePrice, tickSize } = gridOf(given);
  const tariff = { ...DEFAULT_TARIFF, feedIn: basePrice, feederFee: 0n, gridFee: 0n, basePrice, tickSize };
  const retail = priceAt(tariff, 255);
  const whole = { ...tariff, retail };
  const listed = [...given.bids, ...given.offers];
  const orders = listed.map(({ price, wh }, index): Order => ({
    account: ACCOUNTS[index]!,
    offer: index >= given.bids.length,
    kind: "anywhere",
    steps: [{ tick: tickOf(whole, BigInt(price)), wh: BigInt(wh) }],
  }));
  const expected = given.reference_uniform;
  const fillOf = (id: number) => BigInt(expected.fills_wh[id]!);
  // Everybody draws and feeds in what was traded, so that only the trade is paid.
  const planned = new Map(
    listed.map(({ id }, index) => [ACCOUNTS[index]!, orders[index]!.offer ? -fillOf(id) : fillOf(id)]),
  );
  const { cleared, fills, gains, toGridOperator, toSupplier } = await trade(
    whole,
    orders,
    (account) => planned.get(account) ?? 0n,
  );
  expect(Number(cleared.volume)).to.equal(expected.volume_wh);
  if (expected.price === null) expect([cleared.low, cleared.high, cleared.price]).to.deep.equal([0n, 0n, 0n]);
  else {
    expect([cleared.low, cleared.high, cleared.price].map(Number)).to.deep.equal([
      expected.price_low,
      expected.price_high,
      expected.price,
    ]);
  }
  const filled = Object.fromEntries(listed.map(({ id }, index) => [id, Math.abs(Number(fills[index]!))]));
  expect(filled).to.deep.equal(expected.fills_wh);
  const paid = gains.reduce((sum, gain) => (gain < 0n ? sum - gain : sum), 0n);
  expect(Number(paid)).to.equal(expected.total_buyer_payment_price_wh);
  const welfare = listed.reduce((sum, { price }, index) => sum + BigInt(price) * fills[index]!, 0n);
  expect(Number(welfare)).to.equal(expected.welfare_price_wh);
  expect([toGridOperator, toSupplier]).to.deep.equal([0n, 0n]);
}

async function settleCase(given: SettlementCase): Promise<void> {
  const tariff: Tariff = {
    ...DEFAULT_TARIFF,
    feedIn: BigInt(given.feed_in),
    retail: BigInt(given.retail),
    gridFee: BigInt(given.grid_fee),
    basePrice: BigInt(given.feed_in),
  };
  const wh = BigInt(given.contract_wh);
  const steps = [{ tick: tickOf(tariff, BigInt(given.price)), wh }];
  const [buyer, seller] = ACCOUNTS as [number, number];
  const orders: Order[] = [
    { account: buyer, offer: false, kind: "anywhere", steps },
    { account: seller, offer: true, kind: "anywhere", steps },
  ];
  const drawn = BigInt(given.metered_net_wh);
  const { expected } = given;
  // What the buyer draws beyond its bid is not locked, so it has to have the money for it.
  const { gains, toGridOperator, toSupplier } = await tradeWith(tariff, orders, buyer, 1_000_000n, (account) =>
    account === buyer ? drawn : account === seller ? -wh : 0n,
  );
  expect(gains.map(Number)).to.deep.equal([expected.total, expected.to_sellers]);
  expect([toGridOperator, toSupplier].map(Number)).to.deep.equal([expected.to_dso, expected.to_supplier]);
}

/** As {@link trade}, where one account has more money than its lock. */
async function tradeWith(
  tariff: Tariff,
  orders: readonly Order[],
  rich: number,
  more: bigint,
  measured: (account: number) => bigint,
) {
  const result = await trade(tariff, orders, measured, async (district) => deposit(district, rich, more));
  return {
    ...result,
    gains: result.gains.map((gain, index) => (orders[index]!.account === rich ? gain - more : gain)),
  };
}

describe("Energy cases on the chain", () => {
  for (const given of cases?.cases ?? []) {
    it(`clears and settles ${given.name}`, async () => clearCase(given));
  }

  for (const given of cases?.settlement_cases ?? []) {
    it(`settles ${given.name}`, async () => settleCase(given));
  }
});
