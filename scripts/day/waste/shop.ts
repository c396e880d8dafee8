/**
 * What residents buy with their rewards. Rules: each buys one of the things that it can pay, in turn. All use their vouchers
 * but the last buyer, who lets it lapse and gets its tokens back. Then the shop takes out its money, and the city its fees
 * and what is left in the pool.
 */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { signRedeem, signUse } from "../../../sdk/index.js";
import type { Day } from "../day.js";
import { holderOf } from "../holders.js";
import type { Refusals } from "../identity/refusals.js";
import type { Resident } from "./rewards.js";
import { ITEMS, POOL_SPARE, SECONDS_PER_DAY, SIGNATURE_SECONDS, STOCK, VOUCHER_SECONDS } from "./terms.js";

/** A voucher that somebody bought. */
interface Bought {
  readonly voucherId: bigint;
  readonly holder: Resident;
  readonly item: (typeof ITEMS)[number];
}

/** What came of an item. */
export interface ItemOutcome {
  readonly name: string;
  readonly price: bigint;
  readonly faceValue: bigint;
  readonly bought: number;
  readonly used: number;
  readonly refunded: number;
}

/** Money of the pool, units of the settlement token. */
export interface PoolMoney {
  readonly paidIn: bigint;
  readonly toMerchant: bigint;
  readonly fees: bigint;
  readonly withdrawn: bigint;
  /** What the contract has in the end. */
  readonly left: bigint;
}

/** What came of the shop. */
export interface ShopOutcome {
  readonly items: readonly ItemOutcome[];
  /** Reward tokens, millionths. */
  readonly burned: bigint;
  readonly refunded: bigint;
  readonly money: PoolMoney;
  /** Face value of the vouchers that were used, and the fee on it by the rule. */
  readonly gross: bigint;
  readonly fee: bigint;
}

/** The shop and its customers. */
export class Shop {
  readonly #day: Day;
  readonly #refusals: Refusals;
  readonly #shop: HardhatEthersSigner;
  readonly #stranger: HardhatEthersSigner;
  readonly #bought: Bought[] = [];
  readonly #used = new Set<bigint>();
  readonly #refunded = new Set<bigint>();
  #paidIn = 0n;

  /** @param stranger - Some other company, which tries a voucher that is not for it. */
  constructor(day: Day, refusals: Refusals, stranger: HardhatEthersSigner) {
    this.#day = day;
    this.#refusals = refusals;
    this.#shop = day.company("Shop");
    this.#stranger = stranger;
  }

  /** Residents buy and use what they can. */
  async trade(residents: readonly Resident[], at: bigint): Promise<void> {
    const { city } = this.#day;
    const wishes: { readonly holder: Resident; readonly place: number }[] = [];
    for (const [turn, holder] of residents.entries()) {
      const balance = await city.ecoToken.balanceOf(holder.wallet.address);
      const places = [...ITEMS.keys()].filter((place) => (ITEMS[place]?.price ?? 0n) <= balance);
      const place = places[turn % Math.max(1, places.length)];
      if (place !== undefined) wishes.push({ holder, place });
    }
    await this.#fill(
      wishes.reduce((sum, { place }) => sum + (ITEMS[place]?.faceValue ?? 0n), POOL_SPARE),
      at,
    );
    await this.#offer(at);
    for (const { holder, place } of wishes) await this.#buy(holder, place, at);
    for (const bought of this.#bought.slice(0, -1)) await this.#use(bought, at);
  }

  /** The city pays into the pool. */
  async #fill(amount: bigint, at: bigint): Promise<void> {
    const { city } = this.#day;
    const treasury = holderOf(this.#day, "REWARD_TREASURY");
    const minter = holderOf(this.#day, "MINTER");
    const pool = await city.redemption.getAddress();
    await this.#day.send("finance.mint", at, () => city.token.connect(minter).mint(treasury.address, amount));
    await this.#day.send("finance.approve", at, () => city.token.connect(treasury).approve(pool, amount));
    await this.#day.send("reward.fundPool", at, () => city.redemption.connect(treasury).fundPool(amount));
    this.#paidIn = amount;
  }

  async #offer(at: bigint): Promise<void> {
    const redemption = this.#day.city.redemption.connect(holderOf(this.#day, "REWARD_CATALOGUE"));
    for (const { faceValue, price } of ITEMS) {
      await this.#day.send("reward.addItem", at, (time) =>
        redemption.addItem({
          merchant: this.#shop.address,
          stock: STOCK,
          fromTime: time,
          toTime: time + VOUCHER_SECONDS,
          price,
          faceValue,
          lifetime: VOUCHER_SECONDS,
          perMonth: 2,
          active: true,
        }),
      );
    }
  }

  async #buy(holder: Resident, place: number, at: bigint): Promise<void> {
    const { city } = this.#day;
    const item = ITEMS[place];
    if (item === undefined) return;
    const { receipt } = await this.#day.send("reward.redeemBySig", at, async (time) => {
      const { address } = holder.wallet;
      const terms = {
        itemId: place + 1,
        maxPrice: item.price,
        holder: address,
        nonce: 0n,
        deadline: time + SIGNATURE_SECONDS,
      };
      const signature = await signRedeem(city, holder.wallet, terms);
      return city.redemption.redeemBySig(terms.itemId, terms.maxPrice, address, terms.nonce, terms.deadline, signature);
    });
    for (const log of receipt.logs) {
      const event = city.redemption.interface.parseLog(log);
      if (event?.name !== "Redeemed") continue;
      this.#bought.push({ voucherId: event.args.voucherId as bigint, holder, item });
    }
  }

  async #use({ holder, voucherId }: Bought, at: bigint): Promise<void> {
    const { city } = this.#day;
    const consume = (merchant: HardhatEthersSigner) => async (time: bigint) => {
      const use = { voucherId, merchant: this.#shop.address, nonce: 1n, deadline: time + SIGNATURE_SECONDS };
      const signature = await signUse(city, holder.wallet, use);
      return city.redemption.connect(merchant).consume(voucherId, use.nonce, use.deadline, signature);
    };
    const isFirst = this.#used.size === 0;
    if (isFirst) {
      await this.#refusals.send(
        { key: "otherShop", attempt: "another shop brings a voucher", expected: "RedemptionNotMerchant" },
        consume(this.#stranger),
      );
    }
    await this.#day.send("reward.consume", at, consume(this.#shop));
    this.#used.add(voucherId);
    if (!isFirst) return;
    await this.#refusals.send(
      { key: "usedVoucher", attempt: "a voucher is used twice", expected: "RedemptionVoucherClosed" },
      consume(this.#shop),
    );
  }

  /** What nobody used becomes tokens again, and everybody takes out what is theirs. */
  async close(at: bigint): Promise<ShopOutcome> {
    const { city } = this.#day;
    const lapsed = at + VOUCHER_SECONDS + SECONDS_PER_DAY;
    for (const { voucherId } of this.#bought.filter((voucher) => !this.#used.has(voucher.voucherId))) {
      await this.#day.send("reward.refund", lapsed, () => city.redemption.refund(voucherId));
      this.#refunded.add(voucherId);
    }
    const { redemption, token } = city;
    const shop = this.#shop;
    const treasury = holderOf(this.#day, "REWARD_TREASURY");
    const gained = async (account: string, act: () => Promise<unknown>): Promise<bigint> => {
      const before = await token.balanceOf(account);
      await act();
      return (await token.balanceOf(account)) - before;
    };
    const toMerchant = await gained(shop.address, () =>
      this.#day.send("reward.settle", lapsed, () => redemption.connect(shop).settle(shop.address)),
    );
    const feeAccount = await redemption.feeAccount();
    const office = Object.values(this.#day.actors).find(({ address }) => address === feeAccount);
    const fees =
      office === undefined
        ? 0n
        : await gained(feeAccount, () =>
            this.#day.send("reward.settle", lapsed, () => redemption.connect(office).settle(feeAccount)),
          );
    const [free] = await redemption.pool();
    const withdrawn = await gained(treasury.address, () =>
      this.#day.send("reward.withdrawPool", lapsed, () =>
        redemption.connect(treasury).withdrawPool(treasury.address, free),
      ),
    );
    const sum = (ids: ReadonlySet<bigint>, of: (bought: Bought) => bigint): bigint =>
      this.#bought.filter(({ voucherId }) => ids.has(voucherId)).reduce((total, one) => total + of(one), 0n);
    const gross = sum(this.#used, ({ item }) => item.faceValue);
    const all = new Set(this.#bought.map(({ voucherId }) => voucherId));
    return {
      items: ITEMS.map((item) => {
        const own = this.#bought.filter((bought) => bought.item === item);
        return {
          ...item,
          bought: own.length,
          used: own.filter(({ voucherId }) => this.#used.has(voucherId)).length,
          refunded: own.filter(({ voucherId }) => this.#refunded.has(voucherId)).length,
        };
      }),
      burned: sum(all, ({ item }) => item.price),
      refunded: sum(this.#refunded, ({ item }) => item.price),
      money: {
        paidIn: this.#paidIn,
        toMerchant,
        fees,
        withdrawn,
        left: await token.balanceOf(await redemption.getAddress()),
      },
      gross,
      fee: (gross * (await redemption.feeBp())) / 10_000n,
    };
  }
}
