import { expect } from "chai";
import { id, toBeHex, ZeroHash } from "ethers";

import { BinStatus, Fate, FillFault, LotFlags, LotState, nameIn, RewardLimit, Weighing } from "../../sdk/index.js";
import {
  allowedDown,
  claimedUp,
  cut,
  cutToAll,
  DepositCycle,
  earnedDown,
  feeDown,
  type Limit,
  merchantStatement,
  rewardFor,
  sharedYearCap,
  spansNear,
  vestedDown,
  yearOf,
} from "../../sdk/rewards/index.js";
import {
  type BinState,
  certificateId,
  dayOfDate,
  emptyBin,
  type Finalised,
  handoverOutcome,
  LedgerError,
  type LotEvent,
  LotLedger,
  type LotRecord,
  monthOf,
  mostLoss,
  mostRecycled,
  needsCollection,
  reportFill,
  serialLotId,
  ticketLotId,
  toleranceGrams,
  wasteCode,
} from "../../sdk/waste/index.js";
import { readCases } from "./utils/cases.js";
import { Random } from "./utils/random.js";
import { MORNING, WasteStory } from "./utils/wasteStory.js";

/** The parts of the case file that the models are held against. */
interface Numbers {
  readonly given: Readonly<Record<string, string & number>>;
  readonly when: Readonly<Record<string, string[]>>;
  readonly expect: Readonly<Record<string, string>>;
}

const cases = readCases("waste")?.cases;

/** A case of the file, which stands beside the repository; where it does not, its test is not made. */
function withCase(caseId: string, title: string, test: (numbers: Numbers) => void): void {
  const found = cases?.find((one) => one.id === caseId);
  if (found !== undefined) {
    it(`${caseId}: ${title}`, () => {
      test(found as unknown as Numbers);
    });
  }
}

const CODE = wasteCode("15 01 06");
const TERMS = { ratePerThousand: 2_500_000n, leastUnits: 50n, mostUnits: 25_000n };

/** A lot without its relatives. */
function plain(lot: LotRecord | undefined): Partial<LotRecord> {
  return Object.fromEntries(Object.entries(lot!).filter(([name]) => name !== "parents" && name !== "children"));
}

function balanced(ledger: LotLedger): void {
  const { input, output } = ledger.balance();
  expect(input).to.equal(output);
}

describe("Waste model", () => {
  describe("readings", () => {
    const bin: BinState = { counter: 4, takenAt: 1_000_000n, fillBp: 7_600, alertBp: 8_000, status: BinStatus.Active };

    withCase("W01", "alerts only where the level is crossed", ({ when, expect: expected }) => {
      const readings = when.readings as unknown as { ctr: number; at: number; fillBp: number }[];
      let state = bin;
      const [alerts, falls]: [number[], number[]] = [[], []];
      for (const { ctr: counter, at, fillBp } of readings) {
        const outcome = reportFill(state, { counter, takenAt: BigInt(at), fillBp }, BigInt(at));
        expect(outcome.fault).to.equal(FillFault.None);
        if (outcome.alert) alerts.push(counter);
        if (outcome.unrecordedEmptying) falls.push(counter);
        state = outcome.state;
      }
      expect(alerts).to.deep.equal(expected.alerts);
      expect(falls).to.deep.equal([7]);
      expect(state).to.deep.equal({ ...bin, counter: 8, takenAt: 1_002_400n, fillBp: 8_000 });
    });

    withCase("W02", "names what is wrong with a reading, and changes nothing", ({ expect: expected }) => {
      const state = { ...bin, counter: 8, takenAt: 1_002_400n };
      const now = 1_002_500n;
      const good = { counter: 9, takenAt: now, fillBp: 100 };
      const results = [
        reportFill(state, { ...good, counter: 8 }, now),
        reportFill(state, { ...good, takenAt: 1_002_399n }, now),
        reportFill(state, { ...good, takenAt: now + 301n }, now),
        reportFill(state, { ...good, fillBp: 10_001 }, now),
        reportFill(state, good, now, false),
        reportFill({ ...state, status: BinStatus.Retired }, good, now),
      ];
      // The contract has one word for all states in which a container takes no readings.
      const names = (expected.result as unknown as string[]).map((name) => name.replace("BinRetired", "BinNotActive"));
      expect(results.map(({ fault }) => nameIn(FillFault, fault))).to.deep.equal(names);
      for (const { alert, unrecordedEmptying } of results) expect(alert || unrecordedEmptying).to.be.false;
      for (const { state: after } of results.slice(0, -1)) expect(after).to.deep.equal(state);
      expect(reportFill(undefined, good, now).fault).to.equal(FillFault.UnknownBin);
      expect(reportFill({ ...state, status: BinStatus.Suspended }, good, now).fault).to.equal(FillFault.BinNotActive);
      expect(reportFill(state, { ...good, takenAt: now + 300n }, now).fault).to.equal(FillFault.None);
    });

    it("call a fall of 3,000 basis points an emptying, and one less not", () => {
      const now = 2_000_000n;
      const fall = (fillBp: number) => reportFill(bin, { counter: 5, takenAt: now, fillBp }, now).unrecordedEmptying;
      expect([fall(4_601), fall(4_600), fall(0)]).to.deep.equal([false, true, true]);
    });

    it("leave a container empty behind a ticket, unless a later reading says something else", () => {
      const full = { ...bin, fillBp: 9_000 };
      expect(needsCollection(full)).to.be.true;
      const empty = emptyBin(full, { counter: 5, takenAt: 1_000_000n });
      expect(empty).to.deep.equal({ ...bin, counter: 5, fillBp: 0 });
      expect(needsCollection(empty)).to.be.false;
      expect(emptyBin(full, { counter: 5, takenAt: 999_999n })).to.equal(full);
      // A ticket is counted apart from readings, so its counter can be behind theirs.
      expect(emptyBin(full, { counter: 2, takenAt: 1_000_001n }).counter).to.equal(4);
      expect(needsCollection({ ...full, status: BinStatus.Suspended })).to.be.true;
      expect(needsCollection({ ...full, status: BinStatus.Retired })).to.be.false;
    });
  });

  describe("custody", () => {
    withCase(
      "W06",
      "takes differences up to the tolerance, which is part of it",
      ({ given, when, expect: expected }) => {
        const sent = BigInt(given.sentG!);
        const tolerance = Number(given.toleranceBp);
        expect(toleranceGrams(sent, tolerance)).to.equal(BigInt(expected.allowedDiff!));
        const results = when.received!.map((received) => {
          const outcome = handoverOutcome(sent, { receivedGrams: BigInt(received) }, tolerance);
          if (outcome.kind === "disputed") return "Disputed";
          const { transitLoss, transitGain } = outcome;
          const [name, grams] = transitGain > 0n ? ["Gain", transitGain] : ["Loss", transitLoss];
          return `accepted; transit${name} ${grams.toString()}`;
        });
        expect(results).to.deep.equal(expected.result);
      },
    );

    withCase("W07", "gives back what is refused, in a lot of its own", ({ when: _when, given, expect: expected }) => {
      const [received, accepted] = [BigInt(given.receivedG!), BigInt(given.acceptedG!)];
      const outcome = handoverOutcome(500_000n, { receivedGrams: received, acceptedGrams: accepted }, 200);
      expect(outcome).to.deep.include({ kind: "received", refusedGrams: BigInt(expected.refusedG!) });
      expect(handoverOutcome(500_000n, { receivedGrams: received, acceptedGrams: 0n }, 200).kind).to.equal("refused");

      const story = new WasteStory();
      const lotId = story.collect(7, 500_000n);
      const back = story.hand(lotId, 500_000n, received, accepted);
      const whole = story.collect(8, 100n);
      story.hand(whole, 100n, 99n, 0n);
      const ledger = LotLedger.of(story.lotEvents);
      balanced(ledger);
      expect(ledger.lotOf(lotId)).to.deep.include({
        grams: accepted,
        holder: 2,
        previous: 1,
        state: LotState.Open,
        flags: LotFlags.HAS_CHILD,
        children: [back],
      });
      expect(ledger.lotOf(back)).to.deep.include({
        grams: 42_000n,
        holder: 1,
        previous: 0,
        state: LotState.Refused,
        code: CODE,
        parents: [{ lotId, grams: 42_000n }],
      });
      expect(ledger.lotOf(whole)).to.deep.include({ grams: 99n, holder: 1, state: LotState.Refused, children: [] });
      expect(ledger.totals).to.include({ collected: 500_100n, transitLoss: 8_001n, transitGain: 0n });
    });

    it("keeps a lot in dispute with its sender until it is ruled", () => {
      const story = new WasteStory();
      const lotId = story.collect(7, 500n);
      story.at({ name: "Disputed", lotId, receiver: 2, sentGrams: 500n, receivedGrams: 600n, toleranceGrams: 10n });
      const ledger = LotLedger.of(story.lotEvents);
      expect(ledger.lotOf(lotId)).to.include({ holder: 1, grams: 500n, state: LotState.Disputed, version: 1 });
      balanced(ledger);
      story.at({ name: "DisputeRuled", lotId, grams: 590n, reasonHash: ZeroHash });
      ledger.apply(story.lotEvents.at(-1)!);
      expect(ledger.lotOf(lotId)).to.include({ holder: 1, grams: 590n, state: LotState.Open, version: 2 });
      expect(ledger.totals.transitGain).to.equal(90n);
      balanced(ledger);
    });
  });

  describe("processing", () => {
    withCase("W08", "turns mass into outputs and a loss, to the gram", ({ given, expect: expected }) => {
      const story = new WasteStory();
      const masses = (given.inputsG as unknown as string[]).map(BigInt);
      const lots = masses.map((grams, index) => story.collect(index + 1, grams, "15 01 06", 2));
      const outputs = given.outputs as unknown as { ewc: number; g: string; op: string }[];
      const made = outputs.map(({ ewc, g, op }): [string, bigint, string] => [ewc.toString(), BigInt(g), op]);
      const loss = BigInt(given.lossG!);
      const ids = story.process(lots, made, loss);
      const ledger = LotLedger.of(story.lotEvents);
      balanced(ledger);
      expect(ledger.totals).to.include({
        collected: BigInt(expected.inG!),
        recycled: 360_000n,
        disposed: 81_000n,
        processLoss: loss,
      });
      expect(ledger.balance().open).to.equal(0n);
      expect(mostLoss(BigInt(expected.inG!), given.maxLossBp!)).to.equal(13_500n);
      expect(lots.map((lotId) => plain(ledger.lotOf(lotId)))).to.deep.equal(
        lots.map((lotId, index) => ({
          lotId,
          holder: 2,
          previous: 0,
          grams: masses[index],
          collectedGrams: masses[index],
          code: CODE,
          state: LotState.Consumed,
          flags: 0n,
          version: 1,
          op: 0,
          binId: index + 1,
        })),
      );
      expect(ledger.lotOf(ids[0]!)).to.include({ state: LotState.Final, op: 3, version: 0, holder: 2 });
      expect(ledger.lotOf(ids[2]!)).to.include({ state: LotState.Final, op: 101 });
      const month = monthOf(story.now);
      const recycled = (code: number, op: number) => ledger.recycledOf(certificateId({ code, op, facility: 2, month }));
      expect([recycled(191_204, 3), recycled(191_202, 4), recycled(191_204, 4)]).to.deep.equal([300_000n, 60_000n, 0n]);
      expect(ledger.ancestorsOf(ids[1]!)).to.deep.equal(lots);
      expect(ledger.descendantsOf(lots[0]!)).to.deep.equal(ids);

      const event = story.lotEvents.at(-1)!;
      const before = story.lotEvents.slice(0, -1);
      const heavier = { ...event, lossGrams: loss + 1n } as LotEvent;
      expect(() => LotLedger.of([...before, heavier])).to.throw(
        LedgerError,
        "a process of operator 2 turns 450000 g into 441000 and a loss of 9001",
      );
      const twice = { ...event, inputs: [lots[0]!, lots[0]!] } as LotEvent;
      expect(() => LotLedger.of([...before, twice])).to.throw(LedgerError, `lot ${lots[0]!.toString()} is Consumed`);
    });

    it("bounds what can come out recycled by the licence", () => {
      expect([mostRecycled(1_000n, 85), mostRecycled(1n, 99), mostRecycled(7n, 100)]).to.deep.equal([850n, 0n, 7n]);
    });

    it("counts for certificates what is recycled of mass once, wherever the rest goes", () => {
      const story = new WasteStory();
      const lotId = story.collect(1, 1_000n, "15 01 06", 2);
      const [, left] = story.process(
        [lotId],
        [
          ["19 12 04", 800n, "R3"],
          ["19 12 04", 200n, ""],
        ],
      );
      const sorted = story.process(
        [story.collect(2, 100n, "15 01 06", 2)],
        [
          ["19 12 04", 60n, ""],
          ["19 12 12", 40n, "D1"],
        ],
      )[0]!;
      const ledger = LotLedger.of(story.lotEvents);
      expect(ledger.lotOf(left!)!.flags).to.equal(LotFlags.RESIDUE);
      expect(ledger.lotOf(sorted)!.flags).to.equal(0n);
      const before = story.lotEvents.length;
      const back = story.hand(left!, 200n, 200n, 150n, 2, 3);
      const mixed = story.group([sorted, back], [10n, 50n]);
      const [again] = story.process([mixed], [["19 12 04", 60n, ""]]);
      story.finalise(again!, 60n, "R3");
      story.finalise(left!, 150n, "R3", 3);
      story.finalise(sorted, 50n, "R3");
      for (const event of story.lotEvents.slice(before)) ledger.apply(event);
      expect(ledger.lotOf(back)!.flags).to.equal(LotFlags.RESIDUE | LotFlags.HAS_CHILD);
      for (const made of [mixed, again!]) expect(ledger.lotOf(made)!.flags).to.equal(LotFlags.RESIDUE);
      const recycled = [2, 3].map((facility) =>
        ledger.recycledOf(certificateId({ code: 191_204, op: 3, facility, month: monthOf(story.now) })),
      );
      expect(recycled).to.deep.equal([850n, 0n]);
      expect(ledger.totals.recycled).to.equal(1_060n);
      balanced(ledger);
    });

    it("groups part quantities, and keeps what is left", () => {
      const story = new WasteStory();
      const [one, two] = [story.collect(1, 100n), story.collect(2, 50n)];
      story.at({ name: "TraceBroken", lotId: two, reasonHash: ZeroHash });
      const grouped = story.group([one, two], [60n, 50n], 1);
      const again = story.group([one, grouped], [40n, 10n], 1);
      const ledger = LotLedger.of(story.lotEvents);
      balanced(ledger);
      expect(ledger.lotOf(one)).to.include({ grams: 40n, state: LotState.Consumed, version: 2 });
      expect(ledger.lotOf(two)).to.include({ grams: 50n, state: LotState.Consumed });
      expect(ledger.lotOf(grouped)).to.include({ grams: 100n, flags: LotFlags.BROKEN | LotFlags.HAS_CHILD });
      expect(ledger.lotOf(again)).to.include({ grams: 50n, flags: LotFlags.BROKEN });
      expect(ledger.ancestorsOf(again)).to.deep.equal([one, grouped, two]);
      expect(ledger.descendantsOf(two)).to.deep.equal([grouped, again]);
      // Nothing that came of a broken trace can be certified.
      story.finalise(again, 50n, "R3", 1);
      ledger.apply(story.lotEvents.at(-1)!);
      expect(ledger.totals.recycled).to.equal(50n);
      expect(ledger.recycledOf(certificateId({ code: CODE, op: 3, facility: 1, month: monthOf(story.now) }))).to.equal(
        0n,
      );
    });

    it("marks what was not weighed, and what is hazardous where it knows the list", () => {
      const story = new WasteStory();
      const lotId = story.collect(1, 100n, "20 01 21");
      const [event] = story.lotEvents;
      if (event?.name !== "Collected") throw new Error("no ticket");
      const estimated = { ...event, ticket: { ...event.ticket, weighing: Weighing.Estimated } };
      const isHazardous = (code: number) => code === 200_121;
      expect(LotLedger.of([estimated]).lotOf(lotId)!.flags).to.equal(LotFlags.NOT_WEIGHED);
      const ledger = LotLedger.of([estimated], { isHazardous });
      expect(ledger.lotOf(lotId)!.flags).to.equal(LotFlags.NOT_WEIGHED | LotFlags.HAZARDOUS);
      const [made] = story.process([lotId], [["19 12 12", 100n, ""]], 0n, 1);
      ledger.apply(story.lotEvents.at(-1)!);
      expect(ledger.lotOf(made!)!.flags).to.equal(0n);
    });

    it("judges a ticket by the day that is on it, whichever that is", () => {
      const story = new WasteStory();
      const lotId = story.collect(1, 100n);
      const [event] = story.lotEvents;
      if (event?.name !== "Collected") throw new Error("no ticket");
      const isHazardous = (_code: number, day: number) => day >= dayOfDate("2026-11-20");
      for (const [takenAt, flags] of [
        [0n, 0n],
        [MORNING - 8n * 3_600n - 1n, 0n],
        [MORNING - 8n * 3_600n, LotFlags.HAZARDOUS],
      ]) {
        const ledger = LotLedger.of([{ ...event, ticket: { ...event.ticket, takenAt: takenAt! } }], { isHazardous });
        expect(ledger.lotOf(lotId)!.flags, takenAt!.toString()).to.equal(flags);
      }
    });

    it("tells what was recovered and what left the country apart", () => {
      const story = new WasteStory();
      const [burnt, sent] = [story.collect(1, 10n), story.collect(2, 20n)];
      story.finalise(burnt, 10n, "R1", 1);
      story.at({ name: "Exported", lotId: sent, operatorId: 1, grams: 20n, documentHash: id("Basel") });
      const ledger = LotLedger.of(story.lotEvents);
      expect(ledger.totals).to.include({ recovered: 10n, exported: 20n, recycled: 0n, disposed: 0n });
      expect(ledger.lotOf(sent)).to.include({ state: LotState.Exported, version: 1 });
      balanced(ledger);
    });
  });

  describe("correction", () => {
    withCase("W21", "moves what was collected by the difference", ({ given, when: _when }) => {
      const story = new WasteStory();
      const { g } = given.lot as unknown as { g: string };
      const lotId = story.collect(7, BigInt(g));
      story.revise(lotId, 23_500n, 32_500n);
      const [collected, proposed, revised] = story.lotEvents;
      const ledger = LotLedger.of([collected!, proposed!]);
      expect(ledger.lotOf(lotId)).to.include({ grams: 23_500n, version: 0 });
      ledger.apply(revised!);
      expect(ledger.lotOf(lotId)).to.include({ grams: 32_500n, collectedGrams: 32_500n, version: 1 });
      expect(ledger.totals).to.include({ collected: 32_500n, transitGain: 0n });
      balanced(ledger);
    });

    it("books what lots of other lots gain or lose as gain or loss on the way", () => {
      const story = new WasteStory();
      const lotId = story.collect(7, 1_000n);
      const grouped = story.group([lotId], [1_000n], 1);
      story.revise(grouped, 1_000n, 1_100n);
      story.revise(grouped, 1_100n, 1_090n);
      const ledger = LotLedger.of(story.lotEvents);
      expect(ledger.totals).to.include({ collected: 1_000n, transitGain: 100n, transitLoss: 10n });
      balanced(ledger);
    });

    it("leaves a ticket alone once its lot changed hands twice, also when it came back", () => {
      const story = new WasteStory();
      const lotId = story.collect(7, 1_000n);
      story.hand(lotId, 1_000n, 1_000n, 0n);
      story.hand(lotId, 1_000n, 1_000n);
      expect(LotLedger.of(story.lotEvents).lotOf(lotId)!.flags).to.equal(0n);
      const back = story.hand(lotId, 1_000n, 1_000n, 900n, 2, 1);
      story.revise(story.collect(8, 10n), 10n, 20n);
      const ledger = LotLedger.of(story.lotEvents);
      expect(ledger.lotOf(lotId)).to.include({ holder: 1, flags: LotFlags.HANDED_ON | LotFlags.HAS_CHILD });
      expect(ledger.lotOf(back)!.flags).to.equal(0n);
      const other = story.collect(9, 100n);
      story.hand(other, 100n, 100n);
      story.hand(other, 100n, 100n, 100n, 2, 3);
      story.revise(other, 100n, 70n, 2, 3);
      for (const event of story.lotEvents.slice(-5)) ledger.apply(event);
      expect(ledger.lotOf(other)).to.include({ grams: 70n, collectedGrams: 100n, flags: LotFlags.HANDED_ON });
      expect(ledger.totals).to.include({ collected: 1_120n, transitGain: 0n, transitLoss: 30n });
      balanced(ledger);
    });
  });

  describe("ledger", () => {
    it("refuses events that contradict those before them", () => {
      const story = new WasteStory();
      const lotId = story.collect(7, 100n);
      const [collected] = story.lotEvents;
      const place = { blockNumber: 9, logIndex: 0, transactionHash: toBeHex(9, 32), at: MORNING };
      const refuse = (event: LotEvent, reason: string) => {
        expect(() => LotLedger.of([collected!, event])).to.throw(LedgerError, reason);
      };
      const lot = `lot ${lotId.toString()}`;
      const end: Finalised = {
        ...place,
        name: "Finalised",
        lotId,
        operatorId: 1,
        op: 3,
        fate: Fate.Recycled,
        grams: 100n,
        evidenceHash: ZeroHash,
      };
      const received = { ...place, name: "Received" as const, lotId, sender: 1, receiver: 2, sentGrams: 100n };
      const refused = { ...place, name: "Refused" as const, lotId, parent: lotId, receiver: 2, reasonHash: ZeroHash };
      refuse(collected!, `${lot} comes to be twice`);
      refuse(
        { ...received, sentGrams: 99n, receivedGrams: 99n, acceptedGrams: 99n },
        `${lot} leaves with 99 g, but has 100`,
      );
      refuse({ ...received, sender: 3, receivedGrams: 100n, acceptedGrams: 100n }, `${lot} is 1's, not 3's`);
      refuse({ ...refused, grams: 100n }, `${lot} is Open, so this cannot be done to it`);
      refuse({ ...refused, lotId: 5n, grams: 7n }, "lot 5 is refused with 7 g, but has 0");
      refuse({ ...place, name: "DisputeRuled", lotId, grams: 5n, reasonHash: ZeroHash }, `${lot} is Open`);
      refuse({ ...place, name: "TraceBroken", lotId: 8n, reasonHash: ZeroHash }, "lot 8 is not known");
      refuse({ ...end, grams: 101n }, `${lot} ends with 101 g, but has 100`);
      refuse({ ...end, fate: Fate.Disposed }, `${lot} cannot end by operation 3 so`);
      refuse(
        { ...place, name: "Grouped", lotId: 5n, operatorId: 1, sources: [lotId], takenGrams: [101n] },
        `101 g are taken of ${lot} with 100`,
      );
      refuse(
        { ...place, name: "Grouped", lotId: 5n, operatorId: 1, sources: [lotId], takenGrams: [] },
        `0 g are taken of ${lot}`,
      );
      refuse(
        { ...place, name: "Exported", lotId, operatorId: 1, grams: 1n, documentHash: ZeroHash },
        `${lot} is exported with 1 g, but has 100`,
      );
      refuse(
        { ...place, name: "Revised", lotId, approver: 2, previousGrams: 1n, grams: 2n },
        `${lot} is revised from 1 g, but has 100`,
      );
      const process = { ...place, name: "Processed" as const, operatorId: 1, inputs: [lotId], lossGrams: 0n };
      const outputs = [{ code: CODE, grams: 100n, op: 3 }];
      const evidenceHash = ZeroHash;
      refuse({ ...process, outputs, outputLots: [], evidenceHash }, "a process of operator 1 names no lot 0");
      refuse({ ...process, outputs, outputLots: [5n], evidenceHash }, "the end of lot 5 is missing");
      expect(() => LotLedger.of([end])).not.to.throw();
      expect(() => new LotLedger().ancestorsOf(1n)).to.throw(LedgerError, "lot 1 is not known");
    });

    it("balances after every transaction of long, made-up histories", () => {
      for (let seed = 1; seed <= 20; seed += 1) fuzz(new Random(seed), 120);
    });
  });

  describe("rewards", () => {
    withCase("W11", "round once, down", ({ when, expect: expected }) => {
      const inputs = when.cases as unknown as { g: number; ratePerKg: number; qualityBp: number }[];
      const earned = inputs.map(({ g, ratePerKg, qualityBp }) => earnedDown(BigInt(g), BigInt(ratePerKg), qualityBp));
      expect(earned.map(String)).to.deep.equal(expected.micro);
    });

    withCase("W12", "are cut to what a person can still get on the day", ({ given, expect: expected }) => {
      const left = BigInt(given.capMicro!) - BigInt(given.earnedToday!);
      const raw = BigInt(given.raw!);
      const reward = cut({ earned: raw, paid: raw, limit: RewardLimit.None }, { limit: RewardLimit.Person, left });
      expect(reward).to.deep.equal({ earned: raw, paid: BigInt(expected.paid!), limit: RewardLimit.Person });
      expect(reward.earned - reward.paid).to.equal(BigInt(expected.cappedOff!));
    });

    withCase("W13", "are cut to the budget that is left, and then nothing is paid", ({ given, expect: expected }) => {
      const raw = BigInt(given.raw!);
      const whole = { earned: raw, paid: raw, limit: RewardLimit.None };
      const limits = (budget: bigint): Limit[] => [
        { limit: RewardLimit.Person, left: BigInt(given.capLeft!) },
        { limit: RewardLimit.Programme, left: budget },
      ];
      const budget = BigInt(given.budgetLeft!);
      const first = cutToAll(whole, limits(budget));
      expect(first).to.include({ paid: BigInt(expected.paid!), limit: RewardLimit.Programme });
      expect(budget - first.paid).to.equal(BigInt(expected.budgetLeft!));
      expect(cutToAll(whole, limits(0n))).to.include({ paid: 0n, limit: RewardLimit.Programme });
    });

    it("name the limit that left least, and of equals the first", () => {
      const whole = { earned: 9n, paid: 9n, limit: RewardLimit.None };
      const of = (...lefts: bigint[]) =>
        cutToAll(
          whole,
          lefts.map((left, index) => ({ limit: BigInt(index + 1), left })),
        ).limit;
      expect([of(9n, 9n), of(8n, 9n), of(8n, 8n), of(8n, 7n), of(7n, 8n), of(-1n, 0n)]).to.deep.equal([
        0n,
        1n,
        1n,
        2n,
        1n,
        1n,
      ]);
    });

    it("count no units below the least and none above the most", () => {
      expect(rewardFor(TERMS, 49n)).to.deep.equal({ earned: 122_500n, paid: 0n, limit: RewardLimit.Units });
      expect(rewardFor(TERMS, 50n)).to.deep.equal({ earned: 125_000n, paid: 125_000n, limit: RewardLimit.None });
      expect(rewardFor(TERMS, 25_000n, 5_000).limit).to.equal(RewardLimit.None);
      expect(rewardFor(TERMS, 25_001n)).to.deep.equal({
        earned: 62_502_500n,
        paid: 62_500_000n,
        limit: RewardLimit.Units,
      });
    });

    withCase("W14", "of deposits are worth no more than was weighed", ({ given, expect: expected }) => {
      const { deposits, ratePerKg } = given.binCycle as unknown as {
        deposits: { who: string; g: number }[];
        ratePerKg: string;
      };
      const terms = { ratePerThousand: BigInt(ratePerKg), leastUnits: 0n, mostUnits: 100_000n };
      const cycle = new DepositCycle({ ...terms, toleranceBp: Number(given.toleranceBp) });
      for (const [person, { g }] of deposits.entries()) cycle.deposit(BigInt(person), BigInt(g));
      expect(cycle.settle(BigInt(given.collectedG!))).to.equal(BigInt(expected.allowedG!));
      const vested = deposits.map((_, person) => cycle.vestedOf(BigInt(person)));
      expect(vested.map(String)).to.deep.equal(Object.values(expected.vestedMicro!));
      expect(vested.reduce((sum, amount) => sum + amount)).to.equal(BigInt(expected.sum!));
      cycle.settle(30_000n);
      expect(deposits.map((_, person) => cycle.vestedOf(BigInt(person)))).to.deep.equal(
        deposits.map(({ g }) => earnedDown(BigInt(g), terms.ratePerThousand)),
      );
      // A lot of another code allows nothing, and an audit cuts each claim, also where more is allowed than was claimed.
      cycle.settle(0n);
      expect(cycle.vestedOf(0n)).to.equal(0n);
      cycle.settle(30_000n);
      cycle.audit(5_000);
      expect(cycle.vestedOf(0n)).to.equal(5_000_000n);
    });

    it("of deposits are bounded by what fits into the container", () => {
      const terms = { ratePerThousand: 1_000_000n, leastUnits: 0n, mostUnits: 100_000n, toleranceBp: 0 };
      const cycle = new DepositCycle(terms, 12_000n);
      expect(cycle.deposit(1n, 10_000n)).to.include({ paid: 10_000_000n, limit: RewardLimit.None });
      expect(cycle.deposit(2n, 10_000n)).to.include({ paid: 2_000_000n, limit: RewardLimit.Container });
      expect(cycle.deposit(3n, 10_000n)).to.include({ paid: 0n, limit: RewardLimit.Container });
      expect(cycle.claimedGrams).to.equal(12_000n);
      expect(cycle.claimOf(2n)).to.deep.equal({ amount: 2_000_000n, grams: 2_000n });
      expect(() => cycle.vestedOf(1n)).to.throw(RangeError, "the collection has no ticket yet");
      expect(() => cycle.vestedOf(9n)).to.throw(RangeError, "person 9 has no claim");
      cycle.settle(12_000n);
      expect(cycle.vestedOf(3n)).to.equal(0n);
      expect(cycle.allowedGrams).to.equal(12_000n);
    });

    it("of deposits never exceed the price of what was weighed, whatever limits cut them", () => {
      const random = new Random(11);
      for (let round = 0; round < 500; round += 1) {
        const terms = {
          ratePerThousand: random.edgy(40n),
          leastUnits: random.between(0n, 100n),
          mostUnits: random.between(100n, 50_000n),
          toleranceBp: Number(random.between(0n, 1_000n)),
        };
        const cycle = new DepositCycle(terms, random.pick([undefined, random.edgy(20n)]));
        const people = Number(random.between(1n, 8n));
        for (let person = 0; person < people; person += 1) {
          const limits = [{ limit: RewardLimit.Person, left: random.edgy(56n) }];
          cycle.deposit(BigInt(person % 5), random.edgy(17n), limits);
        }
        const collected = random.edgy(25n);
        const allowed = cycle.settle(collected);
        let sum = 0n;
        for (let person = 0; person < Math.min(people, 5); person += 1) sum += cycle.vestedOf(BigInt(person));
        // What was paid is at most the price of what was claimed, so what vests is at most that of what is allowed.
        expect(sum * 1_000n <= allowed * terms.ratePerThousand).to.be.true;
        expect(allowed * 10_000n <= collected * BigInt(10_000 + terms.toleranceBp)).to.be.true;
      }
    });

    it("round down by less than one, and claims up by less than one", () => {
      const random = new Random(7);
      for (let round = 0; round < 2_000; round += 1) {
        const [units, rate, quality] = [random.edgy(32n), random.edgy(56n), random.between(0n, 10_000n)];
        const exact = units * rate * quality;
        const earned = earnedDown(units, rate, quality);
        expect(earned * 10_000_000n <= exact && exact < (earned + 1n) * 10_000_000n).to.be.true;
        const paid = random.between(0n, earned);
        const claimed = claimedUp(units, 1n << 40n, { earned, paid, limit: 0n });
        expect(claimed <= units && claimed * earned >= units * paid).to.be.true;
        expect(claimed === 0n || (claimed - 1n) * earned < units * paid).to.be.true;
        expect(claimed === 0n).to.equal(paid === 0n);
        const amount = random.edgy(56n);
        const [weighed, allowed] = [units + 1n, rate >> 20n];
        const vested = vestedDown(amount, weighed, allowed, quality);
        const whole = amount * (allowed < weighed ? allowed : weighed) * (10_000n - quality);
        expect(vested * weighed * 10_000n <= whole && whole < (vested + 1n) * weighed * 10_000n).to.be.true;
      }
      expect(allowedDown(19n, 500)).to.equal(19n);
      expect(allowedDown(20n, 500)).to.equal(21n);
    });

    it("keep acts apart by whole spans, within the day", () => {
      expect(spansNear(0, 0)).to.equal(0n);
      expect(spansNear(5, 1)).to.equal(1n << 5n);
      expect(spansNear(5, 3)).to.equal(0b11111n << 3n);
      expect(spansNear(0, 144)).to.equal((1n << 144n) - 1n);
      expect(spansNear(143, 2)).to.equal(0b11n << 142n);
      expect(() => spansNear(144, 1)).to.throw(RangeError, "span 144 is not 0 to 143");
    });

    it("count years that begin within a day of the calendar's and are never longer than 366 days", () => {
      const lengths = new Map<number, number>();
      for (let day = 0; day < 400 * 366; day += 1) lengths.set(yearOf(day), (lengths.get(yearOf(day)) ?? 0) + 1);
      const whole = [...lengths].filter(([year]) => year < 400).map(([, days]) => days);
      expect(new Set(whole)).to.deep.equal(new Set([365, 366]));
      for (const year of [1971, 1972, 2000, 2001, 2026, 2100, 2369]) {
        const start = Date.UTC(year, 0, 1) / 86_400_000;
        expect(yearOf(start + 1)).to.equal(year - 1970);
        expect(yearOf(start - 2)).to.equal(year - 1971);
      }
      expect(sharedYearCap(1_000n, 2n)).to.equal(268n);
      expect(sharedYearCap(731n, 2n)).to.equal(0n);
    });

    withCase("W18", "are paid to merchants less one fee, rounded down", ({ given, expect: expected }) => {
      const faces = Array.from({ length: given.used! }, () => BigInt(given.face!));
      expect(merchantStatement(faces, given.feeBp!)).to.deep.equal({
        gross: BigInt(expected.gross!),
        fee: BigInt(expected.fee!),
        net: BigInt(expected.merchantReceives!),
      });
      expect(merchantStatement([], 150)).to.deep.equal({ gross: 0n, fee: 0n, net: 0n });
      expect(feeDown(66n, 150)).to.equal(0n);
    });

    it("refuse numbers that cannot be", () => {
      expect(() => earnedDown(1n, 1n, 10_001)).to.throw(RangeError, "quality 10001 is not 0 to 10000");
      expect(() => earnedDown(-1n, 1n)).to.throw(RangeError, "units -1 is negative");
      expect(() => earnedDown(1n, -1n)).to.throw(RangeError, "rate -1 is negative");
      expect(() => vestedDown(1n, 1n, 1n, 10_001)).to.throw(RangeError, "cut 10001 is not 0 to 10000");
      expect(() => feeDown(1n, 10_001)).to.throw(RangeError, "fee 10001 is not 0 to 10000");
      expect(() => feeDown(-1n, 1)).to.throw(RangeError, "gross -1 is negative");
    });
  });
});

/** Does whatever can be done to lots, at random, and looks at the balance after each step. */
function fuzz(random: Random, steps: number): void {
  const story = new WasteStory();
  const ledger = new LotLedger();
  let applied = 0;
  let bins = 0;
  const ofState = (...states: bigint[]) => ledger.lots.filter(({ state }) => states.includes(state));
  const any = (lots: readonly LotRecord[]) => lots[Number(random.between(0n, BigInt(lots.length - 1)))]!;
  const acts: ((lot: LotRecord) => void)[] = [
    () => story.collect((bins += 1), random.between(1n, 40_000_000n)),
    ({ lotId, grams, holder }) => {
      const received = random.between(1n, grams * 2n);
      const accepted = random.pick([received, 0n, random.between(0n, received)]);
      story.hand(lotId, grams, received, accepted, holder, holder + 1);
    },
    ({ lotId, grams }) => {
      const amounts = { sentGrams: grams, receivedGrams: grams * 3n, toleranceGrams: 0n };
      story.at({ name: "Disputed", lotId, receiver: 9, ...amounts });
      story.at({ name: "DisputeRuled", lotId, grams: random.between(1n, grams * 2n), reasonHash: ZeroHash });
    },
    ({ holder, code }) => {
      const sources = ofState(LotState.Open).filter((lot) => lot.holder === holder && lot.code === code);
      if (sources.length === 0) return;
      const taken = sources.map(({ grams }) => random.pick([grams, random.between(1n, grams)]));
      story.group(
        sources.map(({ lotId }) => lotId),
        taken,
        holder,
      );
    },
    ({ lotId, grams, holder }) => {
      const first = random.between(1n, grams);
      const rest = grams - first;
      const second = rest === 0n ? 0n : random.between(0n, rest);
      const made: [string, bigint, string][] = [["19 12 04", first, random.pick(["R3", "", "D1", "R1"])]];
      if (second > 0n) made.push(["19 12 12", second, ""]);
      story.process([lotId], made, rest - second, holder);
    },
    ({ lotId, grams, holder }) => {
      story.finalise(lotId, grams, random.pick(["R5", "R1", "D10"]), holder);
    },
    ({ lotId, grams, holder }) => {
      story.at({ name: "Exported", lotId, operatorId: holder, grams, documentHash: id("Basel") });
    },
    ({ lotId, grams, flags }) => {
      if ((flags & LotFlags.HAS_CHILD) === 0n) story.revise(lotId, grams, random.between(1n, 40_000_000n));
    },
    ({ lotId }) => {
      story.at({ name: "TraceBroken", lotId, reasonHash: ZeroHash });
    },
  ];
  for (let step = 0; step < steps; step += 1) {
    const open = ofState(LotState.Open, LotState.Refused);
    const act = open.length === 0 ? 0 : Number(random.between(0n, BigInt(acts.length - 1)));
    acts[act]!(open.length === 0 ? ({} as LotRecord) : any(open));
    for (const event of story.lotEvents.slice(applied)) ledger.apply(event);
    applied = story.lotEvents.length;
    balanced(ledger);
  }
  const { collected, ...rest } = ledger.totals;
  expect(collected > 0n).to.be.true;
  expect(Object.values(rest).every((grams) => grams >= 0n)).to.be.true;
  // What a lot came of, and what came of it, agree, and nothing is its own ancestor.
  for (const { lotId, parents, children } of ledger.lots) {
    for (const parent of parents) expect(ledger.lotOf(parent.lotId)!.children).to.include(lotId);
    for (const child of children) expect(ledger.ancestorsOf(child)).to.include(lotId);
    expect(ledger.ancestorsOf(lotId)).not.to.include(lotId);
  }
  expect(ledger.lotOf(ticketLotId(1, 1))).not.to.equal(undefined);
  expect(ledger.lotOf(serialLotId(999_999))).to.equal(undefined);
}
