import { expect } from "chai";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { toJson, writeDay } from "../../scripts/day/output.js";
import { type DayResult, liveDay, readData } from "../../scripts/day/run.js";
import { divideBy, fates, traceFates } from "../../scripts/day/waste/lineage.js";
import { planBatches, planBins, planContainers } from "../../scripts/day/waste/plan.js";
import type { WasteBinRow, WasteTicketRow } from "../../sdk/importers/index.js";
import { Fate } from "../../sdk/index.js";
import { type LotEvent, MAX_SIGNED_FILLS, MAX_TICKETS } from "../../sdk/waste/index.js";
import { type DayJson, expectChecksHold, REAL, refusalOf, sum, summaryOf, table, TOWN, withData } from "./utils/day.js";

type Figures = Readonly<Record<string, string>>;

interface WasteJson {
  readonly timeShiftSeconds: string;
  readonly codes: { readonly listed: number; readonly loaded: number };
  readonly containers: { readonly ofTickets: number; readonly bins: number; readonly recycling: number };
  readonly tickets: number;
  readonly repeated: readonly string[];
  readonly collectors: readonly (Figures & { readonly tickets: number; readonly inData: boolean })[];
  readonly totals: Figures;
  readonly lots: number;
  readonly loads: number;
  readonly certificates: readonly Figures[];
  readonly bins: Readonly<Record<"days" | "readings" | "signed" | "byGateway" | "alerts" | "unrecorded", number>> & {
    readonly silent: readonly string[];
    readonly rounds: readonly Readonly<Record<"routeId" | "planned" | "served", number>>[];
  };
  readonly rewards?: {
    readonly residents: number;
    readonly programmes: readonly Figures[];
    readonly limited: Readonly<Record<string, number>>;
    readonly epoch: Figures;
    readonly supply: string;
    readonly held: string;
  };
  readonly shop?: {
    readonly items: readonly (Figures & Readonly<Record<"bought" | "used" | "refunded", number>>)[];
    readonly burned: string;
    readonly refunded: string;
    readonly money: Figures;
    readonly gross: string;
    readonly fee: string;
  };
  readonly refusals: readonly Readonly<Record<"key" | "reason" | "message", string>>[];
}

type SummaryJson = DayJson<{ readonly waste: WasteJson }>;

/** Balances the books once more, from the figures of the summary alone. */
function expectBalanced(summary: SummaryJson): void {
  expectChecksHold(summary);
  const { waste } = summary.modules;
  const { certificates, collectors, rewards, shop, totals } = waste;
  for (const collector of [...collectors, { ...totals, open: "0" } as Figures]) {
    const went = fates.slice(2).map((fate) => collector[fate]);
    expect(sum(went)).to.equal(sum([collector.collected, collector.transitGain]));
  }
  for (const [fate, grams] of Object.entries(totals)) {
    expect(sum(collectors.map((collector) => collector[fate]))).to.equal(BigInt(grams));
  }
  for (const { active, issued, recycled, retired } of certificates) {
    expect(sum([active, retired])).to.equal(BigInt(issued!));
    expect(BigInt(issued!) <= BigInt(recycled!)).to.equal(true);
  }
  expect(sum(certificates.map(({ recycled }) => recycled))).to.equal(BigInt(totals.recycled!));
  if (rewards === undefined || shop === undefined) return;
  const released = sum(rewards.programmes.map((programme) => programme.released));
  expect(BigInt(rewards.supply)).to.equal(released - BigInt(shop.burned) + BigInt(shop.refunded));
  for (const { cut, earned, released: paid, voided, waiting } of rewards.programmes) {
    expect(sum([cut, paid, voided, waiting])).to.equal(BigInt(earned!));
  }
  const { fees, left, paidIn, toMerchant, withdrawn } = shop.money;
  expect(sum([fees, left, toMerchant, withdrawn])).to.equal(BigInt(paidIn!));
}

/** What a whole day must refuse, and why. */
const REFUSED = {
  forgedReading: "BadDeviceSignature",
  noGateway: "ContainersNotGateway",
  replayedReading: "CounterNotIncreasing",
  noPermit: "WasteLotsPermitMissing",
  wrongDay: "WasteLotsCodeNotValid",
  replayedTicket: "CounterNotIncreasing",
  massImbalance: "WasteLotsMassImbalance",
  processedTwice: "WasteLotsLotClosed",
  ownRevision: "WasteLotsNoRevision",
  tooManyCertificates: "RecyclingCertificatesExceedsRecycled",
  ownDeposit: "EcoRewardsBadDeviceSignature",
  secondTrip: "EcoRewardsTooSoon",
  voidedClaim: "EcoRewardsNotPending",
  earlyRelease: "EcoRewardsTooEarly",
  secondEpochClaim: "EcoRewardsAlreadyClaimed",
  otherShop: "RedemptionNotMerchant",
  usedVoucher: "RedemptionVoucherClosed",
};

const TICKETS = "ticket_id,container_id,date,ewc_assigned,kg,collector,volume_cubic_yards";
const BINS = "serial,description,latitude,longitude,threshold,n_readings,stream,suburb";
const FILLS = "serial,date,fullness_0_10,fill_bp";
const CODES = "ewc,ewc_digits,hazardous,entry_type,chapter,sub_chapter,description";

/** Three tickets of two collectors, without a list of codes and without bins. */
const VILLAGE = {
  "waste/tickets.csv": table(
    TICKETS,
    "a-1,skip-1,2027-03-01,20 03 01,1000,ann,10",
    "b-1,skip-2,2027-03-01,20 03 01,2000.5,bob,0",
    "a-2,skip-1,2027-03-02,20 03 01,500,ann,12",
  ),
};

const only = ["waste"];

describe("Waste day", function () {
  describe("on the sample town", function () {
    let result: DayResult;
    let summary: SummaryJson;

    before(async function () {
      result = await liveDay({ data: TOWN, only });
      summary = summaryOf<SummaryJson>(result);
    });

    it("balances every book", function () {
      expectBalanced(summary);
    });

    it("comes to what the data expect", function () {
      interface Expected {
        readonly tickets: number;
        readonly per_collector: Readonly<Record<string, { readonly tickets: number; readonly kg: number }>>;
      }
      const expected = JSON.parse(readFileSync(join(TOWN, "waste/expected.json"), "utf8")) as Expected;
      const { codes, collectors, containers, tickets } = summary.modules.waste;
      const fromData = collectors.filter(({ inData }) => inData);
      expect(
        Object.fromEntries(
          fromData.map((one) => [one.name, { tickets: one.tickets, kg: Number(one.collected) / 1_000 }]),
        ),
      ).to.deep.equal(expected.per_collector);
      expect(tickets).to.equal(expected.tickets);
      expect(summary.checks.filter(({ name }) => name.endsWith("= expected.json"))).to.have.length(9);
      // 42 codes of batteries are added, and three that end are not in the list: 16 06 05, 19 02 11 and 20 01 34.
      expect(codes).to.deep.equal({ listed: 15, loaded: 60 });
      expect(containers).to.deep.equal({ ofTickets: 24, bins: 6, recycling: 3 });
    });

    it("tells of the container that stands on two tickets, and keeps both", function () {
      expect(summary.modules.waste.repeated).to.deep.equal([
        "waste/tickets.csv, line 22: container harbour-skip-3 stands on ticket harbour-03 in line 17 and again on " +
          "harbour-03-1; both are kept",
      ]);
    });

    it("takes waste to every end that there is", function () {
      const { totals } = summary.modules.waste;
      for (const name of [
        "recycled",
        "recovered",
        "disposed",
        "exported",
        "processLoss",
        "transitGain",
        "transitLoss",
      ]) {
        expect(BigInt(totals[name]!) > 0n).to.equal(true, name);
      }
      const { gas } = summary;
      for (const act of ["rule", "approveRevision", "exportLot", "finalise", "receiveLot", "takeDelivery"]) {
        expect(gas[`waste.${act}`]).to.not.equal(undefined, act);
      }
    });

    it("counts readings, alerts and emptyings, and drives rounds", function () {
      const { bins } = summary.modules.waste;
      expect([bins.days, bins.readings, bins.signed, bins.byGateway]).to.deep.equal([14, 84, 42, 42]);
      expect(bins.alerts > 0 && bins.unrecorded > 0).to.equal(true);
      expect(bins.rounds.reduce((count, { planned, served }) => count + planned - served, 0)).to.equal(1);
      expect(bins.silent).to.deep.equal([]);
    });

    it("rewards residents, cuts greedy deposits, and voids a claim", function () {
      const { rewards, shop } = summary.modules.waste;
      const byName = new Map(rewards?.programmes.map((programme) => [programme.name, programme]));
      expect(BigInt(byName.get("Deposits")!.cut!) > 0n).to.equal(true);
      expect(BigInt(byName.get("Public transport")!.voided!) > 0n).to.equal(true);
      expect([byName.get("Energy saved")!.cut, byName.get("Energy saved")!.voided]).to.deep.equal(["0", "0"]);
      // The trip of the fifth day, and bags of the days between.
      expect((rewards?.limited.Struck ?? 0) > 0).to.equal(true);
      expect((rewards?.limited.Person ?? 0) > 0).to.equal(true);
      expect(shop?.items.reduce((count, { refunded }) => count + refunded, 0)).to.equal(1);
      expect(shop?.money.left).to.equal("0");
    });

    it("refuses what is wrong, by name", function () {
      const { refusals } = summary.modules.waste;
      expect(Object.fromEntries(refusals.map(({ key, reason }) => [key, reason]))).to.deep.equal(REFUSED);
      const replayed = refusals.find(({ key }) => key === "replayedTicket");
      expect(replayed?.message).to.equal(
        "ticket linden-01 was left out of the batch the second time: CounterNotIncreasing",
      );
    });

    it("writes a report", function () {
      const report = writeDay(result);
      expect(report).to.match(/All \d+ checks hold\.$/);
      expect(report).to.contain("25 tickets of 24 containers, 6 bins with 84 readings, and 60 codes");
      expect(report).to.contain("Told and kept: waste/tickets.csv, line 22");
      expect(report).to.contain("│ linden                   │      13 │ 27,265.000 │");
      expect(report).to.not.contain("FAIL");
    });
  });

  describe("on a village", function () {
    it("is the same a second time, to the last gram", async function () {
      await withData(VILLAGE, async (data) => {
        const once = await liveDay({ data, only });
        const again = await liveDay({ data, only });
        expectBalanced(summaryOf<SummaryJson>(once));
        expect(toJson(again.summary)).to.equal(toJson(once.summary));
        expect(again.parts).to.deep.equal(once.parts);
      });
    });

    it("without bins has tickets, and no rewards", async function () {
      await withData(VILLAGE, async (data) => {
        const { bins, collectors, containers, loads, rewards, shop } = summaryOf<SummaryJson>(
          await liveDay({ data, only }),
        ).modules.waste;
        expect([rewards, shop, loads, bins.days]).to.deep.equal([undefined, undefined, 2, 0]);
        expect(containers).to.deep.equal({ ofTickets: 2, bins: 0, recycling: 0 });
        expect(collectors.map(({ collected, name }) => [name, collected])).to.deep.equal([
          ["ann", "1500000"],
          ["bob", "2000500"],
        ]);
      });
    });

    it("has more bins than a call takes readings of, and a round tickets", async function () {
      const serials = Array.from({ length: MAX_SIGNED_FILLS + 1 }, (_, index) => 7_001 + index);
      const streamOf = (index: number): string => (index <= MAX_TICKETS ? "recycling" : "general");
      const many = {
        "waste/containers.csv": table(
          BINS,
          ...serials.map((serial, index) => `${serial},Way ${serial},52.0,0.1,5.0,1,${streamOf(index)},Southquarter`),
        ),
        "waste/fill.csv": table(FILLS, ...serials.map((serial) => `${serial},2027-03-01,1,1000`)),
      };
      await withData(many, async (data) => {
        const summary = summaryOf<SummaryJson>(await liveDay({ data, only }));
        expectBalanced(summary);
        const { bins } = summary.modules.waste;
        expect(bins).to.deep.include({ days: 1, readings: serials.length, signed: serials.length, byGateway: 0 });
        expect(bins.rounds.map(({ planned, served }) => [planned, served])).to.deep.equal([
          [MAX_TICKETS, MAX_TICKETS],
          [1, 0],
        ]);
      });
    });

    it("without tickets has bins, and mass by rule alone", async function () {
      const files = {
        "waste/bins.csv": table(BINS, "7,Well,52.1,5.2,8.0,2,recycling,Linden", "8,Mill,52.1,5.2,8.0,0,general,Linden"),
        "waste/fills.csv": table(FILLS, "7,2027-03-01,4,4000", "7,2027-03-02,8,8000"),
      };
      await withData(files, async (data) => {
        const summary = summaryOf<SummaryJson>(await liveDay({ data, only }));
        expectBalanced(summary);
        const { bins, collectors } = summary.modules.waste;
        // 600 litres of 50 g at 80 %.
        expect(collectors.map(({ collected, inData, tickets }) => [collected, inData, tickets])).to.deep.equal([
          ["24000", false, 1],
        ]);
        expect([bins.alerts, bins.silent]).to.deep.equal([1, ["8"]]);
        expect(bins.rounds).to.deep.equal([{ routeId: 1, planned: 1, served: 1 }]);
      });
    });
  });

  // Where the data stand beside the repository; the sample town has everything else.
  if (existsSync(REAL)) {
    describe("on public waste data", function () {
      it("takes 993 tickets and 32 bins to the end of every kilogram", async function () {
        const summary = summaryOf<SummaryJson>(await liveDay({ data: REAL, only }));
        expectBalanced(summary);
        const { bins, codes, collectors, containers, repeated, tickets } = summary.modules.waste;
        expect([tickets, containers, codes]).to.deep.equal([
          993,
          { ofTickets: 992, bins: 32, recycling: 17 },
          { listed: 842, loaded: 884 },
        ]);
        const fromData = collectors.filter(({ inData }) => inData);
        expect(
          Object.fromEntries(fromData.map((one) => [one.name, [one.tickets, Number(one.collected) / 1_000]])),
        ).to.deep.equal({
          mister: [629, 1_832_088],
          gwynnda: [220, 592_531],
          professor: [114, 213_467],
          captain: [30, 33_887],
        });
        expect(sum(fromData.map(({ collected }) => collected))).to.equal(2_671_973_000n);
        expect(repeated).to.have.length(1);
        expect(repeated[0]).to.contain("container gwynnda-dumpster-21 stands on ticket gwynnda-0021");
        expect([bins.days, bins.readings, bins.silent]).to.deep.equal([14, 448, ["1511202"]]);
        expect(summary.checks.filter(({ name }) => name.endsWith("= expected.json"))).to.have.length(13);
        const { refusals } = summary.modules.waste;
        expect(Object.fromEntries(refusals.map(({ key, reason }) => [key, reason]))).to.deep.equal(REFUSED);
      });
    });
  }

  describe("data", function () {
    const faultsOf = async (files: Readonly<Record<string, string>>) => {
      let faults: string[] = [];
      await withData(files, (data) => {
        faults = readData({ data, only }).faults.map(
          ({ column, file, line, reason }) => `${file}:${line} ${column}: ${reason}`,
        );
      });
      return faults;
    };

    it("of a town have no faults", async function () {
      expect(readData({ data: TOWN, only }).faults).to.deep.equal([]);
      expect(await faultsOf(VILLAGE)).to.deep.equal([]);
    });

    it("name codes that there are not, or not on that day", async function () {
      const tickets = table(
        TICKETS,
        "a-1,skip-1,2027-03-01,20 01 08,10,ann,10",
        "a-2,skip-2,2027-03-01,20 01 33,10,ann,10",
        "a-3,skip-3,2026-12-08,20 01 33,10,ann,10",
        "a-4,skip-4,2026-12-08,20 01 44,10,ann,10",
      );
      expect(await faultsOf({ "waste/tickets.csv": tickets })).to.deep.equal([
        "waste/tickets.csv:2 ewc_assigned: the list has no such code",
        "waste/tickets.csv:3 ewc_assigned: the code is not valid on that day",
        "waste/tickets.csv:5 ewc_assigned: the code is not valid on that day",
      ]);
      const list = table(CODES, "20 01 08,200108,0,Absolute non-hazardous,Municipal,Apart,Kitchen waste");
      const known = table(TICKETS, "a-1,skip-1,2027-03-01,20 01 08,10,ann,10");
      expect(await faultsOf({ "waste/codes.csv": list, "waste/tickets.csv": known })).to.deep.equal([]);
    });

    it("name what does not fit into a container", async function () {
      // A cubic yard is 764 litres.
      const tickets = table(
        TICKETS,
        "a-1,skip-1,2027-03-01,20 03 01,764,ann,1",
        "a-2,skip-2,2027-03-01,20 03 01,765,ann,1",
      );
      expect(await faultsOf({ "waste/tickets.csv": tickets })).to.deep.equal([
        "waste/tickets.csv:3 kg: more than a container of 764 litres holds",
      ]);
    });

    it("name levels of a container that there is not, and tables of no kind", async function () {
      const fills = table(FILLS, "7,2027-03-01,4,4000");
      expect(await faultsOf({ "waste/fills.csv": fills })).to.deep.equal([
        "waste/fills.csv:2 serial: there is no such container",
      ]);
      const files = { "waste/other.csv": "ticket_id\na-1\n", "waste/notes.txt": "nothing" };
      await withData(files, (data) => {
        const { faults, unknown } = readData({ data, only });
        // Each column of a file of tickets but the one that is there.
        expect(faults.map(({ file, line }) => `${file}:${line}`)).to.deep.equal(Array(6).fill("waste/other.csv:1"));
        expect(unknown).to.deep.equal(["waste/notes.txt: no known format"]);
      });
    });

    it("are lived without the rows that are skipped, and not at all without a good one", async function () {
      const bad = VILLAGE["waste/tickets.csv"].replace(
        "b-1,skip-2,2027-03-01,20 03 01",
        "b-1,skip-2,2027-03-01,20 01 08",
      );
      await withData({ "waste/tickets.csv": bad }, async (data) => {
        const summary = summaryOf<SummaryJson>(await liveDay({ data, only, skipBadRows: true }));
        expectBalanced(summary);
        expect(summary.modules.waste.tickets).to.equal(2);
      });
      const none = table(TICKETS, "a-1,skip-1,2027-03-01,20 01 08,10,ann,10");
      await withData({ "waste/tickets.csv": none }, async (data) => {
        expect((await refusalOf({ data, only, skipBadRows: true })).message).to.equal(
          `${data} has no data to live through.`,
        );
      });
    });
  });

  describe("plan", function () {
    const place = { file: "f", line: 2 };
    const ticket = (ticketId: string, containerId: string, day: number, volume = 100n): WasteTicketRow => ({
      ...place,
      ticketId,
      containerId,
      day,
      code: 200_301,
      grams: 1n,
      collector: "ann",
      volume,
    });
    const bin = (serial: string): WasteBinRow => ({
      ...place,
      serial,
      description: serial,
      latitude: 0n,
      longitude: 0n,
      alertBp: 8_000,
      readingCount: 0,
      stream: "recycling",
      suburb: "Linden",
    });
    const fills = (serial: string, ...levels: readonly number[]) =>
      levels.map((fillBp, day) => ({ ...place, serial, day, fillBp }));

    it("makes a container as large as the largest volume on its tickets", function () {
      const tickets = [ticket("1", "a", 1), ticket("2", "b", 1, 0n), ticket("3", "a", 2, 1_500n)];
      expect(planContainers(tickets).map(({ id, litres }) => [id, litres])).to.deep.equal([
        ["a", 11_468],
        ["b", 40_000],
      ]);
    });

    it("relays tickets in order of time, fifty at once, when the last day is over", function () {
      const tickets = Array.from({ length: 51 }, (_, index) => ticket(`${index}`, "a", 100 - index));
      const [first, second] = planBatches(tickets);
      expect([first!.tickets.length, first!.day, first!.tickets[0]!.day]).to.deep.equal([50, 100, 50]);
      expect([second!.tickets.length, second!.day]).to.deep.equal([1, 101]);
    });

    it("empties bins that are due, blocks one stop once, and empties the rest on the last day", function () {
      const bins = [bin("1"), bin("2")];
      const days = planBins(bins, [...fills("1", 8_000, 3_000, 9_000), ...fills("2", 8_500, 8_500, 2_000)]);
      expect(days.map(({ stops }) => stops.map(({ bin: { serial }, served }) => [serial, served]))).to.deep.equal([
        [
          ["1", true],
          ["2", false],
        ],
        [["2", true]],
        [
          ["1", true],
          ["2", true],
        ],
      ]);
      expect(days.map(({ due }) => due.length)).to.deep.equal([2, 1, 1]);
      expect(days[0]?.stops[0]?.grams).to.equal(24_000n);
    });

    it("has a bag brought for every tenth that a bin rises, by residents in turn", function () {
      const [first, second] = planBins([bin("1")], fills("1", 2_500, 3_000));
      expect(first?.deposits.map(({ grams, resident }) => [grams, resident])).to.deep.equal([
        [2_500n, 0],
        [2_500n, 1],
        [2_500n, 2],
      ]);
      expect(
        second?.deposits.map(({ collection, counter, grams, resident }) => [collection, counter, grams, resident]),
      ).to.deep.equal([[1, 4, 1_500n, 3]]);
      const greedy = planBins([bin("1"), bin("2"), bin("3")], fills("3", 1_000));
      expect(greedy[0]?.deposits.map(({ grams }) => grams)).to.deep.equal([3_900n]);
    });
  });

  describe("lineage", function () {
    const at = { blockNumber: 1, logIndex: 0, transactionHash: "0x", at: 0n };
    const ticket = {
      binId: 1,
      counter: 1,
      takenAt: 0n,
      code: 200_301,
      weighing: 0n,
      routeId: 0,
      documentHash: "0x",
    };
    const collected = (lotId: bigint, operatorId: number, grams: bigint): LotEvent => ({
      ...at,
      name: "Collected",
      lotId,
      binId: 1,
      operatorId,
      ticket: { ...ticket, grams },
    });
    const grouped = (lotId: bigint, takenGrams: readonly bigint[]): LotEvent => ({
      ...at,
      name: "Grouped",
      lotId,
      operatorId: 1,
      sources: [1n, 2n],
      takenGrams,
    });

    it("divides to the last gram, and gives what is left to the largest remainders", function () {
      const shares = new Map([
        [1, 1n],
        [2, 1n],
        [3, 5n],
      ]);
      expect([...divideBy(shares, 10n)]).to.deep.equal([
        [1, 2n],
        [2, 1n],
        [3, 7n],
      ]);
      expect([...divideBy(new Map(), 10n)]).to.deep.equal([]);
    });

    it("follows groups, losses, refusals and ends", function () {
      const table = traceFates([
        collected(1n, 1, 300n),
        collected(2n, 2, 100n),
        grouped(9n, [300n, 60n]),
        {
          ...at,
          name: "Received",
          lotId: 9n,
          sender: 1,
          receiver: 3,
          sentGrams: 360n,
          receivedGrams: 354n,
          acceptedGrams: 300n,
        },
        { ...at, name: "Refused", lotId: 10n, parent: 9n, receiver: 3, grams: 54n, reasonHash: "0x" },
        {
          ...at,
          name: "Finalised",
          lotId: 11n,
          operatorId: 3,
          op: 3,
          fate: Fate.Recycled,
          grams: 200n,
          evidenceHash: "0x",
        },
        {
          ...at,
          name: "Processed",
          operatorId: 3,
          inputs: [9n],
          outputs: [
            { code: 1, grams: 200n, op: 3 },
            { code: 2, grams: 90n, op: 0 },
          ],
          outputLots: [11n, 12n],
          lossGrams: 10n,
          evidenceHash: "0x",
        },
        { ...at, name: "Revised", lotId: 12n, approver: 1, previousGrams: 90n, grams: 96n },
        { ...at, name: "Exported", lotId: 12n, operatorId: 3, grams: 96n, documentHash: "0x" },
        {
          ...at,
          name: "Finalised",
          lotId: 10n,
          operatorId: 1,
          op: 101,
          fate: Fate.Disposed,
          grams: 54n,
          evidenceHash: "0x",
        },
      ]);
      expect(Object.fromEntries(table)).to.deep.equal({
        1: {
          collected: 300n,
          transitGain: 5n,
          recycled: 167n,
          recovered: 0n,
          disposed: 45n,
          exported: 80n,
          processLoss: 8n,
          transitLoss: 5n,
          open: 0n,
        },
        2: {
          collected: 100n,
          transitGain: 1n,
          recycled: 33n,
          recovered: 0n,
          disposed: 9n,
          exported: 16n,
          processLoss: 2n,
          transitLoss: 1n,
          open: 40n,
        },
      });
    });
  });
});
