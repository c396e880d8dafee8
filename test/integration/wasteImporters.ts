import { expect } from "chai";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import {
  describeFault,
  describeRepeated,
  headerOf,
  importWasteBins,
  importWasteCodes,
  importWasteFills,
  importWasteTickets,
  isWasteBins,
  isWasteCodes,
  isWasteFills,
  isWasteTickets,
  type RowFault,
} from "../../sdk/importers/index.js";
import { EntryType } from "../../sdk/index.js";
import {
  ALKALINE_BATTERIES,
  isHazardousType,
  isValidOn,
  type Material,
  materialsOn,
  NEW_BATTERY_CODES,
  OLD_BATTERY_CODES,
  RECLASSIFIED_2026,
  typeOn,
  wasteCode,
  withBatteryCodes,
} from "../../sdk/waste/index.js";

const SHARED = fileURLToPath(new URL("../../../shared/data/waste/", import.meta.url));
const FILES = {
  codes: "ewc_codes.csv",
  tickets: "trashwheel_tickets.csv",
  bins: "wyndham-containers.csv",
  fills: "wyndham-smartbin-fill-2018-06-26_07-09.csv",
} as const;

const CODES = "ewc,ewc_digits,hazardous,entry_type,chapter,sub_chapter,description";
const TICKETS = "ticket_id,container_id,date,ewc_assigned,kg,collector,volume_cubic_yards";
const BINS = "serial,description,latitude,longitude,threshold,n_readings,stream,suburb";
const FILLS = "serial,date,fullness_0_10,fill_bp";

function source(header: string, ...rows: string[]) {
  return [{ name: "x.csv", text: [header, ...rows].join("\n") }];
}

/** Line, column and reason of each fault. */
function told(faults: readonly RowFault[]): [number, string, string][] {
  return faults.map(({ line, column, reason }) => [line, column, reason]);
}

/** A file of the public data, which stands beside the repository. */
function shared(name: string) {
  return [{ name, text: readFileSync(SHARED + name, "utf8") }];
}

interface Expected {
  readonly tickets: number;
  readonly kg_total: number;
  readonly per_collector: Readonly<Record<string, { readonly tickets: number; readonly kg: number }>>;
  readonly repeated_dumpster_numbers: number;
  readonly first_day: string;
  readonly last_day: string;
  readonly ewc_codes: { readonly codes: number; readonly hazardous: number };
}

const DAY_MS = 86_400_000;
const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

describe("Waste importers", () => {
  describe("public data", () => {
    // The data stand beside the repository; where they do not, there is nothing to read.
    if (!existsSync(SHARED)) return;
    const expected = JSON.parse(readFileSync(`${SHARED}expected.json`, "utf8")) as Expected;

    it("are recognised by their header rows, each by one", () => {
      const kinds = [isWasteCodes, isWasteTickets, isWasteBins, isWasteFills];
      for (const [place, name] of Object.values(FILES).entries()) {
        const header = headerOf(shared(name)[0]!.text);
        expect(kinds.map((is) => is(header))).to.deep.equal(kinds.map((_, index) => index === place));
      }
    });

    it("reads the List of Waste", () => {
      const { codes, faults, rowCount } = importWasteCodes(shared(FILES.codes));
      expect(faults).to.deep.equal([]);
      expect(rowCount).to.equal(codes.length);
      expect({ codes: codes.length, hazardous: codes.filter(({ hazardous }) => hazardous).length }).to.deep.equal({
        codes: expected.ewc_codes.codes,
        hazardous: expected.ewc_codes.hazardous,
      });
      const [first] = codes;
      expect(first).to.deep.include({ code: 10_101, entryType: EntryType.Absolute, fromDay: 0, toDay: 0, line: 2 });
      const counts = Object.values(EntryType).map((type) => codes.filter(({ entryType }) => entryType === type).length);
      expect(counts).to.deep.equal([0, 256, 235, 178, 173]);
    });

    it("reads every ticket, and reports the one container that has two", () => {
      const { tickets, repeated, faults, rowCount } = importWasteTickets(shared(FILES.tickets));
      expect(faults).to.deep.equal([]);
      expect(rowCount).to.equal(expected.tickets);
      const sumOf = (collector?: string) => {
        const own = tickets.filter((ticket) => collector === undefined || ticket.collector === collector);
        return { tickets: own.length, kg: Number(own.reduce((sum, { grams }) => sum + grams, 0n)) / 1_000 };
      };
      expect(sumOf()).to.deep.equal({ tickets: expected.tickets, kg: expected.kg_total });
      for (const [collector, sum] of Object.entries(expected.per_collector)) {
        expect(sumOf(collector)).to.deep.equal(sum);
      }
      expect(new Set(tickets.map(({ collector }) => collector)).size).to.equal(
        Object.keys(expected.per_collector).length,
      );
      const days = tickets.map(({ day }) => day).sort((left, right) => left - right);
      expect([dateOf(days[0]!), dateOf(days.at(-1)!)]).to.deep.equal([expected.first_day, expected.last_day]);
      expect(repeated).to.have.length(expected.repeated_dumpster_numbers);
      expect(describeRepeated(repeated[0]!)).to.equal(
        `${FILES.tickets}, line 623: container gwynnda-dumpster-21 stands on ticket gwynnda-0021 in line 618 and ` +
          "again on gwynnda-0021-1; both are kept",
      );
    });

    it("reads the containers and how full they were", () => {
      const { bins, faults } = importWasteBins(shared(FILES.bins));
      expect(faults).to.deep.equal([]);
      expect(bins).to.have.length(33);
      expect(bins[0]).to.deep.include({
        serial: "1510830",
        latitude: -37_901_811n,
        longitude: 144_660_195n,
        alertBp: 6_000,
        readingCount: 990,
        stream: "general",
      });
      const serials = new Set(bins.map(({ serial }) => serial));
      const fills = importWasteFills(shared(FILES.fills), serials);
      expect(fills.faults).to.deep.equal([]);
      expect(fills.rowCount).to.equal(448);
      expect(fills.histories).to.have.length(32);
      expect(fills.histories.every(({ fills: days }) => days.length === 14)).to.be.true;
      expect([dateOf(fills.first!), dateOf(fills.last!)]).to.deep.equal(["2018-06-26", "2018-07-09"]);
    });

    it("gets 42 codes of batteries, loses 4, and has 435 hazardous ones with 16 06 04", () => {
      const { codes } = importWasteCodes(shared(FILES.codes));
      const known = new Set(codes.map(({ code }) => code));
      expect(NEW_BATTERY_CODES.filter(({ code }) => known.has(code))).to.deep.equal([]);
      for (const old of [...OLD_BATTERY_CODES, ALKALINE_BATTERIES.before]) {
        expect(codes.find(({ code }) => code === old.code)?.entryType, old.label).to.equal(old.entryType);
      }
      const list = withBatteryCodes(codes);
      expect(list).to.have.length(842 + 42);
      expect(list.map(({ code }) => code)).to.deep.equal(list.map(({ code }) => code).sort((a, b) => a - b));
      const day = NEW_BATTERY_CODES[0]!.fromDay;
      const on = (at: number) => list.filter((entry) => isValidOn(entry, at));
      const hazardous = (at: number) =>
        on(at).filter((entry) => isHazardousType(typeOn(entry, at, RECLASSIFIED_2026))).length;
      expect([on(day - 1).length, hazardous(day - 1)]).to.deep.equal([842, 408]);
      expect([on(day).length, hazardous(day)]).to.deep.equal([880, 435]);
    });
  });

  describe("importWasteCodes", () => {
    const good = "15 01 06,150106,0,Mirror non-hazardous,Packaging,Packaging,Mixed packaging";

    it("reads a code in any way of writing it", () => {
      const { codes, faults } = importWasteCodes(
        source(CODES, "200121,20 01 21*,1,Absolute hazardous,Municipal,Fractions,Fluorescent tubes"),
      );
      expect(faults).to.deep.equal([]);
      expect(codes[0]).to.deep.include({ code: 200_121, hazardous: true, entryType: EntryType.AbsoluteHazardous });
    });

    it("names what is wrong with a row and leaves it out", () => {
      const { codes, faults, rowCount } = importWasteCodes(
        source(
          CODES,
          good,
          good,
          "21 01 01,210101,0,Absolute non-hazardous,A,B,C",
          "15 01 0,15010,0,Absolute non-hazardous,A,B,C",
          "15 01 01,150102,0,Absolute non-hazardous,A,B,C",
          "15 01 03,150103,yes,Absolute non-hazardous,A,B,C",
          "15 01 04,150104,1,Absolute non-hazardous,A,B,C",
          "15 01 05,150105,0,Mirror,A,B,C",
          "15 01 07,150107,0,Absolute non-hazardous,,B,C",
        ),
      );
      expect(codes.map(({ code }) => code)).to.deep.equal([150_106]);
      expect(rowCount).to.equal(9);
      const none = "not a code of six digits in the chapters 01 to 20, such as 15 01 06";
      expect(told(faults)).to.deep.equal([
        [3, "ewc", "this code stands in line 2 already"],
        [4, "ewc", none],
        [4, "ewc_digits", none],
        [5, "ewc", none],
        [5, "ewc_digits", none],
        [6, "ewc_digits", "another code than 15 01 01 in the same row"],
        [7, "hazardous", "neither 0 nor 1"],
        [8, "hazardous", "the entry is not hazardous by its entry_type"],
        [9, "entry_type", "none of Absolute non-hazardous, Absolute hazardous, Mirror non-hazardous, Mirror hazardous"],
        [10, "chapter", "the cell is empty"],
      ]);
    });

    it("names a column that is missing, and rows that are short", () => {
      const missing = importWasteCodes(source("ewc,hazardous", "15 01 06,0"));
      expect(missing.rowCount).to.equal(0);
      expect(told(missing.faults)[0]).to.deep.equal([1, "ewc_digits", "the column is missing"]);
      const short = importWasteCodes(source(CODES, "15 01 06,150106"));
      expect(told(short.faults)).to.deep.equal([[2, "hazardous", "the row has 2 cells, the header 7"]]);
      expect(short.rowCount).to.equal(1);
    });
  });

  describe("importWasteTickets", () => {
    it("keeps both tickets of a container, and reports it", () => {
      const { tickets, repeated, faults } = importWasteTickets([
        { name: "a.csv", text: `${TICKETS}\nT-1,C-1,2026-11-20,15 01 06,1.234,north,2.5` },
        { name: "b.csv", text: `${TICKETS}\nT-1-1,C-1,2026-11-21,15 01 06,2,north,2` },
      ]);
      expect(faults).to.deep.equal([]);
      expect(tickets.map(({ ticketId, grams, volume, day }) => [ticketId, grams, volume, dateOf(day)])).to.deep.equal([
        ["T-1", 1_234n, 250n, "2026-11-20"],
        ["T-1-1", 2_000n, 200n, "2026-11-21"],
      ]);
      expect(repeated.map(({ first, again }) => [first.file, again.file])).to.deep.equal([["a.csv", "b.csv"]]);
      expect(describeRepeated(repeated[0]!)).to.equal(
        "b.csv, line 2: container C-1 stands on ticket T-1 in line 2 and again on T-1-1; both are kept",
      );
    });

    it("names what is wrong with a row and leaves it out", () => {
      const row = (id: string, change: Readonly<Record<number, string>>) =>
        [id, `C-${id}`, "2026-11-20", "15 01 06", "5", "north", "15"]
          .map((cell, index) => change[index] ?? cell)
          .join(",");
      const { tickets, repeated, faults } = importWasteTickets(
        source(
          TICKETS,
          row("T-1", {}),
          row("T-1", { 4: "6" }),
          row("T-2", { 2: "20.11.2026" }),
          row("T-3", { 2: "2026-02-30" }),
          row("T-4", { 2: "1969-12-31" }),
          row("T-5", { 3: "30 01 01" }),
          row("T-6", { 4: "0" }),
          row("T-7", { 4: "40000.001" }),
          row("T-8", { 4: "1.0001" }),
          row("T-9", { 5: "" }),
          row("T-10", { 6: "-1" }),
          row("", {}),
        ),
      );
      expect(tickets.map(({ ticketId }) => ticketId)).to.deep.equal(["T-1"]);
      expect(repeated).to.deep.equal([]);
      expect(told(faults)).to.deep.equal([
        [3, "ticket_id", "this ticket stands in line 2 already"],
        [4, "date", "not a date such as 2026-12-09"],
        [5, "date", "no such date"],
        [6, "date", "before 1970"],
        [7, "ewc_assigned", "not a code of six digits in the chapters 01 to 20, such as 15 01 06"],
        [8, "kg", "below 0.001, the load of a road vehicle"],
        [9, "kg", "above 40000, the load of a road vehicle"],
        [10, "kg", "more than 3 digits after the point"],
        [11, "collector", "the cell is empty"],
        [12, "volume_cubic_yards", "negative"],
        [13, "ticket_id", "the cell is empty"],
      ]);
      expect(describeFault(faults[0]!)).to.equal(
        'x.csv, line 3, column ticket_id, value "T-1": this ticket stands in line 2 already',
      );
    });
  });

  describe("importWasteBins", () => {
    it("rounds coordinates to millionths of a degree, halves away from zero", () => {
      const { bins, faults } = importWasteBins(
        source(BINS, "1,A,-37.9018115,144.6601944999,6.0,0,general,W", "2,B,90,-180,0.001,1,recycling,W"),
      );
      expect(faults).to.deep.equal([]);
      expect(bins.map(({ latitude, longitude, alertBp }) => [latitude, longitude, alertBp])).to.deep.equal([
        [-37_901_812n, 144_660_194n, 6_000],
        [90_000_000n, -180_000_000n, 1],
      ]);
    });

    it("names what is wrong with a row and leaves it out", () => {
      const { bins, faults } = importWasteBins(
        source(
          BINS,
          "1,A,1,1,6,0,general,W",
          "1,B,1,1,6,0,general,W",
          "2,A,90.0000001,1,6,0,general,W",
          "3,A,1,-181,6,0,general,W",
          "4,A,1,1,0,0,general,W",
          "5,A,1,1,10.5,0,general,W",
          "6,A,1,1,6,x,general,W",
          "7,A,1,1,6,0,glass,W",
        ),
      );
      expect(bins.map(({ serial }) => serial)).to.deep.equal(["1"]);
      expect(told(faults)).to.deep.equal([
        [3, "serial", "this container stands in line 2 already"],
        [4, "latitude", "above 90, no such place"],
        [5, "longitude", "below -180, no such place"],
        [6, "threshold", "below 0.001"],
        [7, "threshold", "above 10"],
        [8, "n_readings", "not a number"],
        [9, "stream", "neither general nor recycling"],
      ]);
    });
  });

  describe("importWasteFills", () => {
    it("gives each container's levels in order of time, whatever the order of the rows", () => {
      const { histories, first, last, faults } = importWasteFills(
        source(FILLS, "b,2018-06-27,2,2000", "a,2018-06-27,0.5,500", "a,2018-06-26,10,10000"),
      );
      expect(faults).to.deep.equal([]);
      expect([dateOf(first!), dateOf(last!)]).to.deep.equal(["2018-06-26", "2018-06-27"]);
      expect(histories.map(({ serial, fills }) => [serial, ...fills.map(({ fillBp }) => fillBp)])).to.deep.equal([
        ["b", 2_000],
        ["a", 10_000, 500],
      ]);
    });

    it("names what is wrong with a row, and days that are missing", () => {
      const { histories, faults } = importWasteFills(
        source(
          FILLS,
          "a,2018-06-26,2,2000",
          "a,2018-06-26,2,2000",
          "a,2018-06-27,2,2001",
          "a,2018-06-29,11,11000",
          "a,2018-07-02,1,1000",
          "b,2018-06-26,1,1000",
        ),
        new Set(["a"]),
      );
      expect(histories.map(({ serial, fills }) => [serial, ...fills.map(({ line }) => line)])).to.deep.equal([
        ["a", 2, 6],
      ]);
      expect(told(faults)).to.deep.equal([
        [3, "date", "container a has this day in line 2 already"],
        [4, "fill_bp", "not the fullness times 1,000, which is 2000"],
        [5, "fullness_0_10", "above 10"],
        [5, "fill_bp", "above 10000"],
        [5, "date", "container a has no row for a day before this one"],
        [6, "date", "container a has no row for 2 days before this one"],
        [7, "serial", "there is no such container"],
      ]);
    });

    it("has neither first nor last day without a good row", () => {
      const { first, last, rowCount } = importWasteFills(source(FILLS, "a,2018-06-26,x,2000"));
      expect([first, last, rowCount]).to.deep.equal([undefined, undefined, 1]);
    });
  });

  describe("codes of batteries", () => {
    it("begin on 9 December 2026, and the old ones end the day before", () => {
      expect(new Set(NEW_BATTERY_CODES.map(({ fromDay }) => dateOf(fromDay)))).to.deep.equal(new Set(["2026-12-09"]));
      expect(new Set(OLD_BATTERY_CODES.map(({ toDay }) => dateOf(toDay)))).to.deep.equal(new Set(["2026-12-08"]));
      expect(NEW_BATTERY_CODES).to.have.length(42);
      expect(NEW_BATTERY_CODES.filter(({ entryType }) => isHazardousType(entryType))).to.have.length(28);
      expect(OLD_BATTERY_CODES.map(({ code }) => code)).to.deep.equal([160_605, 190_211, 200_133, 200_134]);
    });

    it("have black mass and household lithium as hazardous, and alkaline batteries from that day", () => {
      const typeOf = (text: string) => NEW_BATTERY_CODES.find(({ code }) => code === wasteCode(text))!.entryType;
      expect(
        ["19 14 02", "20 01 43", "20 01 42", "16 06 07"].map((text) => isHazardousType(typeOf(text))),
      ).to.deep.equal([true, true, true, true]);
      expect(isHazardousType(typeOf("19 14 08"))).to.be.false;
      const { before, after } = ALKALINE_BATTERIES;
      expect([before, after].map(({ entryType }) => isHazardousType(entryType))).to.deep.equal([false, true]);
      expect(after.fromDay - before.toDay).to.equal(1);
    });

    it("have one change of an entry that stays: 16 06 04 becomes hazardous on that day", () => {
      const fromDay = Date.parse("2026-12-09") / 86_400_000;
      expect(RECLASSIFIED_2026).to.deep.equal([{ code: 160_604, entryType: EntryType.AbsoluteHazardous, fromDay }]);
      const list: Material[] = [160_604, 160_601].map((code) => ({
        code,
        entryType: EntryType.Absolute,
        fromDay: 0,
        toDay: 0,
      }));
      expect(materialsOn(list, RECLASSIFIED_2026, fromDay - 1)).to.deep.equal({
        materials: list,
        ahead: RECLASSIFIED_2026,
      });
      const changed = [{ ...list[0]!, entryType: EntryType.AbsoluteHazardous }, list[1]!];
      expect(materialsOn(list, RECLASSIFIED_2026, fromDay)).to.deep.equal({ materials: changed, ahead: [] });
    });
  });

  describe("changes of entries", () => {
    const entry: Material = { code: 160_604, entryType: EntryType.Absolute, fromDay: 0, toDay: 0 };
    const change = (entryType: bigint, fromDay: number, code = entry.code) => ({ code, entryType, fromDay });

    it("count from their day on, the latest of them, in whatever order they stand", () => {
      const changes = [
        change(EntryType.Mirror, 30),
        change(EntryType.AbsoluteHazardous, 20),
        change(EntryType.None, 1, 1),
      ];
      expect([0, 19, 20, 29, 30, 99].map((day) => typeOn(entry, day, changes))).to.deep.equal([
        EntryType.Absolute,
        EntryType.Absolute,
        EntryType.AbsoluteHazardous,
        EntryType.AbsoluteHazardous,
        EntryType.Mirror,
        EntryType.Mirror,
      ]);
    });

    it("are left out where the list lacks the entry, or has it with that type already", () => {
      const changes = [change(EntryType.Mirror, 30, 160_601), change(EntryType.Absolute, 30)];
      expect(materialsOn([entry], changes, 29)).to.deep.equal({ materials: [entry], ahead: [] });
    });

    it("cannot wait one behind the other", () => {
      const changes = [change(EntryType.Mirror, 30), change(EntryType.AbsoluteHazardous, 40)];
      expect(materialsOn([entry], changes, 30).ahead).to.deep.equal([changes[1]]);
      expect(() => materialsOn([entry], changes, 29)).to.throw(RangeError, "two changes of code 16 06 04 are to come");
      // Nor may the second undo the first, which would then last for good.
      const back = [change(EntryType.Mirror, 30), change(EntryType.Absolute, 40)];
      expect(materialsOn([entry], back, 30).ahead).to.deep.equal([back[1]]);
      expect(() => materialsOn([entry], back, 29)).to.throw(RangeError, "two changes of code 16 06 04 are to come");
    });
  });
});
