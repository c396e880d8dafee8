/** Signs the orders of the district. The SDK's way through ethers would take half a minute for ten thousand. */
import { concat, id, keccak256, type SigningKey, toBeHex, TypedDataEncoder } from "ethers";

import { type Order, packOrders, signedFlags } from "../sdk/energy/index.js";
import { domainOf, typesOf } from "../sdk/typedData.js";
import type { EnergyMarket } from "../typechain-types/index.js";

const encoder = TypedDataEncoder.from(typesOf("Order"));
const ORDER_TYPE = id(encoder.encodeType("Order"));
const STEP_TYPE = id(encoder.encodeType("Step"));
/** No account of the district ever voids its orders. */
const EPOCH = 0;
const PREFIX = "0x1901";
const WORD_BYTES = 32;

/** Orders as `postOrders` takes them. */
export interface SignedBatch {
  readonly records: string;
  readonly signatures: string;
}

export class OrderDesk {
  readonly #signatures = new Map<string, string>();
  #domain: string | undefined;

  constructor(
    private readonly market: EnergyMarket,
    private readonly key: SigningKey,
  ) {}

  async sign(interval: number, orders: readonly Order[]): Promise<SignedBatch> {
    this.#domain ??= TypedDataEncoder.hashDomain(await domainOf(this.market));
    const domain = this.#domain;
    return {
      records: packOrders(orders),
      signatures: concat(orders.map((order) => this.#signature(domain, interval, order))),
    };
  }

  /** Signed once for an interval. */
  #signature(domain: string, interval: number, order: Order): string {
    const name = `${interval} ${order.account}`;
    const known = this.#signatures.get(name);
    if (known !== undefined) return known;
    const { r, yParityAndS: vs } = this.key.sign(keccak256(concat([PREFIX, domain, hashOf(interval, order)])));
    const signature = concat([r, vs]);
    this.#signatures.set(name, signature);
    return signature;
  }
}

function hashOf(interval: number, order: Order): string {
  const steps = order.steps.map(({ tick, wh }) => keccak256(concat([STEP_TYPE, word(tick), word(wh)])));
  const fields = [interval, order.account, EPOCH, signedFlags(order)].map(word);
  return keccak256(concat([ORDER_TYPE, ...fields, keccak256(concat(steps))]));
}

function word(value: number | bigint): string {
  return toBeHex(value, WORD_BYTES);
}
