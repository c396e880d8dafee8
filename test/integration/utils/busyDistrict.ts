/** A district in which a keeper finds everything that it has to do. */
import { expect } from "chai";

import {
  buildAgreement,
  buildOrder,
  buildStandingOrder,
  type Order,
  type Result,
  resultsOf,
  signOrderFor,
  type SignedOrder,
  type Tariff,
} from "../../../sdk/energy/index.js";
import { type Agreement, IntervalState, NO_SIGNATURE } from "../../../sdk/index.js";
import {
  ACCOUNTS,
  dayValues,
  DEFAULT_TARIFF,
  deposit,
  type District,
  FEEDERS,
  goBehindGate,
  goToGate,
  nextDay,
  passWindow,
  PER_DAY,
  signAll,
  signerOf,
  submitDay,
  tradingDistrict,
} from "./energyDistrict.js";

/** Money units of each account that trades. */
export const MONEY = 1_000_000n;

/** Tariff of every interval. */
export const tariff: Tariff = DEFAULT_TARIFF;

/** Orders that good accounts sign, each alike but for its price. */
function ordersOf(accounts: readonly number[]): Order[] {
  return accounts.map((account, index) =>
    buildOrder(tariff, {
      account,
      side: index % 2 === 0 ? "buy" : "sell",
      steps: [{ price: index % 2 === 0 ? 250n : 150n, wh: 100n + BigInt(index) }],
    }),
  );
}

/** Accounts that sign orders, have standing ones, and have agreements. */
export const [SIGNED, STANDING, PARTIES] = [ACCOUNTS.slice(0, 7), ACCOUNTS.slice(8, 11), ACCOUNTS.slice(16, 20)];
const POOR = ACCOUNTS[30]!;

/**
 * A district with everything that a keeper finds: signed orders, of which some are bad, standing orders, agreements
 * between accounts with and without orders, and one that nobody can pay.
 */
export async function busyDistrict(connection: Parameters<typeof tradingDistrict>[0]) {
  const district = await tradingDistrict(connection);
  const { city, household } = district;
  const market = city.energyMarket.connect(household);
  for (const account of [...SIGNED, ...STANDING, ...PARTIES]) await deposit(district, account, MONEY);
  const interval = (await nextDay(district)) + 5;
  const deadline = (1n << 48n) - 1n;
  for (const [index, account] of STANDING.entries()) {
    const order = buildStandingOrder(tariff, {
      account,
      side: "sell",
      steps: [{ price: 140n, wh: 50n }],
      epoch: 0,
      fromInterval: interval - 1,
      toInterval: interval + index,
      deadline,
    });
    await market.placeStandingOrder({ ...order, steps: [...order.steps] }, 0n, 0n, NO_SIGNATURE);
  }
  const [buyer, seller, other, third] = PARTIES as [number, number, number, number];
  const agreements: Agreement[] = [
    buildAgreement({ buyer, seller, fromInterval: interval, toInterval: interval + 9, price: 100n, wh: 30n }),
    buildAgreement({ buyer: SIGNED[0]!, seller, fromInterval: interval, toInterval: interval, price: 0n, wh: 10n }),
    buildAgreement({ buyer: POOR, seller: other, fromInterval: interval, toInterval: interval, price: 90n, wh: 10n }),
    buildAgreement({ buyer: other, seller: third, fromInterval: interval, toInterval: interval, price: 90n, wh: 10n }),
  ];
  for (const agreement of agreements) await market.agree(agreement, 0n, 0n, 0n, NO_SIGNATURE, NO_SIGNATURE);
  const orders = ordersOf(SIGNED);
  const signed = await signAll(district, interval, orders);
  const bad: SignedOrder[] = [
    // Has no money, signed by somebody else, signed for another epoch.
    ...(await signAll(district, interval, ordersOf([POOR]))),
    await signOrderFor(city, signerOf(ACCOUNTS[0]!), interval, 0, ordersOf([ACCOUNTS[21]!])[0]!),
    await signOrderFor(city, signerOf(ACCOUNTS[22]!), interval, 3, ordersOf([ACCOUNTS[22]!])[0]!),
  ];
  const source = { signedOrders: async () => [...bad, ...signed] };
  return { ...district, interval, orders, source, agreements };
}

export type Busy = Awaited<ReturnType<typeof busyDistrict>>;

/** What a meter measures in an interval, Wh. */
export const measured = (account: number, interval: number) => BigInt(((account * 7 + interval) % 400) - 200);

/** Brings the readings of the interval's day, and lets them become final. */
async function measureDay(district: District, interval: number): Promise<void> {
  for (let feeder = 1; feeder <= FEEDERS; ++feeder) {
    await submitDay(district, dayValues(feeder, Math.floor(interval / PER_DAY), measured));
  }
  await passWindow(district);
}

/** Lets an interval live from its gate to its end; `work` is called whenever there may be something to do. */
export async function live(district: Busy, work: () => Promise<unknown>): Promise<void> {
  const { interval } = district;
  await goToGate(district, interval);
  await work();
  await goBehindGate(district, interval);
  await work();
  await measureDay(district, interval);
  await work();
}

/** What a settled interval comes to. */
export async function outcomeOf({ city, interval }: Busy) {
  const { energyMarket } = city;
  expect(await energyMarket.stateOf(interval)).to.equal(IntervalState.Settled);
  const results = (await resultsOf(energyMarket, interval)).flatMap((tree): readonly Result[] => tree.results);
  const accounts: unknown[] = [];
  for (const account of ACCOUNTS) {
    const { free, debt, claim } = await energyMarket.accountOf(account);
    accounts.push([account, free, debt, claim]);
  }
  const { supplierBalance, gridFees, pot, held } = await energyMarket.balances();
  const byAccount = [...results].sort((left, right) => left.account - right.account);
  return { results: byAccount, accounts, balances: [supplierBalance, gridFees, pot, held] };
}
