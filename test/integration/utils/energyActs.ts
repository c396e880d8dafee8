import { id, type Signer, Wallet, ZeroAddress, ZeroHash } from "ethers";

import { daySubmission, FeederDayValues, feederOf, feederReadings } from "../../../sdk/energy/index.js";
import {
  compact,
  EnergySource,
  MeterClass,
  MeterStatus,
  NO_SIGNATURE,
  packSignatures,
  signFeederReadings,
  signMeterDay,
} from "../../../sdk/index.js";
import type { Leasing } from "./leasing.js";
import { type Act, bySignature, type SignedAct } from "./signedActs.js";

/** One act for each typed struct of the energy contracts, on the city's own clock. */
export const energyActs = {
  // EnergyMarket.
  Order: { build: order },
  StandingOrder: { build: standingOrder },
  AccountOpening: { build: accountOpening },
  SignerChange: { build: signerChange },
  EpochBump: { build: epochBump },
  OrderDelegation: { build: orderDelegation },
  Withdrawal: { build: withdrawal },
  FormerWithdrawal: { build: formerWithdrawal },
  Agreement: { build: agreement },
  // MeterReadings.
  MeterDay: { build: meterDay },
  FeederDay: { build: feederDay },
  FeederReadings: { build: readingsOfFeeder },
  Amendment: { build: amendment },
  CreditWithdrawal: { build: creditWithdrawal },
  // EnergySharing.
  CommunityJoin: { build: communityJoin },
  CommunityLeave: { build: communityLeave },
  SharingWithdrawal: { build: sharingWithdrawal },
} as const satisfies Readonly<Record<string, SignedAct<Leasing>>>;

const DAY = 86_400;
const PER_DAY = 96;
/** A day that is over, of whose intervals nobody needs anything but the readings. */
const PAST_DAY = 20_000;
const MONEY = 10n ** 9n;
/** Feeder without a meter at its head, and one with. */
const [PLAIN, HEADED] = [1, 2];
/** Two accounts of the market, of the lessor and of the lessee. */
const [BUYER, SELLER] = [PLAIN << 8, (PLAIN << 8) | 1];

const orderKey = new Wallet(id("key of orders"));
const headKey = new Wallet(id("meter at the head"));
const meterKey = new Wallet(id("key of every meter"));

/** Feeders, meters, a tariff that is in force, and money; a day passes. Done once on a city. */
export async function furnishEnergy(scene: Leasing): Promise<void> {
  const { city, actors, lessor, lessee, networkHelpers } = scene;
  const registry = city.energyRegistry.connect(actors.energyOffice);
  for (const [feeder, key] of [
    [PLAIN, ZeroAddress],
    [HEADED, headKey.address],
  ] as const) {
    await registry.registerFeeder(feeder, actors.meterReader, actors.gridOperator, key);
  }
  for (const owner of [lessor, lessee]) await registerMeter(scene, PLAIN, owner, MeterStatus.Trading);
  await registerMeter(scene, HEADED, lessor, MeterStatus.Trading);
  const prices = { feedIn: 80n, retail: 320n, feederFee: 20n, gridFee: 40n, basePrice: 80n, tickSize: 1n, rules: 0n };
  await registry.createTariff(prices);
  await registry.setDefaultTariff(1, await registry.firstChangeable());
  for (const payer of [lessor, lessee, actors.supplier, actors.meterReader, actors.gridOperator]) {
    await city.token.connect(actors.treasury).mint(payer, 10n * MONEY);
    for (const taker of [city.energyMarket, city.energySharing, city.meterReadings]) {
      await city.token.connect(payer).approve(taker, 10n * MONEY);
    }
  }
  for (const [owner, account] of [
    [lessor, BUYER],
    [lessee, SELLER],
  ] as const) {
    await city.energyMarket.connect(owner).openAccount(account, orderKey.address, 0n, 0n, NO_SIGNATURE);
    await city.energyMarket.connect(owner).deposit(account, MONEY);
  }
  await city.energyMarket.connect(actors.supplier).topUpSupplier(MONEY);
  for (const poster of [actors.meterReader, actors.gridOperator]) {
    await city.meterReadings.connect(poster).postBond(poster, MONEY);
  }
  await networkHelpers.time.increase(2 * DAY);
}

async function registerMeter({ city, actors }: Leasing, feeder: number, owner: Signer, status: bigint) {
  const registry = city.energyRegistry.connect(actors.energyOffice);
  const meter = {
    key: meterKey.address,
    importCapWh: 1_000n,
    exportCapWh: 1_000n,
    source: EnergySource.Solar,
    class: MeterClass.Connection,
    status,
  };
  const number = await registry.registerMeter.staticCall(feeder, owner, meter);
  await registry.registerMeter(feeder, owner, meter);
  return Number(number);
}

// --- EnergyMarket

async function order({ city, relayer }: Leasing): Promise<Act> {
  const interval = Number(await city.energyRegistry.currentInterval()) + 2;
  const message = { interval, account: BUYER, epoch: 0, flags: 0, steps: [{ tick: 20, wh: 100n }] };
  return {
    contract: city.energyMarket,
    message,
    signers: [orderKey],
    send: async ([signature]) =>
      city.energyMarket.connect(relayer).postSignedOrder({ ...message, ...compact(signature!) }),
  };
}

async function standingOrder({ city, lessor, relayer }: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const fromInterval = Number(await city.energyRegistry.currentInterval());
  const steps = [
    { tick: 20, wh: 100n },
    { tick: 10, wh: 50n },
  ];
  const prices = { basePrice: 80n, tickSize: 1n };
  const terms = { account: BUYER, epoch: 0, fromInterval, toInterval: fromInterval + 9, ...prices, flags: 0, steps };
  return {
    contract: city.energyMarket,
    message: { ...terms, nonce, deadline },
    signers: [lessor],
    send: async ([signature]) =>
      city.energyMarket.connect(relayer).placeStandingOrder(terms, nonce, deadline, bySignature(signature)),
  };
}

async function accountOpening(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { city, lessor, relayer } = scene;
  const account = await registerMeter(scene, PLAIN, lessor, MeterStatus.Trading);
  return {
    contract: city.energyMarket,
    message: { account, signer: orderKey.address, nonce, deadline },
    signers: [lessor],
    send: async ([signature]) =>
      city.energyMarket
        .connect(relayer)
        .openAccount(account, orderKey.address, nonce, deadline, bySignature(signature)),
  };
}

async function signerChange(
  { city, lessor, relayer, networkHelpers }: Leasing,
  nonce: bigint,
  deadline: number,
): Promise<Act> {
  const signer = new Wallet(id(`signer of ${await networkHelpers.time.latest()}`)).address;
  return {
    contract: city.energyMarket,
    message: { account: BUYER, signer, nonce, deadline },
    signers: [lessor],
    send: async ([signature]) =>
      city.energyMarket.connect(relayer).setSigner(BUYER, signer, nonce, deadline, bySignature(signature)),
  };
}

async function epochBump({ city, lessor, relayer }: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  return {
    contract: city.energyMarket,
    message: { account: BUYER, nonce, deadline },
    signers: [lessor],
    send: async ([signature]) =>
      city.energyMarket.connect(relayer).bumpEpoch(BUYER, nonce, deadline, bySignature(signature)),
  };
}

async function orderDelegation({ city, lessor, relayer }: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const key = new Wallet(id("home automation")).address;
  const limits = { minPrice: 80n, maxPrice: 200n, maxWh: 500n, until: deadline };
  return {
    contract: city.energyMarket,
    message: { account: BUYER, key, ...limits, nonce, deadline },
    signers: [lessor],
    send: async ([signature]) =>
      city.energyMarket.connect(relayer).setDelegate(BUYER, key, limits, nonce, deadline, bySignature(signature)),
  };
}

async function withdrawal({ city, lessor, relayer }: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const message = { account: BUYER, amount: 5n, to: relayer.address, nonce, deadline };
  return {
    contract: city.energyMarket,
    message,
    signers: [lessor],
    send: async ([signature]) =>
      city.energyMarket
        .connect(relayer)
        .withdraw(BUYER, message.amount, message.to, nonce, deadline, bySignature(signature)),
  };
}

async function formerWithdrawal(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { city, actors, lessor, lessee, relayer } = scene;
  const account = await registerMeter(scene, PLAIN, lessor, MeterStatus.Trading);
  await city.energyMarket.connect(lessor).openAccount(account, orderKey.address, 0n, 0n, NO_SIGNATURE);
  await city.energyMarket.connect(lessor).deposit(account, 10n);
  await city.energyRegistry.connect(actors.energyOffice).setOwner(account, lessee);
  await city.energyMarket.connect(lessee).openAccount(account, orderKey.address, 0n, 0n, NO_SIGNATURE);
  const message = { owner: lessor.address, to: relayer.address, nonce, deadline };
  return {
    contract: city.energyMarket,
    message,
    signers: [lessor],
    send: async ([signature]) =>
      city.energyMarket
        .connect(relayer)
        .withdrawFormer(message.owner, message.to, nonce, deadline, bySignature(signature)),
  };
}

async function agreement(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { city, lessor, lessee, relayer, networkHelpers } = scene;
  const fromInterval = Number(await city.energyRegistry.currentInterval());
  const terms = {
    buyer: BUYER,
    seller: SELLER,
    fromInterval,
    toInterval: fromInterval + 9,
    price: 100n,
    wh: 10n,
    salt: BigInt(await networkHelpers.time.latest()),
  };
  return {
    contract: city.energyMarket,
    message: { ...terms, nonce, deadline },
    signers: [lessor, lessee],
    send: async ([byBuyer, bySeller]) =>
      city.energyMarket
        .connect(relayer)
        .agree(terms, nonce, nonce, deadline, bySignature(byBuyer), bySignature(bySeller)),
  };
}

// --- MeterReadings

/** A day on which every meter of a feeder drew 7 Wh in each interval. */
async function dayOf({ city }: Leasing, feeder: number): Promise<FeederDayValues> {
  const meters = await city.energyRegistry.metersOf(feeder);
  const rows = Array.from({ length: PER_DAY }, () => meters.map(() => 7n));
  return new FeederDayValues({ feeder, day: PAST_DAY }, rows);
}

async function meterDay(scene: Leasing): Promise<Act> {
  const { city, actors, relayer } = scene;
  const values = await dayOf(scene, PLAIN);
  const { day } = values;
  return {
    contract: city.meterReadings,
    message: { meter: BUYER, day, values: values.column(0) },
    signers: [meterKey],
    send: async ([signature]) => {
      // The other meter signs as it should.
      const other = { meter: SELLER, day, values: values.column(1) };
      const types = { MeterDay: ["uint32 meter", "uint32 day", "bytes values"].map(fieldOf) };
      const domain = await domainOf(scene);
      const bySecond = compact(await meterKey.signTypedData(domain, types, other));
      const meters = [compact(signature!), bySecond];
      const operator = await signFeederReadings(city, actors.meterReader, feederReadings(values, { meters }));
      return city.meterReadings.connect(relayer).submit(daySubmission(values, { operator, meters }));
    },
  };
}

function fieldOf(text: string) {
  const [type = "", name = ""] = text.split(" ");
  return { type, name };
}

async function domainOf({ city }: Leasing) {
  const { name, version, chainId, verifyingContract } = await city.meterReadings.eip712Domain();
  return { name, version, chainId, verifyingContract };
}

async function feederDay(scene: Leasing): Promise<Act> {
  const { city, actors, relayer } = scene;
  const values = await dayOf(scene, HEADED);
  const { feeder, day } = values;
  const head = { feeder, day, values: values.column(0) };
  const whole = { ...feederReadings(values), headValues: head.values };
  const operator = await signFeederReadings(city, actors.meterReader, whole);
  const gridOperator = await signFeederReadings(city, actors.gridOperator, whole);
  return {
    contract: city.meterReadings,
    message: head,
    signers: [headKey],
    send: async ([signature]) =>
      city.meterReadings.connect(relayer).submit(
        daySubmission(values, {
          operator,
          gridOperator,
          head: { values: values.rows.map(([wh]) => wh), signature: compact(signature!) },
        }),
      ),
  };
}

async function readingsOfFeeder(scene: Leasing): Promise<Act> {
  const { city, actors, relayer } = scene;
  const values = await dayOf(scene, PLAIN);
  return {
    contract: city.meterReadings,
    message: { ...feederReadings(values) },
    signers: [actors.meterReader, actors.gridOperator],
    send: async ([byOperator, byGridOperator]) =>
      city.meterReadings.connect(relayer).submit(
        daySubmission(values, {
          operator: bySignature(byOperator),
          gridOperator: bySignature(byGridOperator),
        }),
      ),
  };
}

/** Has the day accepted without the meters, unless it was before. */
async function acceptDay(scene: Leasing): Promise<void> {
  const { rowsRoot } = await scene.city.meterReadings.dayOf(PLAIN, PAST_DAY);
  if (rowsRoot !== ZeroHash) return;
  const act = await readingsOfFeeder(scene);
  const types = { FeederReadings: READINGS_FIELDS.map(fieldOf) };
  const domain = await domainOf(scene);
  await act.send(await Promise.all(act.signers.map((one) => one.signTypedData(domain, types, { ...act.message }))));
}

/** An amendment of the first version, good if there was none before. */
async function amendment(scene: Leasing): Promise<Act> {
  const { city, actors, relayer } = scene;
  await acceptDay(scene);
  const interval = PAST_DAY * PER_DAY;
  const { version } = await city.meterReadings.overrideOf(BUYER, interval);
  const message = { meter: BUYER, interval, wh: 8n + version, version: 0n };
  const { values, proof } = (await dayOf(scene, PLAIN)).columnProof(0);
  return {
    contract: city.meterReadings,
    message,
    signers: [actors.meterReader, actors.gridOperator],
    send: async ([byOperator, byGridOperator]) =>
      city.meterReadings
        .connect(relayer)
        .amend(
          BUYER,
          interval,
          message.wh,
          { values: "0x", signature: "0x" },
          { values, proof },
          bySignature(byOperator),
          bySignature(byGridOperator),
        ),
  };
}

/** The lessor's meter contradicts one value more of the accepted day, so its owner has a credit. */
async function creditWithdrawal(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { city, lessor, relayer } = scene;
  await acceptDay(scene);
  const values = await dayOf(scene, PLAIN);
  const contradicted = await city.meterReadings.overriddenOf(BUYER, PAST_DAY);
  const rows = values.rows.map(([, wh]) => [9n, wh!]);
  const meter = { meter: BUYER, day: PAST_DAY, values: new FeederDayValues(values, rows).column(0) };
  const signature = packSignatures([await signMeterDay(city, meterKey, meter)]);
  // The lowest value that the meter has not contradicted yet.
  await city.meterReadings
    .connect(relayer)
    .challenge(BUYER, PAST_DAY, { values: meter.values, signature }, contradicted + 1n, values.columnProof(0));
  const message = { account: lessor.address, to: relayer.address, nonce, deadline };
  return {
    contract: city.meterReadings,
    message,
    signers: [lessor],
    send: async ([byAccount]) =>
      city.meterReadings
        .connect(relayer)
        .withdrawCredit(message.account, message.to, nonce, deadline, bySignature(byAccount)),
  };
}

const READINGS_FIELDS = ["uint16 feeder", "uint32 day", "bytes values", "bytes headValues", "bytes meterSignatures"];

// --- EnergySharing

/** A community on a feeder whose only member is to be a new meter. */
async function community(scene: Leasing) {
  const { city, lessor } = scene;
  const meter = await registerMeter(scene, HEADED, lessor, MeterStatus.Sharing);
  const terms = { key: 2, price: 10, members: `0x${(meter & 0xff).toString(16).padStart(2, "0")}0000` };
  const sharing = city.energySharing.connect(lessor);
  const number = await sharing.found.staticCall(lessor, feederOf(meter), terms);
  await sharing.found(lessor, feederOf(meter), terms);
  return { number: Number(number), meter, termsHash: await sharing.termsHash(terms) };
}

async function communityJoin(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { city, lessor, relayer } = scene;
  const { number, meter, termsHash } = await community(scene);
  return {
    contract: city.energySharing,
    message: { community: number, meter, termsHash, nonce, deadline },
    signers: [lessor],
    send: async ([signature]) =>
      city.energySharing
        .connect(relayer)
        .joinCommunity(number, meter, termsHash, nonce, deadline, bySignature(signature)),
  };
}

async function communityLeave(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { city, lessor, relayer } = scene;
  const { number, meter, termsHash } = await community(scene);
  await city.energySharing.connect(lessor).joinCommunity(number, meter, termsHash, 0n, 0n, NO_SIGNATURE);
  return {
    contract: city.energySharing,
    message: { community: number, meter, nonce, deadline },
    signers: [lessor],
    send: async ([signature]) =>
      city.energySharing.connect(relayer).leaveCommunity(meter, nonce, deadline, bySignature(signature)),
  };
}

async function sharingWithdrawal({ city, lessor, relayer }: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  await city.energySharing.connect(lessor).deposit(lessor, 10n);
  const message = { account: lessor.address, amount: 5n, to: relayer.address, nonce, deadline };
  return {
    contract: city.energySharing,
    message,
    signers: [lessor],
    send: async ([signature]) =>
      city.energySharing
        .connect(relayer)
        .withdraw(lessor, message.amount, message.to, nonce, deadline, bySignature(signature)),
  };
}
