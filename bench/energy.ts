/**
 * Operations of the energy market. Orders have one step each, are spread over all ticks and, unless the key says
 * otherwise, come in a batch by the number of their account; all meters trade in one book.
 */
import type { Order } from "../sdk/energy/index.js";
import { NO_SIGNATURE } from "../sdk/typedData.js";
import type { Chain } from "./chain.js";
import { type District, FEEDERS, GAS, type Life, METERS, PER_DAY, SUNNY, sumOf } from "./district.js";
import type { Exchanges } from "./exchanges.js";
import type { Operation, Operations } from "./operation.js";

export interface EnergyStage {
  readonly chain: Chain;
  readonly district: District;
  readonly exchanges: Exchanges;
}

type EnergyOperation = Operation<EnergyStage>;
type Peer = NonNullable<EnergyOperation["peer"]>;

const BATCH = 1_000;
const SMALL_BATCH = 100;
const TEN_THOUSAND = FEEDERS * METERS;
/** Feeders of the orders of a batch. */
const BATCH_FEEDERS = BATCH / METERS;
/** Readings of a feeder's day. */
const READINGS = METERS * PER_DAY;

const listing = (count: number): Peer => ({
  name: `Seaport 1.6: validate of ${count}, which lists signed orders`,
  items: count,
  measure: async ({ exchanges }) => exchanges.list(count),
});

const auction = (count: number): Peer => ({
  name: `GPv2 of CoW Protocol: settle of ${count} orders`,
  items: count,
  measure: async ({ exchanges }) => exchanges.settle(count),
});

/** Posts a batch to an interval that has begun. */
async function post(district: District, count: number): Promise<number> {
  await district.begin();
  return district.post(district.interval, district.ordersOf(count));
}

function lastOf(orders: readonly Order[]): Order {
  const last = orders.at(-1);
  if (last === undefined) throw new Error("the district has no order");
  return last;
}

/** Everything that the orders of an interval take: posting, clearing, confirmation of readings and settlement. */
function whole({ posts, clears, confirmations, settlements }: Life): number {
  return sumOf([...posts, ...clears, ...confirmations, ...settlements]);
}

/** The whole life of so many orders. */
function life(count: number, peer: Peer): EnergyOperation {
  return { items: count, measure: async ({ district }) => whole(await district.life(count)), peer };
}

export const energyOperations: Operations<EnergyStage> = {
  "energy.postOrderBatch1000": {
    items: BATCH,
    measure: async ({ district }) => post(district, BATCH),
    peer: listing(SMALL_BATCH),
  },
  "energy.postOrderBatch100": {
    items: SMALL_BATCH,
    measure: async ({ district }) => post(district, SMALL_BATCH),
    peer: listing(SMALL_BATCH),
  },
  "energy.postOrderDirect": {
    // After a thousand others, less one.
    measure: async ({ district }) => {
      const orders = district.ordersOf(BATCH);
      await district.post(district.interval, orders.slice(0, -1));
      return district.postDirect(lastOf(orders));
    },
    peer: listing(1),
  },
  "energy.postOrderDirectFirst": {
    // The first order of its interval, which has no record before.
    measure: async ({ district }) => district.postDirect(lastOf(district.ordersOf(1))),
  },
  "energy.placeStandingOrder": {
    // The account's first one, sent by its key.
    measure: async ({ chain, district }) => {
      const market = district.market.connect(district.signer);
      const order = district.standingOrderOf(lastOf(district.ordersOf(1)));
      return chain.gasOf(() => market.placeStandingOrder(order, 0n, 0n, NO_SIGNATURE, GAS));
    },
  },
  "energy.standingOrderShare": {
    items: BATCH,
    measure: async ({ district }) => {
      await district.placeStandingOrders(BATCH);
      await district.begin();
      return district.postStandingOrders(BATCH);
    },
  },
  "energy.clear256": { measure: async ({ district }) => sumOf((await district.life(BATCH)).clears) },
  "energy.clear256With100": { measure: async ({ district }) => sumOf((await district.life(SMALL_BATCH)).clears) },
  "energy.clear256With10": { measure: async ({ district }) => sumOf((await district.life(10)).clears) },
  "energy.clearBooks40": {
    // A book for each feeder, with 250 orders; they trade with each other, which takes two passes over the books.
    items: FEEDERS,
    measure: async ({ district }) => sumOf((await district.life(TEN_THOUSAND, district.intervalByFeeder)).clears),
  },
  "energy.confirmReadings4": {
    items: BATCH_FEEDERS,
    measure: async ({ district }) => sumOf((await district.life(BATCH)).confirmations),
  },
  "energy.settleBatch1000": {
    items: BATCH,
    measure: async ({ district }) => sumOf((await district.life(BATCH)).settlements),
    peer: {
      name: "OpenZeppelin ERC20: transfer",
      items: 1,
      measure: async ({ exchanges }) => exchanges.transfer(),
    },
  },
  "energy.settleBatch100": {
    items: SMALL_BATCH,
    measure: async ({ district }) => sumOf((await district.life(SMALL_BATCH)).settlements),
  },
  "energy.correct": { measure: async ({ district }) => (await district.life(BATCH)).correction },
  "energy.orderLife": life(BATCH, auction(200)),
  "energy.orderLifeWith200": life(200, auction(200)),
  "energy.orderLifeWith100": life(100, auction(100)),
  "energy.orderLifeWith50": life(50, auction(50)),
  "energy.orderLifeWith40": life(40, {
    name: "Seaport 1.6: matchAdvancedOrders of 20 pairs",
    measure: async ({ exchanges }) => exchanges.match(40),
  }),
  "energy.orderLifeWith20": life(20, {
    name: "Seaport 1.6: fulfillAvailableAdvancedOrders, one buyer and 20 sellers",
    measure: async ({ exchanges }) => exchanges.fulfilMany(20),
  }),
  "energy.orderLifeWith10": life(10, auction(10)),
  "energy.orderLifeWith2": life(2, {
    name: "Seaport 1.6: fulfillBasicOrder_efficient, one buyer and one seller",
    measure: async ({ exchanges }) => exchanges.fulfil(),
  }),
  "energy.tenThousandMeters": {
    items: TEN_THOUSAND,
    inBlocks: true,
    measure: async ({ district }) => whole(await district.life(TEN_THOUSAND)),
  },
  "energy.tenThousandMetersWithReadings": {
    // With the interval's share in the day that is submitted for each feeder.
    items: TEN_THOUSAND,
    inBlocks: true,
    measure: async ({ district }) => {
      const lived = await district.life(TEN_THOUSAND);
      return whole(lived) + Math.ceil(sumOf(lived.submissions) / PER_DAY);
    },
  },
  "energy.tenThousandMetersByFeeder": {
    items: TEN_THOUSAND,
    inBlocks: true,
    measure: async ({ district }) => whole(await district.life(TEN_THOUSAND, district.intervalByFeeder)),
  },
  "energy.submitDay250": {
    items: READINGS,
    measure: async ({ district }) => {
      district.passDay();
      return district.submit(1);
    },
  },
  "energy.submitDay250ByMeters": {
    items: READINGS,
    measure: async ({ district }) => {
      district.passDay();
      return district.submitByMeters();
    },
  },
  "energy.issueCertificates48": {
    items: SUNNY,
    measure: async ({ district }) => district.issueCertificates(),
  },
};
