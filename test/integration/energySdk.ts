import { expect } from "chai";
import { readFileSync } from "node:fs";
import { id, Wallet, ZeroHash } from "ethers";
import { network } from "hardhat";

import {
  accountAt,
  agreementIdOf,
  areNeighbours,
  buildAgreement,
  buildOrder,
  buildStandingOrder,
  classOf,
  correctionFor,
  daySubmission,
  EnergyRules,
  FeederDayValues,
  feederReadings,
  flagsOf,
  highestTick,
  intervalBits,
  lockOf,
  type Order,
  OrderFlags,
  packAccounts,
  packBatches,
  packOrder,
  packOrders,
  packValues,
  PriceError,
  RecordError,
  Keeper,
  resultTrees,
  ResultTree,
  roundsOf,
  signedOrderStruct,
  signOrderFor,
  type Tariff,
  tickOf,
  tickWithin,
  unpackOrders,
  unpackResults,
  unpackSkipped,
  unpackValues,
  whOf,
  withdrawStandingOrder,
} from "../../sdk/energy/index.js";
import {
  BookClass,
  depositNonce,
  EnergySource,
  explainRevert,
  IntervalState,
  MeterClass,
  MeterStatus,
  NO_SIGNATURE,
  OrderFault,
  Round,
  signAccountOpening,
  sharingDepositNonce,
  signDeposit,
  signFeederReadings,
  signMeterDay,
  signOrderDelegation,
  signSharingDeposit,
  signStandingOrder,
  withNonce,
} from "../../sdk/index.js";
import {
  ACCOUNTS,
  dayValues,
  DEFAULT_TARIFF,
  deposit,
  goTo,
  goToGate,
  meterKeyOf,
  nextDay,
  PER_DAY,
  signAll,
  signerOf,
  tradingDistrict,
} from "./utils/energyDistrict.js";

const CONTRACTS = new URL("../../contracts/energy/", import.meta.url);

const { networkHelpers } = await network.create();

/** The numbers of an enum as the source declares it, with names. */
function enumOf(file: string, name: string): Record<string, bigint> {
  const source = readFileSync(new URL(file, CONTRACTS), "utf8").replace(/\/\/.*$/gm, "");
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source)![1]!;
  const members = body.split(",").map((member) => member.trim());
  return Object.fromEntries(members.map((member, index) => [member, BigInt(index)]));
}

/** Constants of a library as the source declares them. */
function constantsOf(file: string, library: string): Record<string, number> {
  const source = readFileSync(new URL(file, CONTRACTS), "utf8");
  const body = new RegExp(`library ${library} \\{([^}]*)\\}`).exec(source)![1]!;
  const found = [...body.matchAll(/constant (\w+) = (\w+);/g)];
  return Object.fromEntries(found.map(([, name, value]) => [name!, Number(value)]));
}

const tariff: Tariff = { ...DEFAULT_TARIFF, tickSize: 4n };
const steps = [
  { tick: 7, wh: 500n },
  { tick: 255, wh: 4_294_967_295n },
];

describe("Energy SDK", () => {
  describe("enums", () => {
    it("are those of the contracts", () => {
      expect(IntervalState).to.deep.equal(enumOf("market/IEnergyMarket.sol", "IntervalState"));
      expect(BookClass).to.deep.equal(enumOf("market/IEnergyMarket.sol", "BookClass"));
      expect(Round).to.deep.equal(enumOf("market/IEnergyMarket.sol", "Round"));
      expect(OrderFault).to.deep.equal(enumOf("market/IEnergyMarket.sol", "OrderFault"));
      expect(MeterStatus).to.deep.equal(enumOf("registry/IEnergyRegistry.sol", "MeterStatus"));
      expect(MeterClass).to.deep.equal(enumOf("registry/IEnergyRegistry.sol", "MeterClass"));
      expect(EnergySource).to.deep.equal(enumOf("registry/IEnergyRegistry.sol", "EnergySource"));
      expect(OrderFlags).to.deep.equal(constantsOf("market/IEnergyMarket.sol", "OrderFlags"));
      const { ALL, ...rules } = constantsOf("registry/IEnergyRegistry.sol", "EnergyRules");
      expect(Object.fromEntries(Object.entries(EnergyRules).map(([name, flag]) => [name, Number(flag)]))).to.deep.equal(
        rules,
      );
      expect(Object.values(rules).reduce((sum, flag) => sum + flag)).to.equal(ALL);
    });

    it("are told in words where a call is refused", async () => {
      const { city } = await networkHelpers.loadFixture(tradingDistrict);
      const { interface: market } = city.energyMarket;
      const wrongState = market.encodeErrorResult("EnergyMarketWrongState", [7, IntervalState.Settling]);
      expect(explainRevert(wrongState)?.message).to.equal("energy market wrong state: interval 7, state Settling");
      const early = market.encodeErrorResult("EnergyMarketReadingsNotFinal", [7, 2, 1_764_000_000n]);
      expect(explainRevert(early)?.message).to.equal(
        "energy market readings not final: interval 7, feeder 2, final at 1764000000 (2025-11-24T16:00:00.000Z)",
      );
      const sharing = city.energySharing.interface.encodeErrorResult("EnergySharingNotSharing", [
        7,
        MeterStatus.Retired,
      ]);
      expect(explainRevert(sharing)?.message).to.equal("energy sharing not sharing: meter 7, status Retired");
    });
  });

  describe("prices", () => {
    it("are ticks of the interval's tariff", () => {
      expect(highestTick(tariff)).to.equal(60);
      expect(highestTick({ ...tariff, retail: 100_000n })).to.equal(255);
      expect(tickOf(tariff, 80n)).to.equal(0);
      expect(tickOf(tariff, 320n)).to.equal(60);
    });

    it("are refused outside the band or between two ticks, with the value and the limits", () => {
      expect(() => tickOf(tariff, 79n)).to.throw(
        PriceError,
        "price 79 money units per Wh is outside the band from 80 to 320",
      );
      expect(() => tickOf(tariff, 324n)).to.throw(PriceError, "price 324 money units per Wh is outside the band");
      expect(() => tickOf(tariff, 82n)).to.throw(
        PriceError,
        "price 82 money units per Wh is between the ticks at 80 and 84",
      );
    });

    it("are moved to the grid so that no order is filled at a worse one", () => {
      expect(tickWithin(tariff, false, 83n)).to.equal(0);
      expect(tickWithin(tariff, true, 83n)).to.equal(1);
      expect(tickWithin(tariff, false, 1_000n)).to.equal(60);
      expect(tickWithin(tariff, true, 3n)).to.equal(0);
      expect(() => tickWithin(tariff, false, 79n)).to.throw(PriceError, "below the band, which begins at 80");
      expect(() => tickWithin(tariff, true, 321n)).to.throw(PriceError, "above the band, which ends at 320");
    });
  });

  describe("orders", () => {
    const terms = { account: 256, side: "buy", steps: [{ price: 200n, wh: 500n }] } as const;

    it("are built from prices", () => {
      expect(buildOrder(tariff, terms)).to.deep.equal({
        account: 256,
        offer: false,
        kind: "anywhere",
        steps: [{ tick: 30, wh: 500n }],
      });
    });

    it("name what they cannot be", () => {
      const green = { ...tariff, rules: EnergyRules.GREEN };
      expect(buildOrder(green, { ...terms, kind: "greenFirst" }).kind).to.equal("greenFirst");
      expect(() => buildOrder(tariff, { ...terms, kind: "greenOnly" })).to.throw(
        RecordError,
        "order of account 256 is greenOnly, which rules 0 do not offer",
      );
      expect(() => buildOrder(green, { ...terms, side: "sell", kind: "greenOnly" })).to.throw(
        RecordError,
        "only bids can",
      );
      expect(() => buildOrder(green, { ...terms, kind: "feederOnly" })).to.throw(RecordError, "rules 4 do not offer");
      expect(() => buildOrder(green, { ...terms, kind: "green" })).to.throw(RecordError, "only the market can say");
      expect(() => buildOrder(tariff, { ...terms, steps: [] })).to.throw(RecordError, "has 0 steps");
      const five = Array.from({ length: 5 }, () => terms.steps[0]);
      expect(() => buildOrder(tariff, { ...terms, steps: five })).to.throw(RecordError, "has 5 steps");
      expect(() => buildOrder(tariff, { ...terms, steps: [{ price: 200n, wh: 0n }] })).to.throw(RecordError, "of 0 Wh");
    });

    it("become records and come back", () => {
      const orders: Order[] = [
        { account: 0xabcdef, offer: true, kind: "feederOnly", steps },
        { account: 1, offer: false, kind: "greenOnly", steps: steps.slice(0, 1) },
        { account: 2, offer: true, kind: "green", steps: [...steps, ...steps] },
      ];
      expect(packOrder(orders[0]!)).to.equal("0x00abcdef1b07000001f4ffffffffff");
      expect(unpackOrders(packOrders(orders))).to.deep.equal(orders);
      expect(flagsOf(orders[2]!)).to.equal(0b01111);
      expect(whOf(orders[1]!)).to.equal(500n);
      expect(packAccounts([1, 256])).to.equal("0x0000000100000100");
    });

    it("name what no record can hold", () => {
      const order: Order = { account: 1, offer: false, kind: "anywhere", steps };
      const wh = 1n << 32n;
      expect(() => packOrder({ ...order, steps: [{ tick: 1, wh }] })).to.throw(
        RecordError,
        "it can be 0 to 4294967295",
      );
      expect(() => packOrder({ ...order, steps: [{ tick: 256, wh: 1n }] })).to.throw(
        RecordError,
        "tick of account 1 is 256",
      );
      expect(() => packOrder({ ...order, account: -1 })).to.throw(RecordError, "account is -1");
      expect(() => packOrder({ ...order, steps: [] })).to.throw(RecordError, "has 0 steps");
      expect(() => packOrder({ ...order, kind: "green" })).to.throw(RecordError, "a bid cannot be of kind green");
      expect(() => unpackOrders("0x00000001")).to.throw(RecordError, "at byte 0 is longer than the 4 bytes");
      expect(() => unpackOrders("0x0000000102070000")).to.throw(RecordError, "at byte 0 is longer than the 8 bytes");
      expect(() => unpackOrders("0x00000001e007000001f4")).to.throw(RecordError, "flags 224 are of no order");
      expect(() => unpackOrders("0x000000011107000001f4")).to.throw(RecordError, "flags 17 are of no order");
    });

    it("enter the class that side, kind and certificate ask for, and lock the worst case", () => {
      const green = { ...tariff, rules: EnergyRules.GREEN };
      const offer = { offer: true, kind: "anywhere" } as const;
      expect(classOf(offer, true, green)).to.equal("OfferGreen");
      expect(classOf(offer, true, tariff)).to.equal("Offer");
      expect(classOf({ ...offer, kind: "green" }, false, green)).to.equal("OfferGreen");
      expect(classOf({ ...offer, kind: "feederOnly" }, true, green)).to.equal("OfferFeederOnly");
      expect(classOf({ offer: false, kind: "greenFirst" }, false, green)).to.equal("BidGreenFirst");
      expect(roundsOf(green, "BidGreenFirst")).to.deep.equal(["Green", "Main"]);
      expect(roundsOf(tariff, "Bid")).to.deep.equal(["Main"]);
      expect(roundsOf(tariff, "BidFeederOnly")).to.deep.equal([]);
      expect(lockOf(tariff, { offer: false, steps: steps.slice(0, 1) })).to.equal((108n + 40n) * 500n);
      expect(lockOf(tariff, { offer: true, steps: steps.slice(0, 1) })).to.equal((320n - 108n) * 500n);
    });

    it("are packed by account, each once, in batches of one interval", async () => {
      const district = await networkHelpers.loadFixture(tradingDistrict);
      const order = (account: number): Order => ({ account, offer: false, kind: "anywhere", steps: steps.slice(0, 1) });
      const signed = await signAll(district, 9, [300, 258, 300, 257].map(order));
      const batches = packBatches(signed, 2);
      expect(batches.map(({ orders }) => orders.map((one) => one.order.account))).to.deep.equal([[257, 258], [300]]);
      expect(batches[0]!.records).to.equal(packOrders([order(257), order(258)]));
      expect(batches[0]!.signatures.length).to.equal(2 + 2 * 128);
      expect(packBatches([])).to.deep.equal([]);
      const other = await signAll(district, 10, [order(259)]);
      expect(() => packBatches([...signed, ...other])).to.throw(RangeError, "orders of intervals 9, 10 in one batch");
      expect(() => packBatches(signed, 0)).to.throw(RangeError, "at most 0 orders");
    });

    it("are accepted alone and in a batch, from signer and delegate, and bad ones are named", async () => {
      const district = await networkHelpers.loadFixture(tradingDistrict);
      const { city, household, relayer } = district;
      const { energyMarket } = city;
      const [first, second, third, poor] = ACCOUNTS as [number, number, number, number];
      for (const account of [first, second, third]) await deposit(district, account, 1_000_000n);
      const interval = await nextDay(district);
      await goToGate(district, interval);
      const automation = new Wallet(id("automation"));
      const limits = { minPrice: 80n, maxPrice: 300n, maxWh: 1_000n, until: 1n << 39n };
      const delegation = withNonce({ account: second, key: automation.address, ...limits, deadline: 1n << 40n });
      const consent = await signOrderDelegation(city, household, delegation);
      const { nonce, deadline } = delegation;
      await energyMarket.connect(relayer).setDelegate(second, automation.address, limits, nonce, deadline, consent);

      const sell = (account: number) => ({ account, side: "sell", steps: [{ price: 200n, wh: 50n }] }) as const;
      const build = (account: number) => buildOrder(DEFAULT_TARIFF, sell(account));
      const alone = await signOrderFor(city, signerOf(first), interval, 0, build(first));
      await energyMarket.postSignedOrder(signedOrderStruct(alone));
      const batch = await Promise.all([
        signOrderFor(city, automation, interval, 0, build(second)),
        signOrderFor(city, automation, interval, 0, build(third)),
        signOrderFor(city, signerOf(poor), interval, 0, build(poor)),
      ]);
      const [packed] = packBatches(batch);
      await energyMarket.postOrders(interval, packed!.records, packed!.signatures);
      const [skipped] = await energyMarket.queryFilter(energyMarket.filters.OrdersSkipped(interval));
      expect(unpackSkipped(skipped!.args.faults)).to.deep.equal([
        { account: third, fault: OrderFault.BadSignature },
        { account: poor, fault: OrderFault.InsufficientFree },
      ]);
      const posted = await energyMarket.queryFilter(energyMarket.filters.OrdersPosted(interval));
      expect(posted.flatMap(({ args }) => unpackOrders(args.records))).to.deep.equal([build(first), build(second)]);
    });
  });

  describe("standing orders and agreements", () => {
    const terms = {
      account: ACCOUNTS[0]!,
      side: "buy",
      steps: [{ price: 200n, wh: 50n }],
      epoch: 0,
      fromInterval: 600_000,
      toInterval: 600_009,
      deadline: 1n << 40n,
    } as const;

    it("are placed by signature and withdrawn", async () => {
      const { city, household, relayer } = await networkHelpers.loadFixture(tradingDistrict);
      const market = city.energyMarket.connect(relayer);
      const place = async (message: ReturnType<typeof withdrawStandingOrder>) => {
        const { nonce, deadline } = message;
        const signature = await signStandingOrder(city, household, message);
        await market.placeStandingOrder({ ...message, steps: [...message.steps] }, nonce, deadline, signature);
      };
      await place(buildStandingOrder(DEFAULT_TARIFF, terms));
      const placed = await market.standingOrderOf(terms.account);
      expect([placed.fromInterval, placed.toInterval, placed.steps.length]).to.deep.equal([600_000n, 600_009n, 1]);
      const { basePrice, tickSize } = DEFAULT_TARIFF;
      expect([placed.basePrice, placed.tickSize]).to.deep.equal([basePrice, tickSize]);
      await place(withdrawStandingOrder(terms.account, 0, terms.deadline));
      expect((await market.standingOrderOf(terms.account)).steps.length).to.equal(0);
    });

    it("have the id that the market gives them", async () => {
      const { city, household } = await networkHelpers.loadFixture(tradingDistrict);
      const [buyer, seller] = ACCOUNTS as [number, number];
      const run = { fromInterval: 600_000, toInterval: 600_009 };
      const agreement = buildAgreement({ buyer, seller, ...run, price: 100n, wh: 10n });
      const market = city.energyMarket.connect(household);
      await market.agree(agreement, 0n, 0n, 0n, NO_SIGNATURE, NO_SIGNATURE);
      expect((await market.agreementOf(agreementIdOf(agreement))).wh).to.equal(10n);
      expect(areNeighbours(buyer, seller)).to.be.true;
      expect(areNeighbours(buyer, accountAt(2, 0))).to.be.false;
    });

    it("name runs that are none, steps that are too large, and agreements that are none", () => {
      const { account } = terms;
      const most = { ...terms, steps: [{ price: 200n, wh: 1_048_575n }] };
      expect(buildStandingOrder(DEFAULT_TARIFF, most).steps[0]!.wh).to.equal(1_048_575n);
      expect(() => buildStandingOrder(DEFAULT_TARIFF, { ...terms, steps: [{ price: 200n, wh: 1_048_576n }] })).to.throw(
        RecordError,
        "a standing step of account 256 is of 1048576 Wh; it can be 1048575 at most",
      );
      expect(buildStandingOrder(DEFAULT_TARIFF, { ...terms, nonce: 7n }).nonce).to.equal(7n);
      expect(() => buildStandingOrder(DEFAULT_TARIFF, { ...terms, toInterval: 599_999 })).to.throw(
        RangeError,
        "intervals 600000 to 599999 are no run of 1 to 65535 intervals",
      );
      const run = { fromInterval: 0, toInterval: 65_534 };
      const parties = { buyer: account, seller: account + 1, price: 0n, wh: 1n };
      expect(buildAgreement({ ...run, ...parties }).salt).to.equal(0n);
      expect(() => buildAgreement({ ...run, ...parties, toInterval: 65_535 })).to.throw(RangeError, "no run");
      expect(() => buildAgreement({ ...run, ...parties, seller: account })).to.throw(RangeError, "is buyer and seller");
      expect(() => buildAgreement({ ...run, ...parties, wh: 0n })).to.throw(RangeError, "of 0 Wh");
    });
  });

  describe("accounts and deposits", () => {
    it("are opened and paid into by signatures alone, before the household has a coin", async () => {
      const { city, actors, relayer, ethers } = await networkHelpers.loadFixture(tradingDistrict);
      const { energyMarket, token } = city;
      const household = Wallet.createRandom(ethers.provider);
      const amount = 1_000_000n;
      await token.connect(actors.treasury).mint(household.address, amount);
      const registry = city.energyRegistry.connect(actors.energyOffice);
      const meter = {
        key: meterKeyOf(9_999).address,
        importCapWh: 1_000n,
        exportCapWh: 0n,
        source: EnergySource.None,
        class: MeterClass.Connection,
        status: MeterStatus.Trading,
      };
      const account = Number(await registry.registerMeter.staticCall(1, household.address, meter));
      await registry.registerMeter(1, household.address, meter);

      // Both are signed before the account is there.
      const deadline = 1n << 40n;
      const opening = withNonce({ account, signer: household.address, deadline });
      const signature = await signAccountOpening(city, household, opening);
      const owner = household.address;
      const deposit = await signDeposit(city, household, { account, owner, amount, validBefore: deadline });
      const market = energyMarket.connect(relayer);
      await market.openAccount(account, opening.signer, opening.nonce, deadline, signature);
      const { from, salt, authorization } = deposit;
      expect(await market.depositNonce(account, from, amount, salt)).to.equal(
        depositNonce(account, owner, from, amount, salt),
      );
      await market.depositWithAuthorization(account, from, amount, salt, authorization);
      const { owner: opened, free } = await market.accountOf(account);
      expect([opened, free]).to.deep.equal([owner, amount]);
      expect(await ethers.provider.getBalance(owner)).to.equal(0n);
    });

    it("are paid into at a community by signature alone, also for somebody else", async () => {
      const { city, household, relayer } = await networkHelpers.loadFixture(tradingDistrict);
      const account = relayer.address;
      const from = household.address;
      const sharing = city.energySharing.connect(relayer);
      const amount = 10n * (await sharing.moneyUnit());
      const before = await sharing.balanceOf(account);
      const { salt, authorization } = await signSharingDeposit(city, household, {
        account,
        amount,
        validBefore: 1n << 40n,
      });
      expect(await sharing.depositNonce(account, from, amount, salt)).to.equal(
        sharingDepositNonce(account, from, amount, salt),
      );
      await sharing.depositWithAuthorization(account, from, amount, salt, authorization);
      expect((await sharing.balanceOf(account)) - before).to.equal(10n);
    });

    it("are not paid into when somebody else has come to own them", async () => {
      const { city, actors, household, relayer } = await networkHelpers.loadFixture(tradingDistrict);
      const account = ACCOUNTS[0]!;
      const terms = { account, owner: household.address, amount: 5n, validBefore: 1n << 40n };
      const { from, amount, salt, authorization } = await signDeposit(city, household, terms);
      await city.energyRegistry.connect(actors.energyOffice).setOwner(account, relayer);
      const market = city.energyMarket.connect(relayer);
      await market.openAccount(account, relayer, 0n, 0n, NO_SIGNATURE);
      await expect(market.depositWithAuthorization(account, from, amount, salt, authorization))
        .to.be.revertedWithCustomError(city.token, "ERC3009InvalidSignature")
        .withArgs();
      expect((await market.accountOf(account)).free).to.equal(0n);
    });
  });

  describe("readings", () => {
    it("are written as 32 bits, and missing ones as the lowest number", () => {
      const values = [5n, -5n, undefined, 2n ** 31n - 1n];
      expect(packValues(values)).to.equal("0x00000005fffffffb800000007fffffff");
      expect(unpackValues(packValues(values))).to.deep.equal(values);
      expect(() => packValues([-(2n ** 31n)])).to.throw(RangeError, "it can be -2147483647 to 2147483647");
      expect(() => packValues([2n ** 31n])).to.throw(RangeError, "a reading of 2147483648 Wh");
    });

    it("have the roots that the contract computes, and proofs that lead to them", async () => {
      const district = await networkHelpers.loadFixture(tradingDistrict);
      const { city, actors } = district;
      const day = (await nextDay(district)) / PER_DAY;
      const values = dayValues(1, day, (account, interval) =>
        (account + interval) % 9 === 0 ? undefined : BigInt((account * interval) % 1_000) - 500n,
      );
      await goTo(district, (day + 1) * 86_400);
      const { feeder } = values;
      const meters = await Promise.all(
        ACCOUNTS.slice(0, 8).map(async (meter, position) =>
          signMeterDay(city, meterKeyOf(meter), { meter, day, values: values.column(position) }),
        ),
      );
      const operator = await signFeederReadings(city, actors.meterReader, feederReadings(values, { meters }));
      await city.meterReadings.submit(daySubmission(values, { operator, meters }));
      const record = await city.meterReadings.dayOf(feeder, day);
      expect([record.rowsRoot, record.columnsRoot]).to.deep.equal([values.rowsRoot, values.columnsRoot]);
      // By its place: its name is that of a function that every list of results has.
      const [, , , , meterCount, keys] = record;
      expect([meterCount, keys]).to.deep.equal([8n, 3n]);
      const accepted = await city.meterReadings.queryFilter(city.meterReadings.filters.ReadingsAccepted(feeder, day));
      const [, , , , , , told] = accepted[0]!.args;
      const again = FeederDayValues.of({ feeder, day }, PER_DAY, told);
      expect(again.rows).to.deep.equal(values.rows);
      expect(again.whAt(3, day * PER_DAY + 5)).to.equal(values.rows[5]![3]);
    });

    it("name what is not in them", () => {
      const place = { feeder: 1, day: 10 };
      const values = new FeederDayValues(place, [
        [1n, 2n],
        [3n, undefined],
      ]);
      expect(values.whAt(1, 21)).to.equal(undefined);
      expect(values.whAt(1, 22)).to.equal(undefined);
      expect(() => values.row(22)).to.throw(RangeError, "interval 22 is not of day 10");
      expect(() => values.columnProof(2)).to.throw(RangeError, "feeder 1 has 2 meters on day 10, not 3");
      expect(() => new FeederDayValues(place, [])).to.throw(RangeError, "no values");
      expect(() => new FeederDayValues(place, [[1n], []])).to.throw(RangeError, "interval 1 of day 10 has 0 values");
      const many = Array.from({ length: 257 }, () => 1n);
      expect(() => new FeederDayValues(place, [many])).to.throw(
        RangeError,
        "has 257 meters on day 10; it can have 256",
      );
      expect(() => FeederDayValues.of(place, 1, "0x0000000100")).to.throw(RangeError, "5 bytes are not whole values");
      expect(() => FeederDayValues.of(place, 2, packValues([1n, 2n, 3n]))).to.throw(RangeError, "not whole rows");
      expect(() => daySubmission(values, { meters: [undefined] })).to.throw(RangeError, "1 signatures for 2 meters");
      expect(intervalBits(10, 24, [240, 243])).to.equal(0b1001n);
      expect(() => intervalBits(10, 24, [264])).to.throw(RangeError, "interval 264 is not of day 10");
    });
  });

  describe("results", () => {
    const results = Array.from({ length: 19 }, (_, index) => ({
      account: 256 + index,
      contracted: BigInt(index) - 9n,
      metered: -BigInt(index),
    }));

    it("come out of the trees that they went into", () => {
      const tree = new ResultTree(results);
      const { group, position, proof } = tree.proofOf(256 + 17);
      expect(unpackResults(group)[position]).to.deep.equal(results[17]);
      expect([unpackResults(group).length, position]).to.deep.equal([3, 1]);
      expect(proof.length).to.be.greaterThan(0);
      expect(tree.corrected(256, 7n).root).not.to.equal(tree.root);
      expect(tree.corrected(256, 7n).corrected(256, 0n).root).to.equal(tree.root);
      const one = new ResultTree(results.slice(0, 1));
      expect(one.proofOf(256).proof).to.deep.equal([]);
    });

    it("name what is not in them", () => {
      expect(() => new ResultTree([])).to.throw(RangeError, "at least one result");
      expect(() => new ResultTree(results).proofOf(1)).to.throw(RangeError, "account 1 is not among the 19 results");
      expect(() => new ResultTree(results).corrected(1, 0n)).to.throw(RangeError, "account 1");
      expect(() => unpackResults("0x00")).to.throw(RangeError, "1 bytes are not whole results of 12");
      expect(() => correctionFor([], 3, 1)).to.throw(RangeError, "account 1 is not settled in interval 3");
    });

    it("follow corrections in the order of the chain", () => {
      const [first, second] = [results.slice(0, 9), results.slice(9)].map((part) => new ResultTree(part));
      const packed = [first!, second!].map((tree, index) => ({
        index: BigInt(index),
        results: `0x${tree.results.map((result) => packedOf(result)).join("")}`,
      }));
      const trees = resultTrees(packed, [
        { index: 1n, account: 256n + 12n, wh: 5n },
        { index: 1n, account: 256n + 12n, wh: 6n },
        { index: 7n, account: 1n, wh: 6n },
      ]);
      expect(trees[1]!.results[3]!.metered).to.equal(6n);
      const { interval, index } = correctionFor(trees, 44, 256 + 12);
      expect([interval, index]).to.deep.equal([44, 1n]);
    });
  });

  it("finds nothing pending where nobody traded", async () => {
    const { city } = await networkHelpers.loadFixture(tradingDistrict);
    expect(await new Keeper(city.energyMarket).pending()).to.deep.equal([]);
    expect(await city.energyMarket.chainOf(1)).to.equal(ZeroHash);
  });
});

function packedOf({ account, contracted, metered }: { account: number; contracted: bigint; metered: bigint }): string {
  return [BigInt(account), contracted, metered]
    .map((value) => BigInt.asUintN(32, value).toString(16).padStart(8, "0"))
    .join("");
}
