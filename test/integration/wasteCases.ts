import { expect } from "chai";
import { type ContractTransactionResponse, parseEther, type Result, ZeroHash } from "ethers";
import { network } from "hardhat";

import {
  explainRevert,
  LotFlags,
  LotState,
  nameIn,
  NO_SIGNATURE,
  randomNonce,
  RewardLimit,
  signFill,
  signUse,
} from "../../sdk/index.js";
import { actsClaimId, depositsClaimId, signedAct, signedDeposit, spanOf } from "../../sdk/rewards/index.js";
import {
  buildTicket,
  operationOf,
  signedDelivery,
  signedHandover,
  signedTicket,
  ticketLotId,
  type TicketTerms,
} from "../../sdk/waste/index.js";
import { type Case, readCases } from "./utils/cases.js";
import type { Connection } from "./utils/city.js";
import { FOREVER, giveCredential } from "./utils/credentials.js";
import { leasingCity } from "./utils/leasing.js";
import {
  ACTS,
  attestor,
  COLLECTOR,
  DEPOSITS,
  deviceOf,
  FACILITY,
  furnishWaste,
  holderOf,
  ITEM,
  NOTHING,
  PACKAGING,
  personOf,
  TOLERANCE_BP,
  type WasteDistrict,
} from "./utils/wasteDistrict.js";

/**
 * All agreed cases on the chain, in a city as it is deployed. The cases' instants are counted from the first of them, a
 * container or party of a case is one of the district's, and a plain name of an error is that of the contract which is asked.
 */

/** A case with the fields that its test reads. */
interface Read<Given, When, Expect> extends Case {
  readonly given: Given;
  readonly when: When;
  readonly expect: Expect;
}

interface Reading {
  readonly ctr: number;
  readonly at?: number | string;
  readonly fillBp?: number;
  readonly sig?: string;
  readonly bin?: string;
}

const { networkHelpers } = await network.create({ override: { allowBlocksWithSameTimestamp: true } });
const { time } = networkHelpers;

const agreedCases = readCases("waste");

const BIN = 1;
const DAY = 86_400n;
const MICRO = 1_000_000n;
const FULL_BP = 10_000;
const MOST_UNITS = 25_000n;

/** Fixture: a city with all that waste and rewards need. */
async function district(connection: Connection): Promise<WasteDistrict> {
  const scene = await leasingCity(connection);
  return { ...scene, ...(await furnishWaste(scene)) };
}

async function prepare(): Promise<WasteDistrict> {
  return networkHelpers.loadFixture(district);
}

async function now(): Promise<bigint> {
  return BigInt(await time.latest());
}

/** Name of the error with which a call is refused, and its arguments. */
async function refusal(call: Promise<ContractTransactionResponse>): Promise<{ name: string; args: unknown[] }> {
  try {
    await call;
  } catch (failure) {
    const revert = explainRevert(failure);
    if (revert === undefined) throw failure;
    return { name: revert.name, args: Object.values(revert.args) };
  }
  throw new Error("the call was not refused");
}

// --- lots

/** A ticket of a container, not yet brought. */
async function ticketOf(
  { driver }: WasteDistrict,
  grams: bigint,
  { binId = BIN, counter = 1, code = PACKAGING }: Partial<Pick<TicketTerms, "binId" | "counter" | "code">> = {},
) {
  return buildTicket({ binId, counter, takenAt: await now(), code, grams, collector: driver.address });
}

/** The collector empties a container. */
async function collect(scene: WasteDistrict, grams: bigint, binId = BIN): Promise<bigint> {
  const { city, driver, relayer } = scene;
  const counter = Number(await city.containers.ticketCounterOf(binId)) + 1;
  const ticket = await ticketOf(scene, grams, { binId, counter });
  await city.wasteLots.connect(relayer).collect(await signedTicket(city, deviceOf(binId), driver, ticket));
  return ticketLotId(binId, Number((await city.containers.recordOf(binId)).collections));
}

async function handoverOf(scene: WasteDistrict, lotId: bigint) {
  const { grams, version } = await scene.city.wasteLots.lotOf(lotId);
  return { lotId, version: Number(version), receiver: FACILITY, grams, until: (await now()) + 3_600n };
}

/** The facility takes a lot over, whole, as it was sent. */
async function deliver(scene: WasteDistrict, lotId: bigint): Promise<void> {
  const { city, driver, gatekeeperCalls } = scene;
  const { handover, sender } = await signedDelivery(city, driver, await handoverOf(scene, lotId));
  await city.wasteLots.connect(gatekeeperCalls).takeDelivery(handover, handover.grams, sender);
}

/** The facility receives a lot and keeps some of it, or all. */
async function receive(scene: WasteDistrict, lotId: bigint, receivedGrams: bigint, acceptedGrams = receivedGrams) {
  const { city, driver, gatekeeper, relayer } = scene;
  const signers = { sender: driver, receiver: gatekeeper };
  const found = { receivedGrams, acceptedGrams, reasonHash: ZeroHash.replace(/0$/, "1") };
  const signed = await signedHandover(city, signers, await handoverOf(scene, lotId), found);
  await city.wasteLots.connect(relayer).receiveLot(signed.handover, signed.receipt, signed.sender, signed.receiver);
}

function partyOf(operatorId: bigint): string {
  return operatorId === BigInt(COLLECTOR) ? "C1" : operatorId === BigInt(FACILITY) ? "facility" : "nobody";
}

// --- rewards

/** What an event says of something that was earned. */
interface Told {
  readonly event: "Earned" | "RewardSkipped";
  readonly earned: bigint;
  readonly paid: bigint;
  readonly limit: bigint;
}

/** A programme as that of a number, with other terms, and the district's attestor if it is of acts. Returns its number. */
async function programmeLike(scene: WasteDistrict, programmeId: number, changes: object): Promise<number> {
  const { ecoRewards } = scene.city;
  const office = ecoRewards.connect(holderOf(scene, "REWARD_PROGRAMMES"));
  const { terms } = await ecoRewards.programmeOf(programmeId);
  type Terms = Parameters<typeof office.setProgramme>[1];
  const whole = { ...membersOf(terms), leastUnits: 0n, mostUnits: MOST_UNITS, ...changes } as Terms;
  const number = await office.setProgramme.staticCall(0, whole);
  await office.setProgramme(0, whole);
  if (programmeId === ACTS) await office.setAttestor(number, attestor, 1_000n * MICRO);
  return Number(number);
}

/** The members of a struct that a contract returned, by their names. */
function membersOf(struct: object): Readonly<Record<string, unknown>> {
  return (struct as Result).toObject() as Readonly<Record<string, unknown>>;
}

/** The resident does something now; what the contract says of it. */
async function earn(
  scene: WasteDistrict,
  programmeId: number,
  units: bigint,
  qualityBp = FULL_BP,
  span?: number,
): Promise<Told> {
  const { city, resident, relayer } = scene;
  const { ecoRewards } = city;
  const person = await personOf(scene, resident);
  const day = Number(await ecoRewards.today());
  const to = resident.address;
  const act = { programmeId, person, to, units, qualityBp, day, span: span ?? spanOf(await now()) };
  const { signatures } = await signedAct(city, [attestor], act);
  const sent = await ecoRewards.connect(relayer).earn(act, [...signatures]);
  const { blockNumber } = (await sent.wait())!;
  const claim = actsClaimId(programmeId, person, day);
  const { Earned, RewardSkipped } = ecoRewards.filters;
  const [earned] = await ecoRewards.queryFilter(Earned(claim), blockNumber, blockNumber);
  if (earned !== undefined) {
    const { earned: worth, paid, limit } = earned.args;
    return { event: "Earned", earned: worth, paid, limit };
  }
  const [skipped] = await ecoRewards.queryFilter(RewardSkipped(claim), blockNumber, blockNumber);
  const { earned: worth, limit } = skipped!.args;
  return { event: "RewardSkipped", earned: worth, paid: 0n, limit };
}

// --- one test for each case

const W01 = async ({
  given,
  when,
  expect: wanted,
}: Read<
  { last: Required<Pick<Reading, "ctr" | "fillBp">> & { at: number }; alertBp: number },
  { readings: (Required<Pick<Reading, "ctr" | "fillBp">> & { at: number })[] },
  { alerts: number[]; fillBp: number }
>): Promise<void> => {
  const { city, relayer } = await prepare();
  const { containers } = city;
  expect((await containers.stateOf(BIN)).alertBp).to.equal(BigInt(given.alertBp));
  const first = await now();
  const alerts: number[] = [];
  for (const { ctr: counter, at, fillBp } of [given.last, ...when.readings]) {
    const takenAt = first + BigInt(at - given.last.at);
    await time.setNextBlockTimestamp(takenAt);
    const fill = { binId: BIN, counter, takenAt, fillBp };
    const sent = await containers.connect(relayer).report(fill, await signFill(city, deviceOf(BIN), fill));
    await expect(sent).to.emit(containers, "FillReported").withArgs(BIN, counter, takenAt, fillBp);
    const { blockNumber } = (await sent.wait())!;
    const told = await containers.queryFilter(containers.filters.FillAlert(BIN), blockNumber, blockNumber);
    for (const { args } of told) expect(args.fillBp).to.equal(BigInt(fillBp));
    alerts.push(...told.map(() => counter));
  }
  expect(alerts).to.deep.equal(wanted.alerts);
  expect((await containers.stateOf(BIN)).fillBp).to.equal(BigInt(wanted.fillBp));
};

const W02 = async ({
  given,
  when,
  expect: wanted,
}: Read<{ last: { ctr: number; at: number } }, { readings: Reading[] }, { result: string[] }>): Promise<void> => {
  const scene = await prepare();
  const { city, relayer } = scene;
  const containers = city.containers.connect(relayer);
  const last = { binId: BIN, counter: given.last.ctr, takenAt: await now(), fillBp: 100 };
  await containers.report(last, await signFill(city, deviceOf(BIN), last));
  const block = (await now()) + DAY;
  const results: string[] = [];
  for (const { ctr: counter, at, fillBp = last.fillBp, sig, bin } of when.readings) {
    const isAhead = typeof at === "string";
    const ahead = isAhead ? BigInt(/^block\+(\d+)$/.exec(at)![1]!) : 0n;
    const takenAt = typeof at === "number" ? last.takenAt + BigInt(at - given.last.at) : block + ahead;
    const fill = { binId: BIN, counter, takenAt, fillBp };
    if (bin === "retired") await city.containers.connect(holderOf(scene, "WASTE_FLEET")).setStatus(BIN, 3);
    const signature = await signFill(city, deviceOf(sig === "other device" ? BIN + 1 : BIN), fill);
    await time.setNextBlockTimestamp(block);
    const { name, args } = await refusal(containers.report(fill, signature));
    // The contract has one word for all states in which a container takes no readings.
    results.push(name === "ContainersBinNotActive" && args[1] === 3n ? "BinRetired" : name.replace(/^Containers/, ""));
    if (isAhead) {
      expect(args).to.deep.equal([BigInt(BIN), takenAt, takenAt - 1n]);
      const atLimit = { ...fill, takenAt: takenAt - 1n };
      const signed = await signFill(city, deviceOf(BIN), atLimit);
      await time.setNextBlockTimestamp(block);
      await containers.report.staticCall(atLimit, signed, { blockTag: "pending" });
    }
  }
  expect(results).to.deep.equal(wanted.result);
  const { counter, takenAt, fillBp } = await containers.stateOf(BIN);
  expect([Number(counter), takenAt, Number(fillBp)]).to.deep.equal([last.counter, last.takenAt, last.fillBp]);
};

const W04 = async ({
  given,
  expect: wanted,
}: Read<
  { collector: string; grams: string; ewc: number },
  unknown,
  {
    lot: { holder: string; grams: string; ewc: number; state: string };
    binFillBp: number;
    binCollections: string;
    collectedTotalG: string;
    replaySameCounter: string;
    zeroGrams: string;
    relayedByThirdParty: string;
  }
>): Promise<void> => {
  const scene = await prepare();
  const { city, driver, relayer } = scene;
  const lots = city.wasteLots.connect(relayer);
  const fill = { binId: BIN, counter: 1, takenAt: await now(), fillBp: 8_100 };
  await city.containers.connect(relayer).report(fill, await signFill(city, deviceOf(BIN), fill));
  const before = {
    collected: (await lots.totals()).collected,
    collections: (await city.containers.recordOf(BIN)).collections,
  };
  const ticket = await ticketOf(scene, BigInt(given.grams), { counter: 2, code: given.ewc });
  const signed = await signedTicket(city, deviceOf(BIN), driver, ticket);

  const nothing = { ...ticket, grams: 0n };
  const zero = await refusal(lots.collect(await signedTicket(city, deviceOf(BIN), driver, nothing)));
  expect(zero).to.deep.equal({ name: wanted.zeroGrams.replace("revert ", "WasteLots"), args: [] });

  expect(wanted.relayedByThirdParty).to.equal("accepted (two signatures)");
  const lotId = ticketLotId(BIN, 1);
  await expect(lots.collect(signed))
    .to.emit(lots, "Collected")
    .withArgs(lotId, COLLECTOR, (packed: bigint) => packed !== 0n, ticket.documentHash);
  const { holder, grams, code, state } = await lots.lotOf(lotId);
  expect({ holder: partyOf(holder), grams: grams.toString(), ewc: Number(code), state: nameIn(LotState, state) })
    .to.deep.equal(wanted.lot)
    .and.to.include({ holder: given.collector });
  expect(Number((await city.containers.stateOf(BIN)).fillBp)).to.equal(wanted.binFillBp);
  const { collections } = await city.containers.recordOf(BIN);
  expect(`+${collections - before.collections}`).to.equal(wanted.binCollections);
  const { collected } = await lots.totals();
  expect(`+${collected - before.collected}`).to.equal(wanted.collectedTotalG);

  const replay = await refusal(lots.collect(signed));
  const counter = BigInt(ticket.counter);
  expect(replay).to.deep.equal({
    name: wanted.replaySameCounter.replace("revert ", "Containers"),
    args: [BigInt(BIN), counter, counter],
  });
};

const W05 = async ({
  given,
  expect: wanted,
}: Read<{ ewc: number; hazardous: boolean }, unknown, { result: string }>): Promise<void> => {
  const scene = await prepare();
  const { city, driver, relayer } = scene;
  const lots = city.wasteLots.connect(relayer);
  const ticket = await ticketOf(scene, 1_000n, { code: given.ewc });
  const signed = await signedTicket(city, deviceOf(BIN), driver, ticket);
  const { name, args } = await refusal(lots.collect(signed));
  expect(`revert ${name.replace("WasteLots", "")}(${String(args[1])})`).to.equal(wanted.result);
  expect(args).to.deep.equal([BigInt(COLLECTOR), BigInt(given.ewc)]);
  expect((await lots.totals()).collected).to.equal(0n);
  // The permit is all that is missing.
  await city.wasteOperators.connect(holderOf(scene, "WASTE_LICENSING")).permit(COLLECTOR, given.ewc, FOREVER);
  await lots.collect(signed);
  const { flags } = await lots.lotOf(ticketLotId(BIN, 1));
  expect((flags & LotFlags.HAZARDOUS) !== 0n).to.equal(given.hazardous);
};

const W06 = async ({
  given,
  when,
  expect: wanted,
}: Read<
  { sentG: string; toleranceBp: string },
  { received: string[] },
  { allowedDiff: string; result: string[] }
>): Promise<void> => {
  const scene = await prepare();
  const { wasteLots } = scene.city;
  expect(TOLERANCE_BP).to.equal(Number(given.toleranceBp));
  const sent = BigInt(given.sentG);
  const results: string[] = [];
  for (const received of when.received.map(BigInt)) {
    const lotId = await collect(scene, sent);
    const before = await wasteLots.totals();
    await receive(scene, lotId, received);
    const after = await wasteLots.totals();
    const { grams, holder, state } = await wasteLots.lotOf(lotId);
    if (state === LotState.Disputed) {
      const [told] = await wasteLots.queryFilter(wasteLots.filters.Disputed(lotId));
      const { receiver, sentGrams, receivedGrams, toleranceGrams } = told!.args;
      expect([receiver, sentGrams, receivedGrams]).to.deep.equal([BigInt(FACILITY), sent, received]);
      expect(toleranceGrams.toString()).to.equal(wanted.allowedDiff);
      expect([grams, partyOf(holder)]).to.deep.equal([sent, "C1"]);
      expect([after.transitLoss, after.transitGain]).to.deep.equal([before.transitLoss, before.transitGain]);
      results.push("Disputed");
    } else {
      expect([grams, partyOf(holder), state]).to.deep.equal([received, "facility", LotState.Open]);
      const [loss, gain] = [after.transitLoss - before.transitLoss, after.transitGain - before.transitGain];
      expect(loss === 0n || gain === 0n).to.equal(true);
      results.push(`accepted; ${gain > 0n ? `transitGain ${gain}` : `transitLoss ${loss}`}`);
    }
  }
  expect(results).to.deep.equal(wanted.result);
};

const W07 = async ({
  given,
  expect: wanted,
}: Read<
  { receivedG: string; acceptedG: string },
  unknown,
  { refusedG: string; lotAccepted: string; lotRefused: string; sum: string; zeroAccepted: string }
>): Promise<void> => {
  const scene = await prepare();
  const { wasteLots } = scene.city;
  const [received, accepted] = [BigInt(given.receivedG), BigInt(given.acceptedG)];
  const lotId = await collect(scene, 500_000n);
  await receive(scene, lotId, received, accepted);
  const kept = await wasteLots.lotOf(lotId);
  expect(`${kept.grams} held by ${partyOf(kept.holder)}`).to.equal(wanted.lotAccepted);
  const [told] = await wasteLots.queryFilter(wasteLots.filters.Refused(undefined, lotId));
  const { lotId: childId, parent, grams } = told!.args;
  expect(childId).not.to.equal(parent);
  expect(grams.toString()).to.equal(wanted.refusedG);
  const child = await wasteLots.lotOf(childId);
  expect(child.state).to.equal(LotState.Refused);
  expect(kept.flags & LotFlags.HAS_CHILD).to.equal(LotFlags.HAS_CHILD);
  expect(
    `${child.grams} back to ${partyOf(child.holder) === "C1" ? "sender" : "nobody"}, ` +
      `parent link ${parent === lotId ? "kept" : "lost"}`,
  ).to.equal(wanted.lotRefused);
  expect(`${kept.grams}+${child.grams}=${kept.grams + child.grams}`).to.equal(wanted.sum);

  const refused = await collect(scene, 500_000n);
  await receive(scene, refused, received, 0n);
  const whole = await wasteLots.lotOf(refused);
  const ofFacility = partyOf(whole.holder) === "facility" ? "a" : "no";
  expect(`state ${nameIn(LotState, whole.state)}, ${ofFacility} facility lot`).to.equal(wanted.zeroAccepted);
  expect([whole.grams, partyOf(whole.holder)]).to.deep.equal([received, "C1"]);
  expect(await wasteLots.queryFilter(wasteLots.filters.Refused(refused, refused))).to.have.length(1);
};

const W08 = async ({
  given,
  expect: wanted,
}: Read<
  {
    inputsG: string[];
    outputs: { ewc: number; g: string; op: string }[];
    lossG: string;
    maxLossBp: number;
  },
  unknown,
  {
    inG: string;
    outG: string;
    lossBp: string;
    result: string;
    oneGramMore: string;
    loss13501: string;
    inputTwice: string;
  }
>): Promise<void> => {
  const scene = await prepare();
  const { city, gatekeeperCalls } = scene;
  const lots = city.wasteLots.connect(gatekeeperCalls);
  expect((await city.wasteOperators.facilityOf(FACILITY)).maxLossBp).to.equal(BigInt(given.maxLossBp));
  const inputs: bigint[] = [];
  for (const grams of given.inputsG) {
    const lotId = await collect(scene, BigInt(grams));
    await deliver(scene, lotId);
    inputs.push(lotId);
  }
  const outputs = given.outputs.map(({ ewc: code, g, op }) => ({ code, grams: BigInt(g), op: operationOf(op) }));
  const [inG, outG, loss] = [wanted.inG, wanted.outG, given.lossG].map(BigInt) as [bigint, bigint, bigint];
  const [first, ...rest] = outputs as [(typeof outputs)[0], ...typeof outputs];
  const process = async (from: bigint[], into: typeof outputs, lost: bigint) => lots.process(from, into, lost, NOTHING);

  const more = [{ ...first, grams: first.grams + 1n }, ...rest];
  expect(await refusal(process(inputs, more, loss))).to.deep.equal({
    name: wanted.oneGramMore.replace("revert ", "WasteLots"),
    args: [inG, outG + 1n, loss],
  });
  const tooMuch = 13_501n;
  const less = [{ ...first, grams: first.grams - (tooMuch - loss) }, ...rest];
  const { name, args } = await refusal(process(inputs, less, tooMuch));
  expect(`revert ${name.replace("WasteLots", "")} (limit ${String(args[1])})`).to.equal(wanted.loss13501);
  expect(args[0]).to.equal(tooMuch);
  expect(await refusal(process([inputs[0]!, inputs[0]!], outputs, loss))).to.deep.equal({
    name: wanted.inputTwice.replace("revert ", "WasteLots"),
    args: [inputs[0], LotState.Consumed],
  });

  expect(wanted.result).to.equal("ok");
  await process(inputs, outputs, loss);
  const [told] = await lots.queryFilter(lots.filters.Processed(FACILITY));
  const made = told!.args.outputs.map(({ code, grams, op }) => ({ code: Number(code), grams, op: Number(op) }));
  expect(made).to.deep.equal(outputs);
  const states = await Promise.all(inputs.map(async (lotId) => (await lots.lotOf(lotId)).state));
  expect(states).to.deep.equal(inputs.map(() => LotState.Consumed));
  const went = await Promise.all(inputs.map(async (lotId) => (await lots.lotOf(lotId)).collectedGrams));
  expect(went.reduce((sum, grams) => sum + grams)).to.equal(inG);
  const { recycled, disposed, processLoss } = await lots.totals();
  expect(recycled + disposed).to.equal(outG);
  expect(disposed).to.equal(outputs[2]!.grams);
  expect(((processLoss * 10_000n) / inG).toString()).to.equal(wanted.lossBp);
  expect(processLoss).to.equal(loss);
};

const W11 = async ({
  when,
  expect: wanted,
}: Read<
  unknown,
  { cases: { g: number; ratePerKg: number; qualityBp: number }[] },
  { micro: string[] }
>): Promise<void> => {
  const scene = await prepare();
  const paid: string[] = [];
  for (const { g, ratePerKg, qualityBp } of when.cases) {
    const programmeId = await programmeLike(scene, ACTS, { ratePerThousand: BigInt(ratePerKg) });
    const told = await earn(scene, programmeId, BigInt(g), qualityBp);
    // What earns nothing is skipped, and nothing limits it.
    expect([told.event, told.earned, told.limit]).to.deep.equal([
      told.earned === 0n ? "RewardSkipped" : "Earned",
      told.paid,
      RewardLimit.None,
    ]);
    paid.push(told.paid.toString());
  }
  expect(paid).to.deep.equal(wanted.micro);
};

const W12 = async ({
  given,
  expect: wanted,
}: Read<
  { capMicro: string; earnedToday: string; raw: string },
  unknown,
  { paid: string; cappedOff: string; nextDayAvailable: string; boundary: string }
>): Promise<void> => {
  const scene = await prepare();
  const { ecoRewards } = scene.city;
  const offset = await ecoRewards.clockOffset();
  // The first act of a new day.
  await time.increaseTo(((await now()) / DAY + 1n) * DAY - offset + 3_600n);
  // A token a unit, at a hundredth of the quality: 10,000 millionths.
  const changes = { ratePerThousand: 1_000_000_000n, dayCapPerPerson: BigInt(given.capMicro) };
  const programmeId = await programmeLike(scene, ACTS, changes);
  const tokens = (micro: string) => [BigInt(micro) / 10_000n, 100] as const;
  expect((await earn(scene, programmeId, ...tokens(given.earnedToday), 1)).paid.toString()).to.equal(given.earnedToday);
  const told = await earn(scene, programmeId, ...tokens(given.raw), 2);
  expect([told.event, told.earned, told.limit]).to.deep.equal(["Earned", BigInt(given.raw), RewardLimit.Person]);
  expect(told.paid.toString()).to.equal(wanted.paid);
  expect((told.earned - told.paid).toString()).to.equal(wanted.cappedOff);

  expect(wanted.boundary).to.equal("day = floor(timestamp/86400) with city offset seconds");
  const today = await ecoRewards.today();
  const midnight = (today + 1n) * DAY - offset;
  await time.increaseTo(midnight - 60n);
  expect(await ecoRewards.today()).to.equal(today);
  await time.increaseTo(midnight);
  expect(await ecoRewards.today()).to.equal(today + 1n);
  const next = await earn(scene, programmeId, ...tokens("25000000"));
  expect(next.paid.toString()).to.equal(wanted.nextDayAvailable);
};

const W13 = async ({
  given,
  expect: wanted,
}: Read<
  { budgetLeft: string; raw: string; capLeft: string },
  unknown,
  { paid: string; budgetLeft: string; next: string }
>): Promise<void> => {
  const scene = await prepare();
  const { ecoRewards } = scene.city;
  const changes = { dayBudget: BigInt(given.budgetLeft), dayCapPerPerson: BigInt(given.capLeft) };
  const programmeId = await programmeLike(scene, ACTS, { ratePerThousand: 2_500_000n, ...changes });
  const told = await earn(scene, programmeId, 2_400n, 9_500, 1);
  expect(told.earned.toString()).to.equal(given.raw);
  expect([told.paid.toString(), told.limit]).to.deep.equal([wanted.paid, RewardLimit.Programme]);
  const { terms, usedToday } = await ecoRewards.programmeOf(programmeId);
  expect((terms.dayBudget - usedToday).toString()).to.equal(wanted.budgetLeft);
  const next = await earn(scene, programmeId, 2_400n, 9_500, 2);
  // The contract says whose budget it is.
  const why = next.limit === RewardLimit.Programme ? "BudgetExhausted" : nameIn(RewardLimit, next.limit);
  expect(`paid ${next.paid}, event ${next.event}(${why})`).to.equal(wanted.next);
};

const W14 = async ({
  given,
  expect: wanted,
}: Read<
  {
    binCycle: { deposits: { who: string; g: number }[]; ratePerKg: string };
    collectedG: string;
    toleranceBp: string;
  },
  unknown,
  { allowedG: string; vestedMicro: Record<string, string>; sum: string; ifCollectedG30000: string }
>): Promise<void> => {
  const { deposits, ratePerKg } = given.binCycle;
  /** What everybody gets if the truck weighs so much, and what may be claimed. */
  async function vest(collected: bigint): Promise<{ allowed: bigint; vested: [string, bigint][] }> {
    const scene = await prepare();
    const { city, resident, lessee, operator, relayer } = scene;
    const rewards = city.ecoRewards.connect(relayer);
    const terms = { ratePerThousand: BigInt(ratePerKg), toleranceBp: BigInt(given.toleranceBp) };
    const programmeId = await programmeLike(scene, DEPOSITS, terms);
    for (const neighbour of [lessee, operator]) {
      await giveCredential({ ...scene, ...city }, "RESIDENT", neighbour);
      await city.ecoRewards.connect(neighbour).enrol(neighbour, neighbour, 0n, 0n, NO_SIGNATURE);
    }
    const claims: [string, bigint][] = [];
    for (const [index, { who, g }] of deposits.entries()) {
      const account = [resident, lessee, operator][index]!;
      const person = await personOf(scene, account);
      const { deposit, signature } = await signedDeposit(city, deviceOf(BIN), {
        programmeId,
        person,
        to: account.address,
        binId: BIN,
        collection: 1,
        grams: BigInt(g),
        takenAt: await now(),
        counter: index + 1,
      });
      await rewards.recordDeposit(deposit, signature);
      claims.push([who, depositsClaimId(programmeId, person, BIN, 1)]);
    }
    await collect(scene, collected);
    await rewards.settleCycle(BIN, 1);
    await time.increase(9n * DAY);
    const vested: [string, bigint][] = [];
    for (const [who, claimId] of claims) {
      await rewards.release(claimId);
      const [told] = await rewards.queryFilter(rewards.filters.Released(claimId));
      vested.push([who, told!.args.amount]);
    }
    return { allowed: (await rewards.cycleOf(BIN, 1)).allowedGrams, vested };
  }

  const { allowed, vested } = await vest(BigInt(given.collectedG));
  expect(allowed.toString()).to.equal(wanted.allowedG);
  expect(Object.fromEntries(vested.map(([who, amount]) => [who, amount.toString()]))).to.deep.equal(wanted.vestedMicro);
  expect(vested.reduce((sum, [, amount]) => sum + amount, 0n).toString()).to.equal(wanted.sum);
  expect(wanted.ifCollectedG30000).to.equal("all vest in full");
  const enough = await vest(30_000n);
  const full = deposits.map(({ who, g }) => [who, (BigInt(g) * BigInt(ratePerKg)) / 1_000n]);
  expect(enough.vested).to.deep.equal(full);
};

const W16 = async ({
  given,
  when,
  expect: wanted,
}: Read<
  { item: { price: string; stock: number; face: string }; poolUsd: string; holderEco: string },
  { calls: string[] },
  { result: string[] }
>): Promise<void> => {
  const scene = await prepare();
  const { actors, city, ethers, lessee, merchant, operator: holder } = scene;
  const { ecoToken, redemption } = city;
  const treasury = redemption.connect(holderOf(scene, "REWARD_TREASURY"));
  const { free } = await redemption.pool();
  await treasury.withdrawPool(lessee, free - BigInt(given.poolUsd));
  const rewards = await city.ecoRewards.getAddress();
  await networkHelpers.setBalance(rewards, parseEther("1"));
  await ecoToken.connect(await ethers.getImpersonatedSigner(rewards)).mint(holder, BigInt(given.holderEco));
  const price = BigInt(given.item.price);
  const catalogue = redemption.connect(holderOf(scene, "REWARD_CATALOGUE"));
  await catalogue.addItem({
    merchant,
    stock: given.item.stock,
    fromTime: 0n,
    toTime: (await now()) + DAY,
    price,
    faceValue: BigInt(given.item.face),
    lifetime: DAY,
    perMonth: 0,
    active: true,
  });
  const { items } = await redemption.counts();
  const money = (units: bigint) => `${units / MICRO}.${(units % MICRO).toString().padStart(6, "0").slice(0, 2)}`;
  const results: string[] = [];
  for (const call of when.calls) {
    const funded = /^fund pool (\d+)$/.exec(call)?.[1];
    if (funded !== undefined) {
      await city.token.connect(actors.treasury).mint(holder, BigInt(funded));
      await city.token.connect(holder).approve(redemption, BigInt(funded));
      await redemption.connect(holder).fundPool(BigInt(funded));
      results.push("ok");
      continue;
    }
    const before = await ecoToken.balanceOf(holder);
    const { stock: stockBefore } = await redemption.itemOf(items);
    try {
      await redemption.connect(holder).redeem(items, price);
    } catch (failure) {
      const { name, args } = explainRevert(failure)!;
      const needs = name === "RedemptionPoolInsufficient" ? ` (needs ${money(args.needed as bigint)})` : "";
      if (name === "RedemptionOutOfStock") expect(args).to.deep.equal({ itemId: items });
      results.push(`revert ${name.replace("Redemption", "")}${needs}`);
      continue;
    }
    const burned = before - (await ecoToken.balanceOf(holder));
    const { stock } = await redemption.itemOf(items);
    const { reserved } = await redemption.pool();
    expect([burned, stock]).to.deep.equal([price, stockBefore - 1n]);
    // The case names what is burned once.
    results.push(
      results.length === 0
        ? `ok: burn ${burned / MICRO}, reserved ${money(reserved)}, stock ${stock}`
        : `ok: stock ${stock}, reserved ${money(reserved)}`,
    );
  }
  expect(results).to.deep.equal(wanted.result);
};

const W18 = async ({
  given,
  expect: wanted,
}: Read<
  { used: number; face: string; feeBp: number },
  unknown,
  { gross: string; fee: string; merchantReceives: string; second: string }
>): Promise<void> => {
  const scene = await prepare();
  const { city, ethers, lessee, merchant } = scene;
  const { redemption, token } = city;
  expect(await redemption.feeBp()).to.equal(BigInt(given.feeBp));
  const { price, faceValue } = await redemption.itemOf(ITEM);
  expect(faceValue).to.equal(BigInt(given.face));
  for (let count = 0; count < given.used; count += 1) {
    const voucherId = await redemption.connect(lessee).redeem.staticCall(ITEM, price);
    await redemption.connect(lessee).redeem(ITEM, price);
    const use = { voucherId, merchant: merchant.address, nonce: randomNonce(), deadline: FOREVER };
    const signature = await signUse(city, lessee, use);
    await redemption.connect(merchant).consume(voucherId, use.nonce, FOREVER, signature);
  }
  const settled = await redemption.connect(merchant).settle(merchant);
  const [gross, fee, net] = [wanted.gross, wanted.fee, wanted.merchantReceives].map(BigInt) as [bigint, bigint, bigint];
  await expect(settled).to.emit(redemption, "MerchantSettled").withArgs(merchant, merchant, gross, fee, net);
  await expect(settled).to.changeTokenBalances(ethers, token, [merchant, redemption], [net, -net]);
  expect(await redemption.creditOf(await redemption.feeAccount())).to.equal(fee);
  const second = await redemption.connect(merchant).settle.staticCall(merchant);
  expect(`pays ${second}`).to.equal(wanted.second);
  await expect(redemption.connect(merchant).settle(merchant)).to.changeTokenBalance(ethers, token, merchant, 0n);
};

const W21 = async ({
  given,
  when,
  expect: wanted,
}: Read<
  { lot: { g: string; state: string }; proposed: string },
  { calls: string[] },
  { result: string[] }
>): Promise<void> => {
  const scene = await prepare();
  const { city, driverCalls, gatekeeperCalls } = scene;
  const { wasteLots } = city;
  const lotId = await collect(scene, BigInt(given.lot.g));
  await deliver(scene, lotId);
  const lot = await wasteLots.lotOf(lotId);
  expect({ g: lot.grams.toString(), state: nameIn(LotState, lot.state) }).to.deep.equal(given.lot);
  const proposed = BigInt(given.proposed);
  const before = await wasteLots.totals();
  const calls: Readonly<Record<string, () => Promise<string>>> = {
    "propose by collector": async () => {
      await wasteLots.connect(driverCalls).proposeRevision(lotId, proposed, NOTHING);
      return `lot still ${(await wasteLots.lotOf(lotId)).grams}`;
    },
    "approve by facility": async () => {
      await expect(wasteLots.connect(gatekeeperCalls).approveRevision(lotId, proposed))
        .to.emit(wasteLots, "Revised")
        .withArgs(lotId, FACILITY, lot.grams, proposed);
      const { grams } = await wasteLots.lotOf(lotId);
      const { collected } = await wasteLots.totals();
      return `lot ${grams}, Correction event links old and new, totals +${collected - before.collected}`;
    },
    "propose after processing": async () => {
      await wasteLots.connect(gatekeeperCalls).finalise(lotId, operationOf("R3"), NOTHING);
      const { name, args } = await refusal(wasteLots.connect(driverCalls).proposeRevision(lotId, 1n, NOTHING));
      expect(args).to.deep.equal([lotId, LotState.Final]);
      return `revert ${name.replace("WasteLots", "")}`;
    },
  };
  const results: string[] = [];
  for (const call of when.calls) results.push(await calls[call]!());
  expect(results).to.deep.equal(wanted.result);
};

// A test reads the fields that its own case has.
const tests = { W01, W02, W04, W05, W06, W07, W08, W11, W12, W13, W14, W16, W18, W21 } as unknown as Readonly<
  Record<string, (agreed: Case) => Promise<void>>
>;

describe("Waste cases", () => {
  if (agreedCases === undefined) {
    it("stand in ../shared/cases, which this clone lacks");
    return;
  }
  const { cases } = agreedCases;

  it("have a test for each", () => {
    expect(Object.keys(tests)).to.deep.equal(cases.map((agreed) => agreed.id));
  });

  for (const agreed of cases) {
    it(`${agreed.id}: ${agreed.title}`, async () => tests[agreed.id]!(agreed));
  }
});
