import { expect } from "chai";
import { concat, type ContractTransactionResponse, id, keccak256, toBeHex, Wallet, ZeroAddress } from "ethers";
import { network } from "hardhat";

import {
  buildReading,
  Category,
  leaseModel,
  LeaseState,
  type LogEntry,
  logLeaf,
  NO_PERMIT,
  type Offer,
  packIdOf,
  type Reading,
  signOffer,
  signPermit,
  signReading,
  signReturnReceipt,
  Status,
  textHash,
  withNonce,
} from "../../sdk/index.js";
import { DAY_WIDTH, DayLog, verifyProof } from "../../sdk/merkle.js";
import { type Case, readCases, seconds } from "./utils/cases.js";
import {
  fund,
  type Leasing,
  leasingCity,
  offerOf,
  packData,
  registerPack,
  startLease,
  submitReading,
} from "./utils/leasing.js";

/** A case with the fields that its test reads. */
interface Read<Given, When, Expect> extends Case {
  readonly given: Given;
  readonly when: When;
  readonly expect: Expect;
}

interface Run {
  readonly scene: Leasing;
  /** The case file's base terms, with the case's own. */
  readonly offer: Offer;
  readonly startedAt: bigint;
  /** An instant as the case writes it. */
  instant(expression: string): bigint;
}

// Acts that the cases put in the same second happen in the same second.
const { networkHelpers } = await network.create({ override: { allowBlocksWithSameTimestamp: true } });
const { time } = networkHelpers;

const agreedCases = readCases("battery");

const base = {
  period: term("period"),
  periods: term("periods"),
  rent: term("rent"),
  deposit: term("deposit"),
  includedWh: term("includedWhPerPeriod"),
  overagePerKWh: term("overagePerKWh"),
  minSohBp: term("minSohBp"),
  grace: term("grace"),
  lateFee: term("lateFee"),
  earlyFee: term("earlyFee"),
  buyoutStart: term("buyoutStart"),
  buyoutResidual: term("buyoutResidual"),
  claimWindow: term("returnClaimWindow"),
  arbiterWindow: term("arbiterWindow"),
  defaultAfter: term("defaultAfter"),
};

const DAY = 86_400n;

function term(name: string): bigint {
  // Without the file no case runs.
  if (agreedCases === undefined) return 0n;
  const value = agreedCases.baseTerms[name];
  if (value === undefined) throw new Error(`the base terms have no ${name}`);
  return BigInt(value);
}

/** The stage of one case, a while before its lease starts. */
async function prepare(changes: Partial<Offer> = {}): Promise<Run> {
  const scene = await networkHelpers.loadFixture(leasingCity);
  const offer = await offerOf(scene, { ...base, ...changes });
  const startedAt = BigInt(await time.latest()) + DAY;
  const names = { start: startedAt, period: offer.period, grace: offer.grace };
  return { scene, offer, startedAt, instant: (expression) => seconds(expression, names) };
}

/** As case B01 leaves it: one period paid at the start. */
async function begin(changes: Partial<Offer> = {}, paidPeriods = 1n): Promise<Run & { leaseId: bigint }> {
  const run = await prepare(changes);
  const leaseId = await startLease(run.scene, run.offer, { startedAt: run.startedAt, paidPeriods });
  return { ...run, leaseId };
}

/** Sends in a block of exactly this second. */
async function sendAt<Result>(timestamp: bigint, send: () => Promise<Result>): Promise<Result> {
  await time.setNextBlockTimestamp(timestamp);
  return send();
}

/** What an account gains by a call. */
async function gain(
  { city }: Leasing,
  account: string,
  call: () => Promise<ContractTransactionResponse>,
): Promise<bigint> {
  const before = await city.token.balanceOf(account);
  await call();
  return (await city.token.balanceOf(account)) - before;
}

/** Sum of the rent credited by the events of one lease. */
async function creditedRent({ city }: Leasing, leaseId: bigint): Promise<bigint> {
  const events = await city.lease.queryFilter(city.lease.filters.RentCredited(leaseId));
  return events.reduce((sum, { args }) => sum + args.amount, 0n);
}

/** Money that the book holds. */
async function bookHolds({ city }: Leasing): Promise<bigint> {
  return city.token.balanceOf(city.lease);
}

/** One reading that brings the pack's use in the lease to `usedWh`. */
async function readUse(scene: Leasing, offer: Offer, counter: bigint, usedWh: bigint): Promise<void> {
  const { packId } = scene;
  const takenAt = BigInt(await time.latest());
  await submitReading(scene, { packId, counter, takenAt, throughputWh: offer.startWh + usedWh, sohBp: 9_000n });
}

// --- one test for each case

const B01 = async ({
  given,
  when,
  expect: wanted,
}: Read<
  { lesseeBalance: string; allowance: string },
  { at: string },
  {
    lesseeDelta: string;
    bookBalanceDelta: string;
    depositHeld: string;
    paid: string;
    lessorClaimable: string;
    userExpires: string;
    events: string[];
  }
>): Promise<void> => {
  const { scene, offer, startedAt, instant } = await prepare();
  const { city, actors, lessor, lessee, packId, ethers } = scene;
  await city.token.connect(actors.treasury).mint(lessee, BigInt(given.lesseeBalance));
  expect(await city.token.allowance(lessee, city.lease)).to.equal(BigInt(given.allowance));
  const signature = await signOffer(city, lessor, offer);
  const permit = await signPermit(city, lessee, { value: offer.deposit + offer.rent, deadline: offer.deadline });

  const accepted = await sendAt(instant(when.at), async () =>
    city.lease.connect(lessee).accept(offer, signature, permit),
  );
  await expect(accepted).to.changeTokenBalances(
    ethers,
    city.token,
    [lessee, city.lease],
    [BigInt(wanted.lesseeDelta), BigInt(wanted.bookBalanceDelta)],
  );
  const expires = instant(wanted.userExpires);
  const emitted = {
    UpdateUser: expect(accepted).to.emit(city.pack, "UpdateUser").withArgs(packId, lessee, expires),
    LeaseStarted: expect(accepted)
      .to.emit(city.lease, "LeaseStarted")
      .withArgs(1n, packId, lessee, (started: Offer) => started.deposit === BigInt(wanted.depositHeld)),
    Transfer: expect(accepted)
      .to.emit(city.token, "Transfer")
      .withArgs(lessee, city.lease, -BigInt(wanted.lesseeDelta)),
  };
  expect(Object.keys(emitted)).to.deep.equal(wanted.events);
  await Promise.all(Object.values(emitted));

  const { paidPeriods, rent, startedAt: start } = await city.lease.leaseOf(1n);
  expect(start).to.equal(startedAt);
  expect(paidPeriods * rent).to.equal(BigInt(wanted.paid));
  expect((await bookHolds(scene)) - paidPeriods * rent).to.equal(BigInt(wanted.depositHeld));
  expect(await city.lease.balanceOf(lessor)).to.equal(BigInt(wanted.lessorClaimable));
  expect(await city.pack.userOf(packId)).to.equal(lessee.address);
  expect(await city.pack.userExpires(packId)).to.equal(expires);
  expect(await city.lease.stateOf(1n)).to.equal(LeaseState.Active);
};

const B02 = async ({
  when,
  expect: wanted,
}: Read<unknown, { at: string }, { lessorReceives: string; bookHolds: string }>): Promise<void> => {
  const { scene, leaseId, instant } = await begin();
  const { city, lessor } = scene;
  const received = await gain(scene, lessor.address, async () =>
    sendAt(instant(when.at), async () => city.lease.connect(lessor).withdraw([leaseId], lessor)),
  );
  expect(received).to.equal(BigInt(wanted.lessorReceives));
  expect(await bookHolds(scene)).to.equal(BigInt(wanted.bookHolds));
};

const B03 = async ({
  given,
  when,
  expect: wanted,
}: Read<{ rentPerPeriod: string }, { at: string[] }, { accrued: string[] }>): Promise<void> => {
  const rent = BigInt(given.rentPerPeriod);
  const { scene, leaseId, startedAt, offer, instant } = await begin({ rent });
  const { city } = scene;
  for (const [index, at] of when.at.entries()) {
    const timestamp = instant(at);
    const accrued = BigInt(wanted.accrued[index]!);
    await sendAt(timestamp, async () => city.lease.credit([leaseId]));
    expect((await city.lease.owedOf(leaseId)).accrued).to.equal(accrued);
    expect(await creditedRent(scene, leaseId)).to.equal(accrued);
    expect(leaseModel.earnedDown(rent, offer.period, timestamp - startedAt, 0n)).to.equal(accrued);
  }
};

const B04 = async ({
  given,
  when,
  expect: wanted,
}: Read<{ rentPerPeriod: string }, { checkpointAt: string[] }, { sumOfCredits: string }>): Promise<void> => {
  const rent = BigInt(given.rentPerPeriod);
  for (const checkpoints of [when.checkpointAt, when.checkpointAt.slice(-1)]) {
    const { scene, leaseId, startedAt } = await begin({ rent });
    const { city, lessor } = scene;
    for (const checkpoint of checkpoints) {
      await sendAt(startedAt + BigInt(checkpoint), async () => city.lease.credit([leaseId]));
    }
    expect(await creditedRent(scene, leaseId)).to.equal(BigInt(wanted.sumOfCredits));
    expect(await city.lease.balanceOf(lessor)).to.equal(BigInt(wanted.sumOfCredits));
  }
};

const B05 = async ({
  given,
  when,
  expect: wanted,
}: Read<
  { paidPeriods: number },
  { pay: { at: string; s: string }[] },
  { lateFee: string[]; userOfJustBefore: string[] }
>): Promise<void> => {
  for (const [index, { at, s }] of when.pay.entries()) {
    const { scene, leaseId, offer, startedAt, instant } = await begin({}, BigInt(given.paidPeriods));
    const { city, lessor, lessee, packId } = scene;
    await fund(scene, lessee, offer.rent + offer.lateFee);
    const paidAt = instant(at);
    expect(paidAt - startedAt).to.equal(BigInt(s));

    await time.increaseTo(paidAt - 1n);
    expect(await city.pack.userOf(packId)).to.equal(lessee.address);
    await time.increaseTo(paidAt);
    const user = wanted.userOfJustBefore[index]!.startsWith("lessee") ? lessee.address : ZeroAddress;
    expect(await city.pack.userOf(packId)).to.equal(user);

    const lateFee = BigInt(wanted.lateFee[index]!);
    const paid = await sendAt(paidAt, async () => city.lease.connect(lessee).payRent(leaseId, 1n));
    await expect(paid)
      .to.emit(city.lease, "RentPaid")
      .withArgs(leaseId, lessee, 1n, offer.rent + lateFee, lateFee, 0n, 0n, startedAt + 2n * offer.period);
    expect(await city.lease.balanceOf(lessor)).to.equal(lateFee);
    expect(await city.pack.userOf(packId)).to.equal(lessee.address);
  }
};

const B06 = async ({
  given,
  when,
  expect: wanted,
}: Read<
  { paidPeriods: number },
  { at: string; s: string },
  {
    duePeriods: string;
    rentDue: string;
    lateFees: string;
    payToCure: string;
    state: keyof typeof LeaseState;
    afterCure: { userExpires: string; state: keyof typeof LeaseState };
  }
>): Promise<void> => {
  const { scene, leaseId, startedAt, instant } = await begin({}, BigInt(given.paidPeriods));
  const { city, lessee, packId } = scene;
  const curedAt = instant(when.at);
  expect(curedAt - startedAt).to.equal(BigInt(when.s));
  await time.increaseTo(curedAt);
  const owed = await city.lease.owedOf(leaseId);
  expect(owed.duePeriods).to.equal(BigInt(wanted.duePeriods));
  expect(owed.rentDue).to.equal(BigInt(wanted.rentDue));
  expect(owed.lateFees).to.equal(BigInt(wanted.lateFees));
  expect(owed.payToCure).to.equal(BigInt(wanted.payToCure));
  expect(await city.pack.userOf(packId)).to.equal(ZeroAddress);
  expect(await city.lease.stateOf(leaseId)).to.equal(LeaseState[wanted.state]);

  const missed = BigInt(wanted.duePeriods) - BigInt(given.paidPeriods);
  await fund(scene, lessee, BigInt(wanted.payToCure));
  await sendAt(curedAt, async () => city.lease.connect(lessee).payRent(leaseId, missed));
  expect(await city.token.balanceOf(lessee)).to.equal(0n);
  expect(await city.pack.userExpires(packId)).to.equal(instant(wanted.afterCure.userExpires));
  expect(await city.pack.userOf(packId)).to.equal(lessee.address);
  expect(await city.lease.stateOf(leaseId)).to.equal(LeaseState[wanted.afterCure.state]);
  expect((await city.lease.owedOf(leaseId)).payToCure).to.equal(0n);
};

const B07 = async ({
  given,
  expect: wanted,
}: Read<
  { usedWh: string; periodsStarted: number },
  unknown,
  { includedWh: string; overWh: string; charge: string }
>): Promise<void> => {
  const started = BigInt(given.periodsStarted);
  const usedWh = BigInt(given.usedWh);
  const { scene, leaseId, offer, startedAt } = await begin({}, started);
  const { city, lessee } = scene;
  expect(offer.includedWh * started).to.equal(BigInt(wanted.includedWh));
  await readUse(scene, offer, 1n, usedWh);
  const billed = await sendAt(startedAt + started * offer.period, async () => city.lease.billUsage(leaseId, offer));
  const charge = BigInt(wanted.charge);
  await expect(billed).to.emit(city.lease, "UsageBilled").withArgs(leaseId, usedWh, BigInt(wanted.overWh), charge);
  expect((await city.lease.owedOf(leaseId)).overageDue).to.equal(charge);

  await fund(scene, lessee, offer.rent + charge);
  await sendAt(startedAt + started * offer.period, async () => city.lease.connect(lessee).payRent(leaseId, 1n));
  expect(await city.token.balanceOf(lessee)).to.equal(0n);
  expect((await city.lease.owedOf(leaseId)).overageDue).to.equal(0n);
};

const B08 = async ({
  given,
  expect: wanted,
}: Read<
  { sequence: { periodsStarted: number; usedWh: string }[] },
  unknown,
  { charges: string[]; billedOverWhHighWater: string }
>): Promise<void> => {
  const { scene, leaseId, offer, startedAt } = await begin({}, 4n);
  const { city } = scene;
  for (const [index, { periodsStarted, usedWh }] of given.sequence.entries()) {
    await readUse(scene, offer, BigInt(index) + 1n, BigInt(usedWh));
    const billed = await sendAt(startedAt + BigInt(periodsStarted) * offer.period, async () =>
      city.lease.billUsage(leaseId, offer),
    );
    const overWh = leaseModel.overWh(BigInt(usedWh), offer.includedWh, BigInt(periodsStarted));
    await expect(billed)
      .to.emit(city.lease, "UsageBilled")
      .withArgs(leaseId, BigInt(usedWh), overWh, BigInt(wanted.charges[index]!));
  }
  const { usage } = await city.lease.accountsOf(leaseId);
  expect(usage.billedOverWh).to.equal(BigInt(wanted.billedOverWhHighWater));
};

const B09 = async ({
  when,
  expect: wanted,
}: Read<unknown, { cases: { overWh: number; pricePerKWh: number }[] }, { charge: string[] }>): Promise<void> => {
  for (const [index, { overWh, pricePerKWh }] of when.cases.entries()) {
    const { scene, leaseId, offer, startedAt } = await begin({ overagePerKWh: BigInt(pricePerKWh) });
    const { city } = scene;
    const usedWh = offer.includedWh + BigInt(overWh);
    const charge = BigInt(wanted.charge[index]!);
    await readUse(scene, offer, 1n, usedWh);
    const billed = await sendAt(startedAt + offer.period, async () => city.lease.billUsage(leaseId, offer));
    await expect(billed).to.emit(city.lease, "UsageBilled").withArgs(leaseId, usedWh, BigInt(overWh), charge);
    expect((await city.lease.owedOf(leaseId)).overageDue).to.equal(charge);
    expect(leaseModel.overageDown(BigInt(overWh), 0n, BigInt(pricePerKWh))).to.equal(charge);
  }
};

const B10 = async ({
  given,
  expect: wanted,
}: Read<
  { paidPeriods: number; damageClaimAgreed: string },
  unknown,
  {
    accrued: string;
    earlyFee: string;
    refundOfUnearned: string;
    lessorTotalOverLease: string;
    lesseeClaimable: string;
    sum: string;
    bookBalanceAfterBothWithdraw: string;
  }
>): Promise<void> => {
  const paidPeriods = BigInt(given.paidPeriods);
  const { scene, leaseId, offer, startedAt } = await begin({}, paidPeriods);
  const { city, lessor, lessee } = scene;
  const damage = BigInt(given.damageClaimAgreed);
  const earlyFee = BigInt(wanted.earlyFee);
  const endedAt = startedAt + 100n * DAY;
  await readUse(scene, offer, 1n, offer.includedWh);
  await sendAt(endedAt, async () => city.lease.connect(lessee).requestReturn(leaseId));
  expect((await city.lease.owedOf(leaseId)).accrued).to.equal(BigInt(wanted.accrued));

  const confirmed = await sendAt(endedAt, async () => city.lease.connect(lessor).confirmReturn(leaseId, offer));
  const refund = paidPeriods * offer.rent - BigInt(wanted.accrued);
  expect(refund).to.equal(BigInt(wanted.refundOfUnearned));
  await expect(confirmed)
    .to.emit(city.lease, "AccountsClosed")
    .withArgs(leaseId, BigInt(wanted.accrued), 0n, 0n, 0n, earlyFee, offer.deposit + refund - earlyFee);
  await city.lease.connect(lessor).claimDamage(leaseId, damage, id("damage"));
  await expect(city.lease.connect(lessee).acceptClaim(leaseId))
    .to.emit(city.lease, "LeaseSettled")
    .withArgs(leaseId, damage, 0n);
  expect(await city.lease.stateOf(leaseId)).to.equal(LeaseState.Settled);

  const toLessor = await gain(scene, lessor.address, async () => city.lease.connect(lessor).withdraw([], lessor));
  const toLessee = await gain(scene, lessee.address, async () => city.lease.connect(lessee).withdraw([], lessee));
  expect(toLessor).to.equal(BigInt(wanted.lessorTotalOverLease));
  expect(toLessee).to.equal(BigInt(wanted.lesseeClaimable));
  expect(toLessor + toLessee).to.equal(BigInt(wanted.sum));
  expect(await bookHolds(scene)).to.equal(BigInt(wanted.bookBalanceAfterBothWithdraw));
};

/** A lease that ran to its end, all paid, whose pack came back: the book holds the deposit and nothing else. */
async function returnAtEnd(): Promise<Run & { leaseId: bigint; endedAt: bigint }> {
  const run = await begin({}, base.periods);
  const { scene, leaseId, offer, startedAt } = run;
  const { city, lessor, lessee } = scene;
  const endedAt = startedAt + offer.period * offer.periods;
  await sendAt(endedAt - 1n, async () => city.lease.connect(lessee).requestReturn(leaseId));
  await sendAt(endedAt, async () => city.lease.connect(lessor).confirmReturn(leaseId, offer));
  await city.lease.connect(lessor).withdraw([], lessor);
  return { ...run, endedAt };
}

const B11 = async ({
  given,
  expect: wanted,
}: Read<
  { depositHeld: string; claim: string },
  unknown,
  {
    releasedAtOnceToLessee: string;
    afterRuling: { lessor: string; lessee: string };
    ifNoRulingIn: string;
    ifNoClaimIn: string;
    ifLessorNeverConfirms: string;
  }
>): Promise<void> => {
  const held = BigInt(given.depositHeld);
  const claim = BigInt(given.claim);
  const award = BigInt(wanted.afterRuling.lessor);
  const released = BigInt(wanted.releasedAtOnceToLessee);

  const dispute = async () => {
    const run = await returnAtEnd();
    const { scene, leaseId, endedAt } = run;
    const { city, lessor, lessee } = scene;
    expect(await bookHolds(scene)).to.equal(held);
    await sendAt(endedAt + 1n, async () => city.lease.connect(lessor).claimDamage(leaseId, claim, id("damage")));
    expect(await city.lease.balanceOf(lessee)).to.equal(released);
    await sendAt(endedAt + 2n, async () => city.lease.connect(lessee).disputeClaim(leaseId, id("defence")));
    expect(await city.lease.stateOf(leaseId)).to.equal(LeaseState.Disputed);
    return { ...run, disputedAt: endedAt + 2n };
  };

  // The arbiter rules: 0 <= award <= claim.
  for (const ruling of [award, 0n, claim]) {
    const { scene, leaseId } = await dispute();
    const { city, actors, lessor, lessee } = scene;
    const arbiter = city.lease.connect(actors.arbiter);
    await expect(arbiter.rule(leaseId, claim + 1n))
      .to.be.revertedWithCustomError(city.lease, "BatteryLeaseBadAmount")
      .withArgs(leaseId, claim + 1n, claim);
    await arbiter.rule(leaseId, ruling);
    expect(await city.lease.balanceOf(lessor)).to.equal(ruling);
    expect(await city.lease.balanceOf(lessee)).to.equal(released + claim - ruling);
    if (ruling === award) expect(claim - ruling).to.equal(BigInt(wanted.afterRuling.lessee));
  }

  // The arbiter is silent.
  {
    const [span, sum] = daysAndEuros(wanted.ifNoRulingIn);
    const { scene, leaseId, disputedAt } = await dispute();
    const { city, actors, lessee } = scene;
    await expect(sendAt(disputedAt + span, async () => city.lease.settle(leaseId)))
      .to.be.revertedWithCustomError(city.lease, "BatteryLeaseTooEarly")
      .withArgs(leaseId, disputedAt + span, disputedAt + span + 1n);
    const late = sendAt(disputedAt + span + 1n, async () => city.lease.connect(actors.arbiter).rule(leaseId, award));
    await expect(late)
      .to.be.revertedWithCustomError(city.lease, "BatteryLeaseTooLate")
      .withArgs(leaseId, disputedAt + span + 1n, disputedAt + span);
    await sendAt(disputedAt + span + 1n, async () => city.lease.settle(leaseId));
    expect(await city.lease.balanceOf(lessee)).to.equal(released + sum);
  }

  // The lessor claims nothing.
  {
    const [span, sum] = daysAndEuros(wanted.ifNoClaimIn);
    const { scene, leaseId, endedAt } = await returnAtEnd();
    const { city, lessor, lessee } = scene;
    await expect(sendAt(endedAt + span, async () => city.lease.settle(leaseId)))
      .to.be.revertedWithCustomError(city.lease, "BatteryLeaseTooEarly")
      .withArgs(leaseId, endedAt + span, endedAt + span + 1n);
    const late = sendAt(endedAt + span + 1n, async () =>
      city.lease.connect(lessor).claimDamage(leaseId, claim, id("damage")),
    );
    await expect(late)
      .to.be.revertedWithCustomError(city.lease, "BatteryLeaseTooLate")
      .withArgs(leaseId, endedAt + span + 1n, endedAt + span);
    await sendAt(endedAt + span + 1n, async () => city.lease.settle(leaseId));
    expect(await city.lease.balanceOf(lessee)).to.equal(sum);
    expect(await city.lease.balanceOf(lessor)).to.equal(0n);
  }

  // The lessor never confirms: the bay took the pack and signs for it.
  {
    const [span] = daysAndEuros(wanted.ifLessorNeverConfirms);
    const { scene, leaseId, offer, startedAt } = await begin({}, base.periods);
    const { city, bay, lessee, packId } = scene;
    const requestedAt = startedAt + offer.period * offer.periods;
    await sendAt(requestedAt, async () => city.lease.connect(lessee).requestReturn(leaseId));
    const receipt = withNonce({
      leaseId,
      packId,
      bay: bay.address,
      receivedAt: requestedAt,
      deadline: requestedAt + 2n * span,
    });
    const signature = await signReturnReceipt(city, bay, receipt);
    await sendAt(requestedAt + span, async () =>
      city.lease.connect(lessee).confirmReturnByReceipt(offer, receipt, signature),
    );
    expect(await city.lease.stateOf(leaseId)).to.equal(LeaseState.Returned);
    await sendAt(requestedAt + span + offer.claimWindow + 1n, async () => city.lease.settle(leaseId));
    expect(await city.lease.balanceOf(lessee)).to.equal(held);
  }
};

/** The span of `30 days -> 300 to lessee` in seconds, and its sum, if it names one, in token units. */
function daysAndEuros(text: string): [span: bigint, sum: bigint] {
  const [, days, euros] = /^(\d+) days(?:.*-> (\d+) to lessee)?/.exec(text) ?? [];
  if (days === undefined) throw new Error(`no span in: ${text}`);
  return [BigInt(days) * DAY, BigInt(euros ?? 0) * 1_000_000n];
}

const B12 = async ({
  expect: wanted,
}: Read<
  unknown,
  unknown,
  { sellerClaimable: string; buyerClaimable: string; depositHeld: string; buyerSetUser: string }
>): Promise<void> => {
  const { scene, leaseId, startedAt, instant } = await begin();
  const { city, lessor, lessee, buyer, packId } = scene;
  const expires = await city.pack.userExpires(packId);
  await sendAt(instant("start+15d"), async () => city.pack.connect(lessor).transferFrom(lessor, buyer, packId));
  expect(await city.pack.ownerOf(packId)).to.equal(buyer.address);
  expect(await city.pack.userOf(packId)).to.equal(lessee.address);
  expect(await city.pack.userExpires(packId)).to.equal(expires);
  expect(wanted.buyerSetUser).to.equal("revert LeaseActive");
  await expect(city.pack.connect(buyer).setUser(packId, buyer, expires))
    .to.be.revertedWithCustomError(city.pack, "BatteryPackLeased")
    .withArgs(packId, leaseId);

  const paidAt = startedAt + 30n * DAY;
  const toSeller = await gain(scene, lessor.address, async () =>
    sendAt(paidAt, async () => city.lease.connect(lessor).withdraw([leaseId], lessor)),
  );
  const toBuyer = await gain(scene, buyer.address, async () =>
    sendAt(paidAt, async () => city.lease.connect(buyer).withdraw([leaseId], buyer)),
  );
  expect(toSeller).to.equal(BigInt(wanted.sellerClaimable));
  expect(toBuyer).to.equal(BigInt(wanted.buyerClaimable));
  expect(await bookHolds(scene)).to.equal(BigInt(wanted.depositHeld));
  expect(await city.pack.userOf(packId)).to.equal(lessee.address);
};

/** A reading of case B19: what it leaves out is good. */
interface CaseReading {
  readonly ctr: number;
  readonly at?: number | string;
  readonly throughputWh?: number;
  readonly sohBp?: number;
  readonly sig?: string;
}

const B19 = async ({
  given,
  when,
  expect: wanted,
}: Read<
  { last: { ctr: number; at: number; throughputWh: number } },
  { readings: CaseReading[] },
  { result: string[] }
>): Promise<void> => {
  const scene = await networkHelpers.loadFixture(leasingCity);
  const { city, device, packId } = scene;
  const last = buildReading({
    packId,
    counter: BigInt(given.last.ctr),
    takenAt: BigInt(given.last.at),
    throughputWh: BigInt(given.last.throughputWh),
    sohBp: 10_176n,
  });
  await submitReading(scene, last);
  const before = await city.telemetry.stateOf(packId);
  const sentAt = BigInt(await time.latest()) + DAY;

  for (const [index, { ctr, at, throughputWh, sohBp, sig }] of when.readings.entries()) {
    const reading: Reading = {
      ...last,
      counter: BigInt(ctr),
      takenAt: typeof at === "string" ? seconds(at, { block: sentAt }) : BigInt(at ?? last.takenAt),
      throughputWh: BigInt(throughputWh ?? last.throughputWh),
      sohBp: BigInt(sohBp ?? last.sohBp),
    };
    const signer = sig === "other key" ? new Wallet(id("another device")) : device;
    const signed = await signReading(city, signer, reading);
    const sent = sendAt(sentAt, async () => city.telemetry.submit(signed));
    const result = wanted.result[index]!;
    const args: Readonly<Record<string, unknown[]>> = {
      CounterNotIncreasing: [reading.counter, last.counter],
      ThroughputDecreased: [reading.throughputWh, last.throughputWh],
      TimeBackwards: [reading.takenAt, last.takenAt],
      TimeInFuture: [reading.takenAt, sentAt + 300n],
      OutOfRange: [reading.sohBp, 12_000n],
      BadDeviceSignature: [device.address],
    };
    const faultArgs = args[result];
    if (faultArgs !== undefined) {
      await expect(sent)
        .to.be.revertedWithCustomError(city.telemetry, `BatteryTelemetry${result}`)
        .withArgs(packId, ...faultArgs);
      expect(await city.telemetry.stateOf(packId)).to.deep.equal(before);
    } else {
      const missed = /^accepted; gap event missed=(\d+)$/.exec(result)?.[1];
      expect(missed, result).not.to.equal(undefined);
      await expect(sent)
        .to.emit(city.telemetry, "ReadingGap")
        .withArgs(packId, reading.counter, BigInt(missed!))
        .and.to.emit(city.telemetry, "ReadingAccepted")
        .withArgs(
          packId,
          reading.counter,
          reading.takenAt,
          reading.throughputWh,
          reading.remainingWh,
          reading.fullCycles,
          reading.sohBp,
          reading.maxTempDK,
          reading.flags,
          reading.logRoot,
        );
      const state = await city.telemetry.stateOf(packId);
      expect([state.counter, state.takenAt, state.throughputWh]).to.deep.equal([
        reading.counter,
        reading.takenAt,
        reading.throughputWh,
      ]);
    }
  }
};

const B20 = async ({
  given,
  expect: wanted,
}: Read<
  { day: number; leaves: number; paddedTo: number },
  { call: string },
  { ok: boolean; flipOneBit: boolean; sameDayRootTwice: string }
>): Promise<void> => {
  const { city, actors, packId } = await networkHelpers.loadFixture(leasingCity);
  const telemetry = city.telemetry.connect(actors.collector);
  const day = BigInt(given.day);
  const minutes = (of: string): LogEntry[] =>
    Array.from({ length: given.leaves }, (_, minute) => ({
      packId,
      counter: BigInt(minute) + 1n,
      takenAt: day * DAY + 60n * BigInt(minute),
      payloadHash: id(`${of} ${minute}`),
    }));
  expect(DAY_WIDTH).to.equal(given.paddedTo);
  const log = new DayLog(minutes("payload"));
  await telemetry.commitDayRoot(packId, day, log.root, given.leaves);

  for (const minute of [0, 1, 719, given.leaves - 1]) {
    const entry = log.entries[minute]!;
    const proof = log.proofOf(minute);
    expect(proof).to.have.lengthOf(11);
    expect(await telemetry.verifyEntry(day, 0n, entry, proof)).to.equal(wanted.ok);

    // One bit of the payload, of the proof.
    const flip = (word: string): string => toBeHex(BigInt(word) ^ (1n << 128n), 32);
    const flipped = { ...entry, payloadHash: flip(entry.payloadHash) };
    expect(await telemetry.verifyEntry(day, 0n, flipped, proof)).to.equal(wanted.flipOneBit);
    expect(await telemetry.verifyEntry(day, 0n, entry, proof.with(5, flip(proof[5]!)))).to.equal(wanted.flipOneBit);

    // The node above the leaf stands in the tree, but there is no entry for which it could be taken.
    const [sibling, ...above] = proof as [string, ...string[]];
    const leaf = logLeaf(entry);
    const node = nodeOf(leaf, sibling);
    expect(verifyProof(log.root, node, above)).to.equal(true);
    expect(await telemetry.verifyEntry(day, 0n, entry, above)).to.equal(false);
    expect(await telemetry.verifyEntry(day, 0n, entry, [sibling, leaf, ...above])).to.equal(false);
  }

  expect(wanted.sameDayRootTwice).to.equal("revert AlreadyCommitted");
  await expect(telemetry.commitDayRoot(packId, day, log.root, given.leaves))
    .to.be.revertedWithCustomError(city.telemetry, "BatteryTelemetryAlreadyCommitted")
    .withArgs(log.root);

  const corrected = new DayLog(minutes("corrected"));
  await expect(telemetry.correctDayRoot(packId, day, 0n, corrected.root, id("reason")))
    .to.emit(city.telemetry, "DayRootCorrected")
    .withArgs(packId, day, 1n, 0n, corrected.root, id("reason"));
  expect(await telemetry.dayRoot(packId, day, 0n)).to.equal(log.root);
  expect(await telemetry.dayRoot(packId, day, 1n)).to.equal(corrected.root);
  expect(await telemetry.verifyEntry(day, 0n, log.entries[7]!, log.proofOf(7))).to.equal(true);
  expect(await telemetry.verifyEntry(day, 1n, corrected.entries[7]!, corrected.proofOf(7))).to.equal(true);
  expect(await telemetry.verifyEntry(day, 1n, log.entries[7]!, log.proofOf(7))).to.equal(false);
};

/** The node above two leaves. */
function nodeOf(a: string, b: string): string {
  return keccak256(concat(a < b ? [a, b] : [b, a]));
}

const B24 = async ({
  given,
  expect: wanted,
}: Read<
  { packMassG: string; outputsG: Record<string, string>; lossG: string },
  unknown,
  {
    inputEqualsOutputsPlusLoss: boolean;
    recyclingEfficiencyBp: string;
    packState: keyof typeof Status;
    locked: boolean;
    newLease: string;
  }
>): Promise<void> => {
  const scene = await networkHelpers.loadFixture(leasingCity);
  const { city, actors, operator, lessor, lessee, device, packId } = scene;
  const massGrams = BigInt(given.packMassG);
  const lossGrams = BigInt(given.lossG);
  const outputs = Object.entries(given.outputsG).map(([material, mass]) => ({
    material: textHash(material),
    massGrams: BigInt(mass),
    recovered: material !== "residue",
  }));
  const sum = outputs.reduce((total, output) => total + output.massGrams, lossGrams);
  expect(sum === massGrams).to.equal(wanted.inputEqualsOutputsPlusLoss);

  await city.pack.connect(lessor).markWaste(packId);
  await city.pack.connect(lessor).transferFrom(lessor, actors.recycler, packId);
  const recycler = city.pack.connect(actors.recycler);
  await expect(recycler.recycle(packId, id("lot"), massGrams, outputs, lossGrams + 1n))
    .to.be.revertedWithCustomError(city.pack, "BatteryPackMassMismatch")
    .withArgs(massGrams, massGrams + 1n);
  const recovered = outputs.reduce((total, output) => total + (output.recovered ? output.massGrams : 0n), 0n);
  await expect(recycler.recycle(packId, id("lot"), massGrams, outputs, lossGrams))
    .to.emit(city.pack, "Recycled")
    .withArgs(
      packId,
      id("lot"),
      massGrams,
      recovered,
      lossGrams,
      BigInt(wanted.recyclingEfficiencyBp),
      outputs.map(({ material, massGrams: mass, recovered: back }) => [material, mass, back]),
    )
    .and.to.emit(city.pack, "Locked")
    .withArgs(packId);
  expect((await city.pack.packOf(packId)).status).to.equal(Status[wanted.packState]);
  expect(await city.pack.locked(packId)).to.equal(wanted.locked);

  expect(wanted.newLease).to.equal("revert PackRetired");
  const offer = await offerOf(scene, { ...base, lessor: actors.recycler.address });
  await fund(scene, lessee, offer.deposit + offer.rent);
  const signature = await signOffer(city, actors.recycler, offer);
  await expect(city.lease.connect(lessee).accept(offer, signature, NO_PERMIT))
    .to.be.revertedWithCustomError(city.pack, "BatteryPackRetired")
    .withArgs(packId, Status[wanted.packState]);

  // Second life instead: a new passport, linked both ways.
  const oldId = await registerPack(scene, "CV-0002", operator.address);
  const data = { ...packData("CV-0002/2", device.address), category: Category.Stationary };
  const newId = packIdOf(data.serialHash);
  await city.pack.connect(operator).repurpose([oldId], lessor, data, Status.Repurposed);
  expect(await city.pack.predecessorsOf(newId)).to.deep.equal([oldId]);
  expect(await city.pack.successorOf(oldId)).to.equal(newId);
  expect((await city.pack.packOf(oldId)).status).to.equal(Status.Superseded);
  expect((await city.pack.packOf(newId)).status).to.equal(Status.Repurposed);
  expect(await city.pack.locked(oldId)).to.equal(true);
};

// A test reads the fields that its own case has.
const tests = { B01, B02, B03, B04, B05, B06, B07, B08, B09, B10, B11, B12, B19, B20, B24 } as unknown as Readonly<
  Record<string, (agreed: Case) => Promise<void>>
>;

describe("Battery cases", () => {
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
