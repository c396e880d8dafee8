import { expect } from "chai";
import { BrowserProvider, type ContractRunner, makeError, type TransactionRequest, ZeroHash } from "ethers";
import { network } from "hardhat";

import {
  agreementIdOf,
  isWait,
  Keeper,
  type KeeperOptions,
  type KeeperStep,
  lockOf,
  unpackOrders,
} from "../../sdk/energy/index.js";
import { IntervalState, RunnerError, signAmendment } from "../../sdk/index.js";
import {
  type Busy,
  busyDistrict,
  live,
  measured,
  MONEY,
  outcomeOf,
  PARTIES,
  SIGNED,
  STANDING,
  tariff,
} from "./utils/busyDistrict.js";
import {
  dayValues,
  GATE_LEAD,
  goBehindGate,
  goTo,
  goToGate,
  LENGTH,
  LONG_STOP,
  PER_DAY,
} from "./utils/energyDistrict.js";
import { behind, failureOf, instead } from "./utils/nodes.js";

const { networkHelpers, provider } = await network.create();

/** A runner whose transactions arrive, but whose answers do not. */
function cutOff(runner: ContractRunner): ContractRunner {
  return new Proxy(runner, {
    get(target, property) {
      if (property === "sendTransaction") {
        return async (request: TransactionRequest) => {
          await target.sendTransaction!(request);
          throw new Error("the line was cut");
        };
      }
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** A keeper that did not hear of its own part of the work cannot tell it from nobody's, and dies. */
function diedDeaf(error: unknown): undefined {
  expect(String(error)).to.match(/the line was cut/);
}

/** A runner whose transactions never arrive. */
function silent(runner: ContractRunner, failure = new Error("nothing was sent")): ContractRunner {
  return new Proxy(runner, {
    get(target, property) {
      if (property === "sendTransaction") return async () => Promise.reject(failure);
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

describe("Energy keeper", () => {
  const options = ({ source }: Busy, more: KeeperOptions = {}): KeeperOptions => ({
    source,
    batchOrders: 3,
    settledOrders: 4,
    books: 1,
    ...more,
  });

  it("takes an interval from its first order to its last account", async () => {
    const district = await networkHelpers.loadFixture(busyDistrict);
    const { city, interval, orders, agreements } = district;
    const { energyMarket } = city;
    const keeper = new Keeper(energyMarket, options(district));
    const kinds: string[] = [];
    await live(district, async () => {
      for (const { plan, lostRace } of await keeper.run(interval)) {
        expect(lostRace).to.be.false;
        kinds.push(plan.kind);
      }
    });
    expect(kinds).to.deep.equal([
      "postAgreements",
      "postOrders",
      "postOrders",
      "postOrders",
      "postStandingOrders",
      "waitsForOrders",
      "clear",
      "waitsForReadings",
      "confirmReadings",
      "confirmReadings",
      "confirmReadings",
      "settle",
      "settle",
      "settle",
      "settlePositions",
      "finished",
    ]);
    const posted = await energyMarket.queryFilter(energyMarket.filters.AgreementPosted(undefined, interval));
    const good = agreements.filter((_, index) => index !== 2);
    expect(posted.map(({ args }) => args.agreementId)).to.have.members(good.map(agreementIdOf));
    expect(await energyMarket.queryFilter(energyMarket.filters.OrdersSkipped(interval))).to.deep.equal([]);
    const { results } = await outcomeOf(district);
    expect(results.map(({ account }) => account)).to.deep.equal([...SIGNED, ...STANDING, ...PARTIES]);
    expect(results.map(({ metered }) => metered)).to.deep.equal(
      results.map(({ account }) => measured(account, interval)),
    );
    expect(orders.length).to.equal(SIGNED.length);
    expect(await keeper.pending()).to.deep.equal([]);
  });

  it("comes to the same when it is killed after every step, before or after it heard of the transaction", async () => {
    const whole = await networkHelpers.loadFixture(busyDistrict);
    const keeper = new Keeper(whole.city.energyMarket, options(whole));
    await live(whole, async () => keeper.run(whole.interval));
    const expected = await outcomeOf(whole);

    for (const deaf of [false, true]) {
      const district = await networkHelpers.loadFixture(busyDistrict);
      const { city, interval, relayer } = district;
      const market = deaf ? city.energyMarket.connect(cutOff(relayer)) : city.energyMarket;
      let steps = 0;
      await live(district, async () => {
        for (;;) {
          const step = await new Keeper(market, options(district)).step(interval).catch(diedDeaf);
          if (step !== undefined) {
            if (isWait(step.plan)) return;
            expect([step.lostRace, step.receipt === undefined]).to.deep.equal([deaf, deaf]);
          }
          ++steps;
        }
      });
      expect(steps).to.equal(13);
      expect(await outcomeOf(district)).to.deep.equal(expected);
    }
  });

  /** All signed orders in one batch, and every batch in a call of its own. */
  const large = { batchOrders: 50, settledOrders: 1 } as const;
  /** Gas by which a limit is below what the largest batch needs, and above what its halves need. */
  const SPARED = 10_000n;

  const mostGas = (steps: readonly KeeperStep[], kind: string): bigint =>
    steps.reduce((most, { plan, receipt }) => {
      const used = plan.kind === kind ? (receipt?.gasUsed ?? 0n) : 0n;
      return used > most ? used : most;
    }, 0n);

  it("divides a batch that no transaction could settle, and goes on wherever it was killed", async () => {
    const whole = await networkHelpers.loadFixture(busyDistrict);
    const steps: KeeperStep[] = [];
    const keeper = new Keeper(whole.city.energyMarket, options(whole, large));
    await live(whole, async () => steps.push(...(await keeper.run(whole.interval))));
    const expected = await outcomeOf(whole);
    const maxGas = mostGas(steps, "settle") - SPARED;

    const district = await networkHelpers.loadFixture(busyDistrict);
    const { city, interval } = district;
    const kinds: string[] = [];
    // Killed after every step, so between the split and the settlement of the parts as well.
    await live(district, async () => {
      for (;;) {
        const { plan } = await new Keeper(city.energyMarket, options(district, { ...large, maxGas })).step(interval);
        if (isWait(plan)) return;
        kinds.push(plan.kind);
      }
    });
    // Half of it may be too large as well, for a call needs some gas that it does not use.
    const splits = kinds.filter((kind) => kind === "splitBatch");
    expect(splits).to.have.length.of.at.least(1);
    const parts = ["settle", ...splits.map(() => "settle")];
    expect(kinds.slice(kinds.lastIndexOf("confirmReadings") + 1)).to.deep.equal([
      "settle",
      ...splits,
      ...parts,
      "settlePositions",
    ]);
    // Orders keep their turn, so not a single Wh moves.
    expect(await outcomeOf(district)).to.deep.equal(expected);
  });

  it("posts agreements that no transaction could post at once, and orders after them", async () => {
    const posted = async (more: KeeperOptions): Promise<readonly [steps: KeeperStep[], agreements: Set<string>]> => {
      const district = await networkHelpers.loadFixture(busyDistrict);
      const { city, interval } = district;
      await goToGate(district, interval);
      const steps = await new Keeper(city.energyMarket, options(district, { ...large, ...more })).run(interval);
      const events = await city.energyMarket.queryFilter(city.energyMarket.filters.AgreementPosted());
      return [steps, new Set(events.map(({ args }) => args.agreementId))];
    };
    const [whole, agreements] = await posted({});
    const maxGas = mostGas(whole, "postAgreements") - SPARED;
    const [steps, others] = await posted({ maxGas });
    expect(steps.map(({ plan }) => plan.kind)).to.deep.equal(["postAgreements", ...whole.map(({ plan }) => plan.kind)]);
    expect(mostGas(steps, "postAgreements") < maxGas).to.equal(true);
    expect(others).to.deep.equal(agreements);
  });

  it("divides a batch that no transaction could refund", async () => {
    const returned = async (more: KeeperOptions): Promise<KeeperStep[]> => {
      const district = await networkHelpers.loadFixture(busyDistrict);
      const { city, interval } = district;
      await goToGate(district, interval);
      await new Keeper(city.energyMarket, options(district, large)).run(interval);
      await goTo(district, (interval + 1) * LENGTH + LONG_STOP);
      const steps = await new Keeper(city.energyMarket, options(district, { ...large, ...more })).run(interval);
      for (const account of [...SIGNED, ...STANDING, ...PARTIES]) {
        expect((await city.energyMarket.accountOf(account)).free).to.equal(MONEY);
      }
      expect(await city.energyMarket.chainOf(interval)).to.equal(ZeroHash);
      return steps;
    };
    const maxGas = mostGas(await returned({}), "refund") - SPARED;
    expect((await returned({ maxGas })).map(({ plan }) => plan.kind)).to.deep.equal([
      "voidInterval",
      "refund",
      "splitBatch",
      "refund",
      "refund",
      "refundPositions",
      "finished",
    ]);
  });

  it("fails where a single order cannot be settled", async () => {
    const district = await networkHelpers.loadFixture(busyDistrict);
    const { city, interval } = district;
    let failure: unknown;
    await live(district, async () =>
      new Keeper(city.energyMarket, options(district, { maxGas: 30_000n }))
        .run(interval)
        .catch((error: unknown) => (failure = error)),
    );
    expect(failure).not.to.equal(undefined);
    expect(await city.energyMarket.stateOf(interval)).to.equal(IntervalState.Settling);
  });

  it("does no harm beside another keeper", async () => {
    const whole = await networkHelpers.loadFixture(busyDistrict);
    const keeper = new Keeper(whole.city.energyMarket, options(whole));
    await live(whole, async () => keeper.run(whole.interval));
    const expected = await outcomeOf(whole);

    const district = await networkHelpers.loadFixture(busyDistrict);
    const { city, interval, relayer, otherRelayer } = district;
    const keepers = [relayer, otherRelayer].map(
      (runner) => new Keeper(city.energyMarket.connect(runner), options(district)),
    );
    let lost = 0;
    await live(district, async () => {
      for (;;) {
        const steps = await Promise.all(keepers.map(async (one) => one.step(interval)));
        lost += steps.filter(({ lostRace }) => lostRace).length;
        if (steps.every(({ plan }) => isWait(plan))) return;
      }
    });
    expect(lost).to.be.greaterThan(0);
    expect(await outcomeOf(district)).to.deep.equal(expected);
  });

  it("voids what is past the long stop and returns every lock", async () => {
    for (const cleared of [false, true]) {
      const district = await networkHelpers.loadFixture(busyDistrict);
      const { city, interval, orders } = district;
      const { energyMarket } = city;
      const keeper = new Keeper(energyMarket, options(district));
      await goToGate(district, interval);
      await keeper.run(interval);
      const { free } = await energyMarket.accountOf(SIGNED[1]!);
      expect(free).to.equal(MONEY - lockOf(tariff, orders[1]!));
      if (cleared) {
        await goBehindGate(district, interval);
        await keeper.run(interval);
      }
      expect(await keeper.pending()).to.deep.equal([interval]);
      await goTo(district, (interval + 1) * LENGTH + LONG_STOP);
      const kinds: string[] = [];
      // Killed at every step here too.
      for (;;) {
        const { plan } = await new Keeper(energyMarket, options(district)).step(interval);
        kinds.push(plan.kind);
        if (isWait(plan)) break;
      }
      expect(kinds).to.deep.equal(["voidInterval", "refund", "refund", "refund", "refundPositions", "finished"]);
      for (const account of [...SIGNED, ...STANDING, ...PARTIES]) {
        expect((await energyMarket.accountOf(account)).free).to.equal(MONEY);
      }
      expect(await keeper.pending()).to.deep.equal([]);
    }
  });

  it("sees what was posted a moment ago", async () => {
    const district = await networkHelpers.loadFixture(busyDistrict);
    const { city, interval, ethers, relayer } = district;
    const before = await ethers.provider.getBlockNumber();
    const keeper = new Keeper(city.energyMarket, options(district));
    await goToGate(district, interval);
    await keeper.run(interval);
    const runner = instead(relayer, { provider: behind(ethers.provider, before) });
    const late = new Keeper(city.energyMarket.connect(runner), options(district));
    expect(await late.pending()).to.deep.equal([interval]);
    expect(await late.plan(interval)).to.deep.equal(await keeper.plan(interval));
  });

  it("asks again for what it could not read of a market", async () => {
    const district = await networkHelpers.loadFixture(busyDistrict);
    const { energyMarket } = district.city;
    const { selector } = energyMarket.interface.getFunction("settings");
    let cuts = 0;
    const line = {
      request: async (call: { method: string; params?: unknown[] }): Promise<unknown> => {
        if (cuts === 0 && JSON.stringify(call.params ?? []).includes(selector)) {
          cuts += 1;
          throw new Error("the line was cut");
        }
        return provider.request(call);
      },
    };
    const chain = new BrowserProvider(line, undefined, { cacheTimeout: -1 });
    const keeper = new Keeper(energyMarket.connect(chain), options(district));
    await failureOf(keeper.plan(district.interval));
    expect(cuts).to.equal(1);
    const other = new Keeper(energyMarket, options(district));
    expect(await keeper.plan(district.interval)).to.deep.equal(await other.plan(district.interval));
    chain.destroy();
  });

  it("says what it waits for", async () => {
    const district = await networkHelpers.loadFixture(busyDistrict);
    const { city, interval } = district;
    const { energyMarket } = city;
    const keeper = new Keeper(energyMarket, options(district, { lead: 600 }));
    const gate = BigInt(interval * LENGTH - GATE_LEAD);
    expect(await keeper.plan(interval)).to.deep.equal({ kind: "waitsForOrders", until: gate - 600n });
    await goTo(district, Number(gate) - 700);
    // Agreements are no secret; orders wait.
    expect((await keeper.run(interval)).at(-1)!.plan).to.deep.equal({ kind: "waitsForOrders", until: gate - 600n });
    await goTo(district, Number(gate) - 600);
    expect((await keeper.run(interval)).at(-1)!.plan).to.deep.equal({ kind: "waitsForOrders", until: gate });
    await goBehindGate(district, interval);
    const voidable = BigInt((interval + 1) * LENGTH + LONG_STOP);
    expect((await keeper.run(interval)).at(-1)!.plan).to.deep.equal({ kind: "waitsForReadings", until: voidable });
    // Agreement 0 and standing orders run in the next one too, but nobody brought them.
    const empty = interval - 2;
    expect(await keeper.plan(empty)).to.deep.equal({ kind: "empty" });
  });

  it("books the difference when a reading is amended after settlement, once", async () => {
    const district = await networkHelpers.loadFixture(busyDistrict);
    const { city, interval, actors } = district;
    const { energyMarket, meterReadings } = city;
    const keeper = new Keeper(energyMarket, options(district));
    await live(district, async () => keeper.run(interval));
    const before = await outcomeOf(district);

    const meter = SIGNED[2]!;
    const day = Math.floor(interval / PER_DAY);
    const { values, proof } = dayValues(1, day, measured).columnProof(2);
    const amend = async (wh: bigint, version: number) => {
      const amendment = { meter, interval, wh, version };
      await meterReadings.amend(
        meter,
        interval,
        wh,
        { values: "0x", signature: "0x" },
        { values, proof },
        await signAmendment(city, actors.meterReader, amendment),
        await signAmendment(city, actors.gridOperator, amendment),
      );
    };
    const settled = measured(meter, interval);
    await amend(settled + 50n, 0);
    expect((await keeper.run(interval)).map(({ plan }) => plan.kind)).to.deep.equal(["correct", "finished"]);
    const after = await outcomeOf(district);
    expect(after.results.find(({ account }) => account === meter)!.metered).to.equal(settled + 50n);
    expect(after.balances[0]).not.to.equal(before.balances[0]);
    await amend(settled, 1);
    await new Keeper(energyMarket).run(interval);
    expect(await outcomeOf(district)).to.deep.equal(before);
  });

  it("fails as the call fails when nobody was faster", async () => {
    const district = await networkHelpers.loadFixture(busyDistrict);
    const { city, interval, relayer } = district;
    await goToGate(district, interval);
    const keeper = new Keeper(city.energyMarket.connect(silent(relayer)), options(district));
    let failure: unknown;
    await keeper.step(interval).catch((error: unknown) => (failure = error));
    expect(String(failure)).to.match(/nothing was sent/);
  });

  it("says that it cannot pay, though something else is to be done by then", async () => {
    const district = await networkHelpers.loadFixture(busyDistrict);
    const { city, interval, relayer } = district;
    const { energyMarket } = city;
    const orders = await district.source.signedOrders();
    await goToGate(district, interval);
    await new Keeper(energyMarket, { lead: 0 }).run(interval);
    let asked = 0;
    const source = { signedOrders: async () => Promise.resolve(orders.slice(0, 3 * ++asked)) };
    const poor = silent(relayer, makeError("insufficient funds", "INSUFFICIENT_FUNDS", { transaction: {} }));
    let failure: unknown;
    await new Keeper(energyMarket.connect(poor), { source })
      .step(interval)
      .catch((error: unknown) => (failure = error));
    expect(String(failure)).to.match(/insufficient funds/);
  });

  it("posts every good order though others hand in orders for the same accounts, and what is none", async () => {
    const district = await networkHelpers.loadFixture(busyDistrict);
    const { city, interval } = district;
    const { energyMarket } = city;
    const orders = await district.source.signedOrders();
    await goToGate(district, interval);
    const [first] = orders;
    const forged = orders.map((one) => ({ ...one, signature: first!.signature })).slice(1);
    const { r, vs } = first!.signature;
    const none = [
      null,
      {},
      { ...first, signature: { r, vs: "0x12" } },
      { ...first, signature: { r: "no", vs } },
      { ...first, order: { ...first!.order, steps: [] } },
      { ...first, order: { ...first!.order, steps: [{ tick: 999, wh: 1n }] } },
      { ...first, order: { ...first!.order, account: String(first!.order.account) } },
      { ...first, order: { ...first!.order, account: -1 } },
    ] as unknown as typeof orders;
    const source = { signedOrders: async () => Promise.resolve([...none, ...forged, ...forged, ...orders]) };
    await new Keeper(energyMarket, options(district, { source })).run(interval);
    const posted = await energyMarket.queryFilter(energyMarket.filters.OrdersPosted(interval));
    const accounts = posted.flatMap(({ args }) => unpackOrders(args.records).map(({ account }) => account));
    expect(accounts).to.include.members(SIGNED);
    expect(accounts.length).to.equal(new Set(accounts).size);
    expect(await energyMarket.queryFilter(energyMarket.filters.OrdersSkipped(interval))).to.deep.equal([]);
  });

  it("posts nothing while orders are stopped, and goes on afterwards", async () => {
    const district = await networkHelpers.loadFixture(busyDistrict);
    const { city, interval, actors } = district;
    const { energyMarket } = city;
    await goToGate(district, interval);
    await energyMarket.connect(actors.guardian).pause();
    const keeper = new Keeper(energyMarket, options(district));
    expect((await keeper.step(interval)).plan.kind).to.equal("waitsForOrders");
    await energyMarket.connect(actors.steward).unpause();
    expect((await keeper.step(interval)).plan.kind).to.equal("postAgreements");
  });

  it("names a batch that no event tells of, and a market that it cannot read", async () => {
    const district = await networkHelpers.loadFixture(busyDistrict);
    const { city, interval, ethers } = district;
    const { energyMarket } = city;
    await live(district, async () => {
      if ((await energyMarket.stateOf(interval)) !== IntervalState.Cleared) {
        await new Keeper(energyMarket, options(district)).run(interval);
      }
    });
    const late = new Keeper(energyMarket, { fromBlock: await ethers.provider.getBlockNumber() });
    await late.step(interval).catch(() => undefined);
    let failure: unknown;
    await late.run(interval).catch((error: unknown) => (failure = error));
    expect(failure).to.be.instanceOf(RangeError);
    expect(String(failure)).to.match(/no event tells of batch 0x[0-9a-f]{64} of interval/);
    expect(() => new Keeper(energyMarket.connect(null))).to.throw(
      RunnerError,
      /^contract 0x\w{40} is bound to no provider$/,
    );
  });
});
