/**
 * Exchanges that others made, trading the same thing: energy against money. They hold no money of their own, so every
 * trader has approved them before, and keeps some of what is sold. Orders are new, and signed off chain.
 */
import { type BaseContract, id, type TypedDataDomain, type Wallet, ZeroAddress, ZeroHash } from "ethers";

import type { Chain } from "./chain.js";
import { gasAt, type Peers, sendTo } from "./peers.js";
import type { Cast } from "./town.js";

type Crew = Pick<Cast, "deployer" | "relay">;

/** Traders, of whom the first half sells and the second half buys. */
const TRADERS = 200;
const PURSE = 1_000_000_000n;
const TRADED_WH = 500n;
const MONEY = 60_000n;
const INTERVAL = 1_984_000n;
/** Traders that one transaction equips. */
const EQUIPPED_AT_ONCE = 100;
/** What a transaction may use (EIP-7825); given, so that no call is tried before it is sent. */
const GAS = { gasLimit: 1n << 24n };
/** Last time that an order can name. */
const FOREVER = (1n << 32n) - 1n;

const SEAPORT_ORDER = {
  OrderComponents: [
    { name: "offerer", type: "address" },
    { name: "zone", type: "address" },
    { name: "offer", type: "OfferItem[]" },
    { name: "consideration", type: "ConsiderationItem[]" },
    { name: "orderType", type: "uint8" },
    { name: "startTime", type: "uint256" },
    { name: "endTime", type: "uint256" },
    { name: "zoneHash", type: "bytes32" },
    { name: "salt", type: "uint256" },
    { name: "conduitKey", type: "bytes32" },
    { name: "counter", type: "uint256" },
  ],
  OfferItem: [
    { name: "itemType", type: "uint8" },
    { name: "token", type: "address" },
    { name: "identifierOrCriteria", type: "uint256" },
    { name: "startAmount", type: "uint256" },
    { name: "endAmount", type: "uint256" },
  ],
  ConsiderationItem: [
    { name: "itemType", type: "uint8" },
    { name: "token", type: "address" },
    { name: "identifierOrCriteria", type: "uint256" },
    { name: "startAmount", type: "uint256" },
    { name: "endAmount", type: "uint256" },
    { name: "recipient", type: "address" },
  ],
};
const SEAPORT_ERC20 = 1n;
const SEAPORT_ERC1155 = 3n;
/** Anybody may fill the order, whole. */
const SEAPORT_FULL_OPEN = 0n;
/** The same, of an order that sells ERC-1155 for ERC-20. */
const SEAPORT_BASIC_ERC1155_FOR_ERC20 = 12n;
/** As the package's own deployment names it. */
const SEAPORT_BASIC = "fulfillBasicOrder_efficient_6GL6yc";

const GPV2_ORDER = {
  Order: [
    { name: "sellToken", type: "address" },
    { name: "buyToken", type: "address" },
    { name: "receiver", type: "address" },
    { name: "sellAmount", type: "uint256" },
    { name: "buyAmount", type: "uint256" },
    { name: "validTo", type: "uint32" },
    { name: "appData", type: "bytes32" },
    { name: "feeAmount", type: "uint256" },
    { name: "kind", type: "string" },
    { name: "partiallyFillable", type: "bool" },
    { name: "sellTokenBalance", type: "string" },
    { name: "buyTokenBalance", type: "string" },
  ],
};
/** A fill-or-kill order to sell, signed by EIP-712. */
const GPV2_SELL = 0n;

interface SeaportOrder {
  readonly parameters: object;
  readonly signature: string;
}

export class Exchanges {
  private constructor(
    private readonly chain: Chain,
    private readonly cast: Crew,
    private readonly traders: readonly Wallet[],
    private readonly money: BaseContract,
    private readonly wattHours: BaseContract,
    private readonly seaport: BaseContract,
    private readonly energy: BaseContract,
    private readonly settlement: BaseContract,
  ) {}

  static async prepare(chain: Chain, compiled: Peers, cast: Crew): Promise<Exchanges> {
    const { deployer, relay } = cast;
    const traders = await Promise.all(
      Array.from({ length: TRADERS }, async (_, index) => chain.account(`trader ${index}`)),
    );
    const addresses = traders.map(({ address }) => address);
    const money = await compiled.deploy(chain, "TradedToken", deployer);
    const wattHours = await compiled.deploy(chain, "TradedToken", deployer);
    const energy = await compiled.deploy(chain, "TradedEnergy", deployer);

    const controller = await compiled.deploy(chain, "LocalConduitController", deployer);
    const seaport = await compiled.deploy(chain, "Seaport", deployer, await controller.getAddress());
    const solvers = await compiled.deploy(chain, "GPv2AllowListAuthentication", deployer);
    await sendTo(chain, solvers, "initializeManager", deployer.address);
    await sendTo(chain, solvers, "addSolver", relay.address);
    // The vault of Balancer is not used by orders over plain token balances.
    const settlement = await compiled.deploy(
      chain,
      "GPv2Settlement",
      deployer,
      await solvers.getAddress(),
      deployer.address,
    );

    const relayer = (await settlement.getFunction("vaultRelayer")()) as string;
    for (let from = 0; from < addresses.length; from += EQUIPPED_AT_ONCE) {
      const some = addresses.slice(from, from + EQUIPPED_AT_ONCE);
      await sendTo(chain, money, "equip", some, PURSE, await seaport.getAddress());
      await sendTo(chain, money, "equip", some, PURSE, relayer);
      await sendTo(chain, wattHours, "equip", some, PURSE, relayer);
      await sendTo(chain, energy, "equip", some, INTERVAL, PURSE, await seaport.getAddress());
    }
    // Small change that a settlement leaves behind.
    for (const token of [money, wattHours]) {
      await sendTo(chain, token, "equip", [await settlement.getAddress()], 1n, relayer);
    }
    return new Exchanges(chain, cast, traders, money, wattHours, seaport, energy, settlement);
  }

  /** OpenZeppelin's ERC-20: one transfer to somebody who holds tokens already. */
  async transfer(): Promise<number> {
    const [from, to] = [this.seller(0), this.buyer(0)];
    return gasAt(this.chain, this.money.connect(from), "transfer", to.address, MONEY, GAS);
  }

  /** Seaport: offers are put on the chain, which checks their signatures and remembers it. */
  async list(count: number): Promise<number> {
    const orders = await Promise.all(Array.from({ length: count }, async (_, index) => this.offer(index)));
    return gasAt(this.chain, this.seaport.connect(this.cast.relay), "validate", orders, GAS);
  }

  /** Seaport: a buyer takes one offer, by the cheapest of its functions. */
  async fulfil(): Promise<number> {
    const { signature } = await this.offer(0);
    const request = {
      considerationToken: await this.money.getAddress(),
      considerationIdentifier: 0n,
      considerationAmount: MONEY,
      offerer: this.seller(0).address,
      zone: ZeroAddress,
      offerToken: await this.energy.getAddress(),
      offerIdentifier: INTERVAL,
      offerAmount: TRADED_WH,
      basicOrderType: SEAPORT_BASIC_ERC1155_FOR_ERC20,
      startTime: 0n,
      endTime: FOREVER,
      zoneHash: ZeroHash,
      salt: saltOf(this.seller(0)),
      offererConduitKey: ZeroHash,
      fulfillerConduitKey: ZeroHash,
      totalOriginalAdditionalRecipients: 0n,
      additionalRecipients: [],
      signature,
    };
    return gasAt(this.chain, this.seaport.connect(this.buyer(0)), SEAPORT_BASIC, request, GAS);
  }

  /** Seaport: one buyer takes the offers of several sellers. */
  async fulfilMany(count: number): Promise<number> {
    const orders = await Promise.all(Array.from({ length: count }, async (_, index) => this.offer(index)));
    const each = orders.map((_, orderIndex) => [{ orderIndex, itemIndex: 0 }]);
    return gasAt(
      this.chain,
      this.seaport.connect(this.buyer(0)),
      "fulfillAvailableAdvancedOrders",
      orders.map(whole),
      [],
      each,
      each,
      ZeroHash,
      ZeroAddress,
      count,
      GAS,
    );
  }

  /** Seaport: orders of sellers and of buyers, matched in pairs by a third. */
  async match(count: number): Promise<number> {
    const pairs = Array.from({ length: count / 2 }, (_, index) => index);
    const orders = await Promise.all(pairs.map(async (index) => [await this.offer(index), await this.bid(index)]));
    const item = (orderIndex: number) => [{ orderIndex, itemIndex: 0 }];
    const fulfillments = pairs.flatMap((pair) => [
      { offerComponents: item(2 * pair), considerationComponents: item(2 * pair + 1) },
      { offerComponents: item(2 * pair + 1), considerationComponents: item(2 * pair) },
    ]);
    const matcher = this.seaport.connect(this.cast.relay);
    return gasAt(
      this.chain,
      matcher,
      "matchAdvancedOrders",
      orders.flat().map(whole),
      [],
      fulfillments,
      ZeroAddress,
      GAS,
    );
  }

  /** GPv2: a batch auction of two tokens at one price, half of it sellers and half of it buyers, all filled whole. */
  async settle(count: number): Promise<number> {
    const tokens = [await this.money.getAddress(), await this.wattHours.getAddress()];
    const domain = await this.domain("Gnosis Protocol", "v2", this.settlement);
    const pairs = Array.from({ length: count / 2 }, (_, index) => index);
    const trades = await Promise.all(
      pairs.flatMap((index) => [
        this.trade(domain, this.seller(index), tokens, [1, 0]),
        this.trade(domain, this.buyer(index), tokens, [0, 1]),
      ]),
    );
    // A price is what a token is worth: that of energy times its amount is that of money times the sum.
    const prices = [TRADED_WH, MONEY];
    return gasAt(
      this.chain,
      this.settlement.connect(this.cast.relay),
      "settle",
      tokens,
      prices,
      trades,
      [[], [], []],
      GAS,
    );
  }

  private seller(index: number): Wallet {
    return this.trader(index);
  }

  private buyer(index: number): Wallet {
    return this.trader(TRADERS / 2 + index);
  }

  private trader(index: number): Wallet {
    const trader = this.traders[index];
    if (trader === undefined) throw new Error(`the peers' exchanges have no trader ${index}`);
    return trader;
  }

  /** Energy for money. */
  private async offer(index: number): Promise<SeaportOrder> {
    return this.order(this.seller(index), await this.energyItem(), await this.moneyItem());
  }

  /** Money for energy. */
  private async bid(index: number): Promise<SeaportOrder> {
    return this.order(this.buyer(index), await this.moneyItem(), await this.energyItem());
  }

  private async energyItem(): Promise<object> {
    const amount = { startAmount: TRADED_WH, endAmount: TRADED_WH };
    const token = await this.energy.getAddress();
    return { itemType: SEAPORT_ERC1155, token, identifierOrCriteria: INTERVAL, ...amount };
  }

  private async moneyItem(): Promise<object> {
    const amount = { startAmount: MONEY, endAmount: MONEY };
    return { itemType: SEAPORT_ERC20, token: await this.money.getAddress(), identifierOrCriteria: 0n, ...amount };
  }

  private async order(trader: Wallet, gives: object, gets: object): Promise<SeaportOrder> {
    const parameters = {
      offerer: trader.address,
      zone: ZeroAddress,
      offer: [gives],
      consideration: [{ ...gets, recipient: trader.address }],
      orderType: SEAPORT_FULL_OPEN,
      startTime: 0n,
      endTime: FOREVER,
      zoneHash: ZeroHash,
      salt: saltOf(trader),
      conduitKey: ZeroHash,
      totalOriginalConsiderationItems: 1n,
    };
    const domain = await this.domain("Seaport", "1.6", this.seaport);
    const signature = await trader.signTypedData(domain, SEAPORT_ORDER, { ...parameters, counter: 0n });
    return { parameters, signature };
  }

  private async trade(
    domain: TypedDataDomain,
    trader: Wallet,
    tokens: readonly string[],
    [sold, bought]: readonly [number, number],
  ): Promise<object> {
    const amounts = [MONEY, TRADED_WH];
    const order = {
      receiver: ZeroAddress,
      sellAmount: amounts[sold],
      buyAmount: amounts[bought],
      validTo: FOREVER,
      appData: ZeroHash,
      feeAmount: 0n,
    };
    const signature = await trader.signTypedData(domain, GPV2_ORDER, {
      ...order,
      sellToken: tokens[sold],
      buyToken: tokens[bought],
      kind: "sell",
      partiallyFillable: false,
      sellTokenBalance: "erc20",
      buyTokenBalance: "erc20",
    });
    const indices = { sellTokenIndex: sold, buyTokenIndex: bought };
    return { ...order, ...indices, flags: GPV2_SELL, executedAmount: amounts[sold], signature };
  }

  /** Neither contract can be asked for its domain. */
  private async domain(name: string, version: string, contract: BaseContract): Promise<TypedDataDomain> {
    const { chainId } = await this.chain.connection.ethers.provider.getNetwork();
    return { name, version, chainId, verifyingContract: await contract.getAddress() };
  }
}

/** An order filled in one go. */
function whole(order: SeaportOrder): object {
  return { ...order, numerator: 1n, denominator: 1n, extraData: "0x" };
}

function saltOf(trader: Wallet): bigint {
  return BigInt(id(trader.address));
}
