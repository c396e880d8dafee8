import { expect } from "chai";
import { id, type Result } from "ethers";
import { network } from "hardhat";

import {
  LeaseAccount,
  leaseModel,
  LeaseState,
  type Offer,
  randomNonce,
  signHealthCertificate,
} from "../../sdk/index.js";
import type { Connection } from "./utils/city.js";
import { fund, type Leasing, leasingCity, offerOf, startLease, submitReading } from "./utils/leasing.js";
import { Random } from "./utils/random.js";

/** The contract's formulas against the SDK's twin: the same inputs, the same result or the same failure. */

const DEEP = process.env.CIVITAS_DEEP === "1";
/** Inputs tried for each formula. */
const INPUTS = DEEP ? 20_000 : 1_000;
/** Formulas evaluated in one call of the node. */
const BATCH = 250;
const WALKS = DEEP ? 500 : 32;
const STEPS = 40;

const DAY = 86_400n;
const MAX_TERM = 50n * 365n * DAY;
const ACCOUNT_FIELDS = [
  "rent",
  "period",
  "elapsed",
  "paidPeriods",
  "credited",
  "rebateCovered",
  "rebateElapsed",
  "rebateTaken",
  "deposit",
  "overage",
  "lateFees",
  "earlyFee",
] as const;

// Acts of one step share a second.
const { networkHelpers } = await network.create({ override: { allowBlocksWithSameTimestamp: true } });
const { time } = networkHelpers;

/** Inputs of one formula that a lease can meet, and its twin. */
interface Formula {
  lifelike(random: Random): bigint[];
  twin(args: readonly bigint[]): Outcome;
}

type Outcome = bigint | leaseModel.Statement;

function formula(twin: (...args: never[]) => Outcome, lifelike: (random: Random) => bigint[]): Formula {
  return { lifelike, twin: (args) => (twin as (...args: readonly bigint[]) => Outcome)(...args) };
}

/** Terms that the book accepts, and an instant in them that is often beside a due date or the end of a grace span. */
function lifelikeTerms(random: Random) {
  const period = random.pick([3_600n, DAY, 30n * DAY, 366n * DAY, random.between(3_600n, 366n * DAY)]);
  const most = MAX_TERM / period < 65_535n ? MAX_TERM / period : 65_535n;
  const periods = random.pick([1n, 2n, 12n, most, random.between(1n, most)]);
  const term = period * (periods < most ? periods : most);
  const grace = random.pick([0n, 1n, 5n * DAY, 365n * DAY, random.between(0n, 365n * DAY)]);
  const due = period * random.between(0n, term / period);
  const elapsed = random.pick([random.around([0n, due, due + grace, term]), random.between(0n, term)]);
  return { period, periods: term / period, term, grace, elapsed: elapsed < term ? elapsed : term };
}

/** A rent whose sum over the term fits 96 bits. */
function lifelikeRent(random: Random, periods: bigint): bigint {
  return 1n + random.edgy(96n) / (periods + 1n);
}

const formulas: Readonly<Record<string, Formula>> = {
  earnedDown: formula(leaseModel.earnedDown, (random) => {
    const { period, periods, elapsed } = lifelikeTerms(random);
    const rent = lifelikeRent(random, periods);
    return [rent, period, elapsed, random.pick([0n, rent * elapsed, random.between(0n, rent * elapsed)])];
  }),
  rebateThrough: formula(
    (start: bigint, perPeriod: bigint, since: bigint, until: bigint, timestamp: bigint) =>
      leaseModel.rebateThrough({ base: start, perPeriod, since, until }, timestamp),
    (random) => {
      const since = random.bits(40n);
      const until = random.pick([0n, since, since + random.bits(31n)]);
      return [random.edgy(128n), random.edgy(96n), since, until, random.around([since, until, random.bits(40n)])];
    },
  ),
  dueCount: formula(leaseModel.dueCount, (random) => {
    const { elapsed, period, periods } = lifelikeTerms(random);
    return [elapsed, period, periods];
  }),
  lateCount: formula(leaseModel.lateCount, (random) => {
    const { elapsed, period, periods, grace } = lifelikeTerms(random);
    return [elapsed, period, periods, grace];
  }),
  startedCount: formula(leaseModel.startedCount, (random) => {
    const { elapsed, period, periods } = lifelikeTerms(random);
    return [elapsed, period, periods];
  }),
  overWh: formula(leaseModel.overWh, (random) => {
    const includedWh = random.edgy(48n);
    const started = random.between(1n, 65_535n);
    return [random.around([includedWh * started, random.edgy(48n)]), includedWh, started];
  }),
  overageDown: formula(leaseModel.overageDown, (random) => {
    const billed = random.edgy(48n);
    return [random.around([billed, billed + random.edgy(20n)]), billed, random.edgy(96n)];
  }),
  buyoutPriceDown: formula(leaseModel.buyoutPriceDown, (random) => {
    const { term, elapsed } = lifelikeTerms(random);
    const start = random.edgy(96n);
    return [start, random.pick([0n, start, random.between(0n, start)]), term, elapsed];
  }),
  earlyFeeDown: formula(leaseModel.earlyFeeDown, (random) => {
    const { term, elapsed } = lifelikeTerms(random);
    return [random.edgy(96n), term, elapsed];
  }),
  abatedRentDown: formula(leaseModel.abatedRentDown, (random) => {
    const minSohBp = random.between(1n, 10_000n);
    return [random.edgy(96n), random.around([0n, minSohBp, random.between(0n, minSohBp)]), minSohBp];
  }),
  close: formula(
    (...args: bigint[]) =>
      leaseModel.close(
        Object.fromEntries(
          ACCOUNT_FIELDS.map((field, index) => [field, args[index]!]),
        ) as unknown as leaseModel.Account,
      ),
    (random) => {
      const { elapsed, period, periods } = lifelikeTerms(random);
      const rent = lifelikeRent(random, periods);
      const paidPeriods = random.pick([1n, periods, random.between(1n, periods)]);
      const covered = elapsed < paidPeriods * period ? elapsed : paidPeriods * period;
      const rebateCovered = random.pick([0n, random.between(0n, rent * covered)]);
      const rebateElapsed = rebateCovered + random.pick([0n, random.between(0n, rent * (elapsed - covered))]);
      const earned = (rent * covered - rebateCovered) / period;
      const credited = random.pick([0n, earned, random.between(0n, earned), random.between(0n, rent * paidPeriods)]);
      const rebateTaken = random.pick([0n, rebateCovered / period]);
      const fee = (): bigint => random.pick([0n, random.edgy(20n), random.edgy(96n)]);
      return [
        rent,
        period,
        elapsed,
        paidPeriods,
        credited,
        rebateCovered,
        rebateElapsed,
        rebateTaken,
        fee(),
        fee(),
        fee(),
        fee(),
      ];
    },
  ),
};

/** Inputs of any size, most of them far beyond what a lease can meet; some equal one another. */
function wild(random: Random, arity: number): bigint[] {
  const args = Array.from({ length: arity }, () => random.edgy(random.pick([16n, 48n, 128n, 256n])));
  if (random.between(0n, 3n) === 0n) args[Number(random.between(0n, BigInt(arity - 1)))] = args[0]!;
  return args;
}

/** What a formula gives, or how it fails, in one text. */
function outcomeOf(run: () => Outcome): string {
  try {
    const result = run();
    if (typeof result === "bigint") return result.toString();
    const { rentCredit, arrears, overage, lateFees, earlyFee, held, shortfall } = result;
    return [rentCredit, arrears, overage, lateFees, earlyFee, held, shortfall].join();
  } catch (error) {
    if (error instanceof leaseModel.ArithmeticError) return "Panic(0x11)";
    if (error instanceof leaseModel.DivisionByZeroError) return "Panic(0x12)";
    throw error;
  }
}

async function deployedHarness({ ethers }: Connection) {
  return ethers.deployContract("LeaseMathHarness");
}

describe("Lease model", () => {
  describe("formulas", () => {
    it("cover every function of the contract's library", async () => {
      const harness = await networkHelpers.loadFixture(deployedHarness);
      const names = harness.interface.fragments.flatMap((fragment) => ("name" in fragment ? [fragment.name] : []));
      expect(Object.keys(formulas).sort()).to.deep.equal(names.filter((name) => name !== "runMany").sort());
    });

    for (const [index, [name, { lifelike, twin }]] of Object.entries(formulas).entries()) {
      it(`${name} equals its twin`, async () => {
        const harness = await networkHelpers.loadFixture(deployedHarness);
        const random = new Random(index);
        const fragment = harness.interface.getFunction(name)!;
        const arity = fragment.inputs[0]!.components?.length ?? fragment.inputs.length;
        let succeeded = 0;
        for (let done = 0; done < INPUTS; done += BATCH) {
          const inputs = Array.from({ length: BATCH }, (_, place) =>
            place % 2 === 0 ? lifelike(random) : wild(random, arity),
          );
          const calls = inputs.map((args) =>
            harness.interface.encodeFunctionData(fragment, name === "close" ? [args] : args),
          );
          const outcomes = (await harness.getFunction("runMany").staticCall(calls)) as [boolean, string][];
          for (const [place, [ok, data]] of outcomes.entries()) {
            const got = ok
              ? flat(harness.interface.decodeFunctionResult(fragment, data)).join()
              : panicOf(harness.interface.parseError(data)?.args);
            const args = inputs[place]!;
            expect(got, `${name}(${args.join(", ")})`).to.equal(outcomeOf(() => twin(args)));
            if (ok) succeeded++;
          }
        }
        // Otherwise the comparison would be one of failures.
        expect(succeeded).to.be.greaterThan(INPUTS / 2);
      });
    }
  });

  describe("whole leases", () => {
    it("never bill the same over-use twice", async () => {
      const offer = await offerOf(await networkHelpers.loadFixture(leasingCity));
      const model = new LeaseAccount(offer, 0n);
      const charges = [
        [1n, 500_000n],
        [3n, 1_150_000n],
        [4n, 1_701_000n],
      ].map(([periods, usedWh]) => {
        model.read(usedWh!);
        return model.bill(periods! * offer.period);
      });
      expect(charges).to.deep.equal([6_000_000n, 0n, 60_000n]);
    });

    for (let seed = 1; seed <= WALKS; seed++) {
      it(`walk ${seed} ends with every unit where the model has it`, async () => walk(new Random(seed)));
    }
  });
});

function flat(value: unknown): string[] {
  return Array.isArray(value) ? (value as unknown[]).flatMap(flat) : [String(value)];
}

function panicOf(args: Result | undefined): string {
  return `Panic(0x${BigInt(String(args?.[0])).toString(16)})`;
}

/** The lease, the contract and the model side by side. */
interface Pair {
  readonly scene: Leasing;
  readonly offer: Offer;
  readonly leaseId: bigint;
  readonly model: LeaseAccount;
  counter: bigint;
  usedWh: bigint;
}

/** Sends in a block of exactly this second: the node's clock runs on meanwhile. */
async function sendAt<Result>(timestamp: bigint, send: () => Promise<Result>): Promise<Result> {
  await time.setNextBlockTimestamp(timestamp);
  return send();
}

/** An act in one second, with both. */
type Step = (pair: Pair, random: Random, now: bigint) => Promise<void>;

/** Pays some periods. */
const pay: Step = async ({ scene, leaseId, model }, random, now) => {
  const left = model.offer.periods - model.paidPeriods;
  if (left === 0n) return;
  const { city, lessee } = scene;
  const count = random.between(1n, left < 2n ? left : 2n);
  const before = await city.token.balanceOf(lessee);
  await sendAt(now, async () => city.lease.connect(lessee).payRent(leaseId, count));
  expect(before - (await city.token.balanceOf(lessee)), "paid").to.equal(model.pay(count, now).amount);
};

const steps: readonly Step[] = [
  // Makes rent withdrawable.
  async ({ scene, leaseId, model }, _random, now) => {
    await sendAt(now, async () => scene.city.lease.credit([leaseId]));
    model.credit(now);
    for (const [account, amount] of model.credits) {
      expect(await scene.city.lease.balanceOf(account), "credited").to.equal(amount);
    }
  },
  // Sells the pack.
  async ({ scene, model }, _random, now) => {
    const { city, lessor, buyer, packId } = scene;
    const [from, to] = model.owner === lessor.address ? [lessor, buyer] : [buyer, lessor];
    await sendAt(now, async () => city.pack.connect(from).transferFrom(from, to, packId));
    model.sell(to.address, now);
  },
  // Uses energy.
  async (pair, random, now) => {
    const { scene, offer, model } = pair;
    pair.counter += 1n;
    pair.usedWh += random.pick([
      0n,
      1n,
      random.between(0n, offer.includedWh),
      random.between(0n, 10n * offer.includedWh + 1_000n),
    ]);
    const throughputWh = offer.startWh + pair.usedWh;
    const reading = { packId: scene.packId, counter: pair.counter, takenAt: now, throughputWh };
    await sendAt(now, async () => submitReading(scene, reading));
    model.read(pair.usedWh);
  },
  // Bills it, when a bill is due.
  async ({ scene, offer, leaseId, model }, _random, now) => {
    if (least(now - model.startedAt, offer.period * offer.periods) / offer.period <= model.billedPeriods) return;
    await sendAt(now, async () => scene.city.lease.billUsage(leaseId, offer));
    model.bill(now);
  },
  // Certifies the pack's health, which starts, deepens or ends an abatement.
  async ({ scene, offer, leaseId, model }, random, now) => {
    const { city, actors, packId } = scene;
    if ((await city.telemetry.healthOf(packId)).testedAt >= now) return;
    // Often a little worse than before.
    const reference = model.abatedSohBp ?? offer.minSohBp;
    const sohBp = random.pick([
      random.between(0n, 10_000n),
      reference - random.between(0n, reference < 300n ? reference : 300n),
    ]);
    const certificate = {
      packId,
      tester: actors.laboratory.address,
      measuredWh: sohBp * 7n,
      testedAt: now,
      methodHash: id("method"),
      nonce: randomNonce(),
      deadline: now,
    };
    const signature = await signHealthCertificate(city, actors.laboratory, certificate);
    await sendAt(now, async () => city.telemetry.certify(certificate, signature));
    const abated = model.abatedSohBp;
    if (sohBp < (abated ?? offer.minSohBp)) {
      if (model.paidThrough < now) return;
      await sendAt(now, async () => city.lease.claimRemedy(leaseId, offer));
      model.abate(sohBp, now);
    } else if (abated !== undefined && sohBp >= offer.minSohBp) {
      await sendAt(now, async () => city.lease.endRemedy(leaseId, offer));
      model.cure(now);
    }
  },
];

async function walk(random: Random): Promise<void> {
  const scene = await networkHelpers.loadFixture(leasingCity);
  const { city, lessee, packId } = scene;
  const offer = await offerOf(scene, {
    rent: random.between(1n, 1n << random.pick([8n, 21n, 23n, 40n])),
    deposit: random.edgy(40n),
    lateFee: random.edgy(30n),
    earlyFee: random.edgy(40n),
    overagePerKWh: random.edgy(random.pick([8n, 24n])),
    includedWh: random.pick([0n, random.between(0n, 400_000n)]),
    cureDuration: random.between(0n, 60n * DAY),
    periods: random.between(1n, 24n),
    grace: random.between(0n, 40n * DAY),
  });
  await fund(scene, lessee, 1n << 60n);
  const startedAt = BigInt(await time.latest()) + DAY;
  const leaseId = await startLease(scene, offer, { startedAt });
  // The pack is rated 70,000 Wh, so a measurement in steps of 7 Wh is one in basis points.
  expect((await city.pack.packOf(packId)).ratedWh).to.equal(70_000n);
  const model = new LeaseAccount(offer, startedAt);
  const pair: Pair = { scene, offer, leaseId, model, counter: 0n, usedWh: 0n };

  let now = startedAt;
  for (let step = 0; step < STEPS; step++) {
    const due = model.paidThrough;
    const next = random.pick([
      now + random.between(0n, 3n),
      now + random.between(0n, 3n * DAY),
      now + random.between(0n, 20n * DAY),
      random.around([due, due + offer.grace, due + offer.period + offer.grace]),
    ]);
    if (next > now) now = next;
    await sendAt(now, async () => networkHelpers.mine());
    // A lessee who pays mostly in time, so that there is a lease to speak of.
    const isDue = model.paidThrough <= now && random.between(0n, 3n) > 0n;
    await (isDue ? pay : random.pick([pay, ...steps]))(pair, random, now);
    await compare(pair, now);
  }
  await finish(pair, now + random.pick([0n, random.between(0n, 20n * DAY), random.between(0n, 400n * DAY)]));
}

/** Compares what the lessee owes and what the book holds. */
async function compare({ scene, leaseId, model }: Pair, now: bigint): Promise<void> {
  const { city } = scene;
  expect(BigInt(await time.latest())).to.equal(now);
  const { accrued, paidThrough, duePeriods, rentDue, lateFees, overageDue, rebate, payToCure } =
    await city.lease.owedOf(leaseId);
  expect({ accrued, paidThrough, duePeriods, rentDue, lateFees, overageDue, rebate, payToCure }).to.deep.equal(
    model.owedAt(now),
  );
  expect(await city.token.balanceOf(city.lease), "book").to.equal(model.paidIn);
}

/** Brings the pack back, closes the accounts and pays everybody out. */
async function finish({ scene, offer, leaseId, model }: Pair, endedAt: bigint): Promise<void> {
  const { city, lessor, lessee, buyer } = scene;
  const owner = model.owner === lessor.address ? lessor : buyer;
  await sendAt(endedAt, async () => city.lease.connect(lessee).requestReturn(leaseId));
  const confirmed = await sendAt(endedAt, async () => city.lease.connect(owner).confirmAndSettle(leaseId, offer));
  const { rentCredit, arrears, overage, lateFees, earlyFee, held } = model.end(endedAt);
  await expect(confirmed)
    .to.emit(city.lease, "AccountsClosed")
    .withArgs(leaseId, rentCredit, arrears, overage, lateFees, earlyFee, held);
  expect(await city.lease.stateOf(leaseId)).to.equal(LeaseState.Settled);
  expect(await city.lease.balanceOf(lessee)).to.equal(held);
  for (const [account, amount] of model.credits) {
    expect(await city.lease.balanceOf(account), "owner").to.equal(amount);
  }
  for (const account of [lessor, buyer, lessee]) {
    if ((await city.lease.balanceOf(account)) > 0n) await city.lease.connect(account).withdraw([], account);
  }
  expect(await city.token.balanceOf(city.lease)).to.equal(0n);
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
