import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";

import { BadDataError, DayError } from "../../scripts/day/errors.js";
import { Refusals } from "../../scripts/day/identity/refusals.js";
import { toJson, writeDay, writeSummary } from "../../scripts/day/output.js";
import { startProgress } from "../../scripts/day/progress.js";
import { type DayResult, liveDay } from "../../scripts/day/run.js";
import { Timeline } from "../../scripts/day/timeline.js";
import { root } from "../../scripts/lib/project.js";
import { importBatteryHistories, isBatteryHistory, headerOf } from "../../sdk/importers/index.js";
import { type DayJson, expectChecksHold, REAL, refusalOf, sum, summaryOf, TOWN, withData } from "./utils/day.js";

const HEADER = "battery_id,cycle,timestamp,capacity_mAh,soh_permille,throughput_wh,ambient_c";
const FILE = "battery/cells.csv";

/** The parts of the summary that these tests read, as JSON holds them. */
interface BatterySummary {
  readonly timeShiftSeconds: string;
  readonly packs: readonly {
    readonly id: string;
    readonly remedyCycle: string | null;
    readonly remedies: readonly { readonly cycle: string; readonly endedCycle: string | null }[];
    readonly swapped: boolean;
    readonly course: string;
    readonly state: string;
  }[];
  readonly leases: readonly Readonly<Record<string, string>>[];
  readonly money: Readonly<Record<string, string>>;
  readonly parties: readonly Readonly<Record<"name" | "minted" | "withdrawn" | "balance", string>>[];
  readonly readings: Readonly<Record<"rows" | "ofSparePacks" | "accepted" | "skipped" | "marked", number>>;
}

interface IdentitySummary {
  readonly people: number;
  readonly bodies: number;
  readonly devices: number;
  readonly strangers: number;
  readonly credentials: Readonly<
    Record<string, Readonly<Record<"given" | "current" | "revoked" | "asked" | "held", number>> & { issuers: string[] }>
  >;
  readonly dids: Readonly<Record<"resolved" | "right" | "rightDevices" | "deactivated", number>>;
  readonly refusals: readonly (Readonly<Record<"key" | "expected" | "reason" | "message", string>> & { ok: boolean })[];
}

interface SummaryJson extends DayJson<{ readonly battery: BatterySummary; readonly identity: IdentitySummary }> {
  readonly skippedRows: readonly { readonly line: number; readonly column: string; readonly value: string }[];
}

function table(...rows: readonly string[]): string {
  return [HEADER, ...rows, ""].join("\n");
}

/** Balances the books once more, from the figures of the summary alone. */
function expectBalanced(summary: SummaryJson): void {
  expectChecksHold(summary);
  const { battery } = summary.modules;
  const { leases, money, parties } = battery;
  const column = (name: string): bigint => sum(leases.map((lease) => lease[name]));
  const owners = ["rentEarned", "lateFees", "overage", "earlyFee", "damages", "buyout"].map(column);
  expect(column("paidIn")).to.equal(owners.reduce((total, part) => total + part) + column("returned"));
  expect(column("paidIn")).to.equal(BigInt(money.paidIn!));
  expect(sum(parties.map(({ withdrawn }) => withdrawn))).to.equal(BigInt(money.paidIn!));
  expect(sum(parties.map(({ balance }) => balance))).to.equal(sum(parties.map(({ minted }) => minted)));
}

function remediesOf({ modules: { battery } }: SummaryJson): Record<string, string | null> {
  return Object.fromEntries(battery.packs.map(({ id, remedyCycle }) => [id, remedyCycle]));
}

/** What every day must refuse, whatever its data, and why. */
const REFUSED = {
  forgedCredential: "CredentialsNotAccredited (None)",
  forgedTester: "BatteryTelemetryNotTester (None)",
  forgedCard: "ForgedSignature",
  revokedLaboratory: "BatteryTelemetryNotTester (Revoked)",
  revokedCard: "CardRevoked",
  retiredDevice: "IdentitiesRetired",
  retiredWrite: "IdentitiesRetired",
  retiredDid: "deactivated",
};

/** People, companies and devices of a day with so many packs, spare packs and certificates. */
function expectIdentities(
  { modules: { identity } }: SummaryJson,
  { packs, spares, certificates }: Readonly<Record<"packs" | "spares" | "certificates", number>>,
): void {
  const { credentials, dids, devices, people } = identity;
  // One more resident loses a card; the bay and a street cabinet are devices too, and the cabinet is retired.
  expect([people, devices, identity.strangers]).to.deep.equal([packs + 1, packs + spares + 2, 3]);
  const living = people + identity.bodies + devices + identity.strangers - 1;
  expect(dids).to.deep.equal({
    resolved: living + 1,
    right: living,
    rightDevices: packs + spares + 1,
    deactivated: 1,
  });
  const held = (count: number) => ({ asked: count, held: count });
  const { RESIDENT, BATTERY_TESTER, BATTERY_DEVICE, BATTERY_OPERATOR } = credentials;
  expect(RESIDENT).to.deep.include({ given: people, current: people, issuers: ["registry"], ...held(packs) });
  expect(BATTERY_TESTER).to.deep.include({ given: 2, current: 1, revoked: 1, ...held(certificates) });
  const made = { given: packs + spares, current: packs + spares, revoked: 0 };
  expect(BATTERY_DEVICE).to.deep.include({ ...made, issuers: ["Stadtwerk Batteries"], ...held(packs + spares) });
  expect(BATTERY_OPERATOR).to.deep.include({ given: 1, current: 1, issuers: ["accreditor"], ...held(1) });
  expect(Object.fromEntries(identity.refusals.map(({ key, reason }) => [key, reason]))).to.deep.equal(REFUSED);
  expect(identity.refusals.every(({ expected, ok, reason }) => ok && expected === reason)).to.equal(true);
}

describe("City day", function () {
  describe("on the sample town", function () {
    let result: DayResult;
    let summary: SummaryJson;

    before(async function () {
      result = await liveDay({ data: TOWN, only: ["battery"] });
      summary = summaryOf<SummaryJson>(result);
    });

    it("balances every book", function () {
      expectBalanced(summary);
      expect(summary.network).to.equal("in-process");
      expect(summary.modules.battery.timeShiftSeconds).to.equal("0");
    });

    it("claims the remedy at the cycle where health falls below the guarantee, and ends it where health recovers", function () {
      expect(remediesOf(summary)).to.deep.equal({
        "linden-01": "8",
        "linden-02": null,
        "mill-01": null,
        "mill-02": null,
        "harbour-01": null,
      });
      const [old] = summary.modules.battery.packs;
      expect(old?.remedies.map(({ cycle, endedCycle }) => [cycle, endedCycle])).to.deep.equal([
        ["8", "10"],
        ["11", null],
      ]);
      expect(old?.swapped).to.equal(true);
    });

    it("shows every course of a lease but the plainest", function () {
      expect(summary.modules.battery.packs.map(({ course, state }) => [course, state])).to.deep.equal([
        ["pack swapped under the guarantee", "Settled"],
        ["pack sold during the lease", "Settled"],
        ["returned early, damage disputed", "Settled"],
        ["bought by the lessee", "BoughtOut"],
        ["rent paid late once", "Settled"],
      ]);
      const [old, , damaged, bought, late] = summary.modules.battery.leases;
      expect(BigInt(old!.abated!) > 0n).to.equal(true);
      expect([damaged!.damages, BigInt(damaged!.earlyFee!) > 0n]).to.deep.equal(["15984000", true]);
      expect(BigInt(bought!.buyout!) > 0n).to.equal(true);
      expect([late!.lateFees, BigInt(late!.overage!) > 0n]).to.deep.equal(["2000000", true]);
    });

    it("accepts every row as a reading, and those of the spare pack", function () {
      expect(summary.modules.battery.readings).to.deep.include({
        rows: 120,
        accepted: 122,
        ofSparePacks: 2,
        skipped: 0,
      });
    });

    it("enrols people, companies and devices, and resolves the DID of each", function () {
      expectIdentities(summary, { packs: 5, spares: 1, certificates: 120 });
      expect(summary.modules.identity.bodies).to.equal(27);
      expect(summary.modules.identity.credentials.BATTERY_COLLECTOR).to.deep.include({ asked: 24, held: 24 });
    });

    it("numbers people without a gap, and lets nobody act without the credential", function () {
      const sides = Object.fromEntries(summary.checks.map(({ name, left, right }) => [name, [left, right]]));
      expect(sides).to.deep.include({
        "identity: numbers given = people": ["6", "6"],
        "identity: people whose number is the next one, from 1 on": ["6", "6"],
        "identity: DIDs of devices that name their operator = devices in force": ["7", "7"],
        "identity: acts whose author held the credential = acts for which a module asked for one": ["156", "156"],
        "identity: a resident's card before it was lost": ["accepted", "accepted"],
        "identity: the careless laboratory's credential before": ["Current", "Current"],
      });
    });

    it("issues credentials in batches, and commissions every device", function () {
      expect([summary.gas["identity.commission"]?.count, summary.gas["credential.issueMany"]?.count]).to.deep.equal([
        8, 3,
      ]);
    });

    it("tells gas per operation", function () {
      expect(summary.gas["telemetry.certify"]?.count).to.equal(120);
      for (const { mean, max } of Object.values(summary.gas)) expect(BigInt(mean) <= BigInt(max)).to.equal(true);
    });

    it("is the same a second time, to the last unit", async function () {
      const again = await liveDay({ data: TOWN, only: ["battery"] });
      expect(toJson(again.summary)).to.equal(toJson(result.summary));
      expect(again.parts).to.deep.equal(result.parts);
    });

    it("writes a report and a summary that can be read back", async function () {
      const report = writeDay(result);
      expect(report).to.match(/All 45 checks hold\.$/);
      expect(report).to.contain("Each recorded cell stands for a pack of 1,000 such cells, rated 7,400 Wh.");
      expect(report).to.not.contain("FAIL");
      expect(report).to.contain("44 DIDs were resolved by ethr-did-resolver as it is: 43 name who controls them");
      for (const [tried, reason, words] of [
        [
          "a body that nobody accredited makes a laboratory a tester",
          "CredentialsNotAccredited \\(None\\)",
          "credentials not accredited: type id BATTERY_TESTER, issuer Diploma mill, standing None",
        ],
        [
          "a laboratory whose credential was revoked certifies a pack",
          "BatteryTelemetryNotTester \\(Revoked\\)",
          "battery telemetry not tester: tester Careless laboratory, standing Revoked",
        ],
        [
          "a card that was reported lost is shown at the desk",
          "CardRevoked",
          "the card was revoked by its issuer, for good: card 42 of list 1 of registry",
        ],
        ["a retired device changes its firmware", "IdentitiesRetired", "identities retired: identity Street cabinet"],
      ] as const) {
        expect(report).to.match(new RegExp(`│ ${tried} +│ ${reason} +│ ${words} +│`));
      }
      await withData({}, async (folder) => {
        const path = writeSummary(join(folder, "deep", "out"), result.summary);
        expect(JSON.parse(readFileSync(path, "utf8"))).to.deep.equal(summary);
      });
    });

    it("names a check that fails", function () {
      const [check] = result.summary.checks;
      const failed = { ...result, summary: { ...result.summary, checks: [{ ...check!, left: "0", ok: false }] } };
      expect(writeDay(failed))
        .to.match(/ 0 │\s+24 │ FAIL │/)
        .and.to.match(/1 of 1 checks FAIL\.$/);
    });
  });

  // Where the data stand beside the repository; the sample town has everything else.
  if (existsSync(REAL)) {
    describe("on public battery data", function () {
      it("balances every book and claims each remedy at its cycle", async function () {
        const summary = summaryOf<SummaryJson>(await liveDay({ data: REAL, only: ["battery"] }));
        expectBalanced(summary);
        expectIdentities(summary, { packs: 7, spares: 2, certificates: 628 });
        expect(remediesOf(summary)).to.deep.equal({
          B0005: "125",
          B0006: "109",
          B0018: "97",
          B0029: null,
          B0030: null,
          B0031: null,
          B0032: null,
        });
        expect(summary.modules.battery.readings).to.deep.include({ rows: 628, skipped: 0 });
        expect(summary.modules.battery.packs.filter(({ swapped }) => swapped).map(({ id }) => id)).to.deep.equal([
          "B0006",
          "B0018",
        ]);
        expect(summary.files.read).to.deep.equal([
          "battery/nasa_pcoe_capacity_per_cycle.csv",
          "battery/batterypass-attributes.json",
        ]);
        const told = summary.checks.filter(({ name }) => name.endsWith("= expected.json"));
        expect(told).to.have.length(7);
      });
    });
  }

  describe("bad data", function () {
    const good = "A,1,2026-01-01T00:00:00,1900,950,6.5,20";
    const row = (cells: Readonly<Record<string, string>>): string => {
      const whole = {
        battery_id: "A",
        cycle: "2",
        timestamp: "2026-01-02T00:00:00",
        capacity_mAh: "1890",
        soh_permille: "945",
        throughput_wh: "13",
        ambient_c: "20",
        ...cells,
      };
      return Object.values(whole).join(",");
    };

    /** What a day says of a table whose third line is `bad`. */
    const faults: readonly (readonly [string, string, string])[] = [
      ["a missing cell", "A,2,2026-01-02T00:00:00,1890,945,13", "column ambient_c: the row has 6 cells, the header 7"],
      ["a cell too many", `${row({})},x`, 'value "x": the row has 8 cells, the header 7'],
      ["only commas", ",,,,,,", "column battery_id: the cell is empty"],
      ["no name", row({ battery_id: "" }), "column battery_id: the cell is empty"],
      ["a text for a number", row({ capacity_mAh: "full" }), 'column capacity_mAh, value "full": not a number'],
      ["a fraction", row({ cycle: "2.5" }), 'column cycle, value "2.5": not a whole number'],
      ["cycle zero", row({ cycle: "0" }), 'column cycle, value "0": below 1'],
      ["a negative number", row({ capacity_mAh: "-5" }), 'column capacity_mAh, value "-5": negative'],
      ["negative energy", row({ throughput_wh: "-0.1" }), 'column throughput_wh, value "-0.1": negative'],
      [
        "too many digits",
        row({ throughput_wh: "13.0001" }),
        'column throughput_wh, value "13.0001": more than 3 digits after the point',
      ],
      [
        "a capacity that no certificate can state",
        row({ capacity_mAh: "2401", soh_permille: "1200" }),
        'column capacity_mAh, value "2401": above 2400, which is 120 % of rated',
      ],
      [
        "a health that the capacity does not bear out",
        row({ soh_permille: "947" }),
        'column soh_permille, value "947": does not agree with capacity_mAh 1890, which is 945 per mille of 2000 mAh',
      ],
      ["a room too cold", row({ ambient_c: "-300" }), 'column ambient_c, value "-300": below -100'],
      [
        "a text for a time",
        row({ timestamp: "yesterday" }),
        'column timestamp, value "yesterday": not a date and time such as 2008-04-02T15:25:41',
      ],
      [
        "a day that is none",
        row({ timestamp: "2026-02-30T00:00:00" }),
        'column timestamp, value "2026-02-30T00:00:00": no such date or time',
      ],
      [
        "a time before 1970",
        row({ timestamp: "1969-12-31T23:59:59" }),
        'column timestamp, value "1969-12-31T23:59:59": before 1970',
      ],
      [
        "a time too early",
        row({ timestamp: "1970-06-01T00:00:00" }),
        'column timestamp, value "1970-06-01T00:00:00": before 1971',
      ],
      [
        "time going back",
        row({ timestamp: "2025-12-31T00:00:00" }),
        'column timestamp, value "2025-12-31T00:00:00": not after 2026-01-01T00:00:00 in line 2',
      ],
      [
        "time standing still",
        row({ timestamp: "2026-01-01T00:00:00" }),
        'column timestamp, value "2026-01-01T00:00:00": not after 2026-01-01T00:00:00 in line 2',
      ],
      [
        "a lifetime too long for a lease",
        row({ timestamp: "2076-01-01T00:00:00" }),
        'column timestamp, value "2076-01-01T00:00:00": more than 49 years after the battery\'s first, 2026-01-01T00:00:00',
      ],
      [
        "energy given back",
        row({ throughput_wh: "6.49" }),
        'column throughput_wh, value "6.49": below 6.5 in line 2: energy given never decreases',
      ],
      [
        "a cycle twice",
        row({ cycle: "1" }),
        'column cycle, value "1": this battery\'s cycle 1 stands in line 2 already',
      ],
    ];

    for (const [title, bad, said] of faults) {
      it(`names ${title}, and deploys nothing`, async function () {
        await withData({ [FILE]: table(good, bad) }, async (data) => {
          const error = await refusalOf({ data });
          const lines = error.message.split("\n");
          expect(lines[0]).to.match(/^The data have \d+ faults?; nothing was deployed\.$/);
          const comma = said.startsWith("column") || said.startsWith("value") ? ", " : "";
          expect(lines).to.include(`  ${FILE}, line 3${comma}${said}`);
          expect(error).to.be.instanceOf(BadDataError);
        });
      });
    }

    it("names a cycle that goes back", async function () {
      const rows = table(good, row({ cycle: "5" }), row({ cycle: "4", timestamp: "2026-01-03T00:00:00" }));
      await withData({ [FILE]: rows }, async (data) => {
        expect((await refusalOf({ data })).message).to.equal(
          "The data have 1 fault; nothing was deployed.\n" +
            `  ${FILE}, line 4, column cycle, value "4": not above 5 in line 3\n` +
            "Mend the rows, or pass --skip-bad-rows to go on without them.",
        );
      });
    });

    it("names the file in which an earlier row stands", async function () {
      await withData({ "battery/a.csv": table(good), "battery/b.csv": table(good) }, async (data) => {
        const error = await refusalOf({ data });
        const found = error instanceof BadDataError ? error.faults : [];
        expect(found.map(({ file, column, reason }) => [file, column, reason])).to.deep.equal([
          ["battery/b.csv", "cycle", "this battery's cycle 1 stands in battery/a.csv, line 2 already"],
          ["battery/b.csv", "timestamp", "not after 2026-01-01T00:00:00 in battery/a.csv, line 2"],
        ]);
      });
    });

    const files: readonly (readonly [string, string, string])[] = [
      ["an empty file", "", `${FILE}, line 1: the file is empty`],
      ["a file with a header only", `${HEADER}\n`, `${FILE}, line 1: the file has a header and no row`],
      ["an unknown header", "a,b\n1,2\n", `${FILE}, line 1, value "a,b": unknown header; expected ${HEADER}`],
      [
        "a missing column",
        `${HEADER.replace(",ambient_c", "")}\nA,1,2026-01-01T00:00:00,1900,950,6.5\n`,
        `${FILE}, line 1, column ambient_c: the column is missing`,
      ],
      [
        "a column that is none of the format's",
        `${HEADER},colour\n${good},red\n`,
        `${FILE}, line 1, column colour, value "colour": the format has no such column`,
      ],
      [
        "a column twice",
        `${HEADER},cycle\n${good},1\n`,
        `${FILE}, line 1, column cycle, value "cycle": the column stands there twice`,
      ],
      [
        "a quotation mark that is not closed",
        `${HEADER}\n"A,1,2026-01-01T00:00:00,1900,950,6.5,20\n`,
        `${FILE}, line 2: a quotation mark is not closed`,
      ],
    ];
    for (const [title, text, said] of files) {
      it(`names ${title}`, async function () {
        await withData({ [FILE]: text }, async (data) => {
          expect((await refusalOf({ data })).message.split("\n")[1]).to.equal(`  ${said}`);
        });
      });
    }

    it("lists the first twenty faults and counts the rest", async function () {
      const rows = Array.from({ length: 25 }, (_, index) => row({ battery_id: `B${index}`, capacity_mAh: "?" }));
      await withData({ [FILE]: table(...rows) }, async (data) => {
        const lines = (await refusalOf({ data })).message.split("\n");
        expect(lines[0]).to.equal("The data have 25 faults; nothing was deployed.");
        expect(lines[20]).to.equal(`  ${FILE}, line 21, column capacity_mAh, value "?": not a number`);
        expect(lines[21]).to.equal("  … and 5 more");
      });
    });

    it("leaves bad rows out when asked to, lists them, and lives the rest", async function () {
      const rows = table(good, row({ capacity_mAh: "?" }), row({ cycle: "3", timestamp: "2026-01-03T00:00:00" }));
      const stranger = { "battery/notes.txt": "x", "parks/trees.csv": "a,b\n", "README.md": "# x\n", "stray.csv": "" };
      await withData({ [FILE]: rows, ...stranger }, async (data) => {
        const result = await liveDay({ data, skipBadRows: true });
        const summary = summaryOf<SummaryJson>(result);
        expectBalanced(summary);
        expectIdentities(summary, { packs: 1, spares: 0, certificates: 2 });
        expect(summary.modules.battery.readings).to.deep.include({ rows: 2, accepted: 2 });
        expect(summary.skippedRows.map(({ line, column, value }) => [line, column, value])).to.deep.equal([
          [3, "capacity_mAh", "?"],
        ]);
        expect(summary.files).to.deep.equal({
          read: [FILE],
          unknown: [
            "battery/notes.txt: no known format",
            "parks/: no module yet",
            "stray.csv: not in a module's folder",
          ],
        });
        const report = writeDay(result);
        expect(report).to.contain(`Rows skipped: 1\n  ${FILE}, line 3, column capacity_mAh, value "?": not a number\n`);
        expect(report).to.contain("Left out parks/: no module yet");
      });
    });

    it("has nothing to live through when every row is bad", async function () {
      await withData({ [FILE]: table(row({ cycle: "x" })) }, async (data) => {
        const error = await refusalOf({ data, skipBadRows: true });
        expect(error.message).to.equal(`${data} has no data to live through.`);
      });
    });

    it("says which folder or module is not there", async function () {
      const missing = join(TOWN, "nowhere");
      expect((await refusalOf({ data: missing })).message).to.equal(`There is no data folder ${missing}.`);
      expect((await refusalOf({ data: TOWN, only: ["parks"] })).message).to.equal(
        "There is no module parks; there is battery, energy, waste, elections.",
      );
      await withData({ "parks/trees.csv": "" }, async (data) => {
        expect((await refusalOf({ data })).message).to.equal(
          `${data} has no folder battery/, energy/, waste/, elections/.`,
        );
      });
    });

    it("says which networks there are", async function () {
      const error = await liveDay({ data: TOWN, network: "nowhere" }).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(DayError);
      expect((error as DayError).message).to.match(/^hardhat\.config\.ts has no network nowhere; it has .*localhost/);
    });

    it("ends the script with code 2 and without a summary", async function () {
      await withData({ [FILE]: table(row({ cycle: "x" })) }, async (data) => {
        const out = join(data, "out");
        const args = ["--import", "tsx", "scripts/start.ts", "--data", relative(root, data), "--out", out];
        // The folder is given from the project's, whatever folder npm was called in.
        const env = { ...process.env, INIT_CWD: root };
        const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", env });
        expect(stderr).to.contain(`${FILE}, line 2, column cycle, value "x": not a number`);
        expect([status, existsSync(out)]).to.deep.equal([2, false]);
      });
    });
  });

  describe("battery histories", function () {
    it("are recognised by their header in any order, with or without a byte order mark", function () {
      expect(isBatteryHistory(headerOf(`\uFEFF${HEADER.split(",").reverse().join(", ")}\r\nx`))).to.equal(true);
      expect(isBatteryHistory(headerOf(`"${HEADER.split(",").join('","')}"\n`))).to.equal(true);
      expect(isBatteryHistory(headerOf("battery_id,cycle"))).to.equal(false);
      expect(headerOf("\n")).to.deep.equal([]);
    });

    it("are read without rounding, from columns in any order, in order of their first time", function () {
      const text =
        "cycle,battery_id,timestamp,soh_permille,capacity_mAh,ambient_c,throughput_wh\r\n" +
        "1,late,2026-01-02 00:00,951,1901,-5.5,6.555\r\n\r\n" +
        "7,early,2026-01-01T01:00:00+02:00,950,1901,20,6.5\r\n";
      const { batteries, faults, rowCount } = importBatteryHistories([{ name: "x", text }]);
      expect([faults, rowCount]).to.deep.equal([[], 2]);
      expect(batteries.map(({ id }) => id)).to.deep.equal(["early", "late"]);
      expect(batteries.map(({ cycles }) => cycles[0])).to.deep.equal([
        {
          file: "x",
          line: 4,
          cycle: 7n,
          at: BigInt(Date.UTC(2025, 11, 31, 23)) / 1_000n,
          capacityMAh: 1_901n,
          sohPermille: 950n,
          throughputMilliWh: 6_500n,
          ambientDeciC: 200n,
        },
        {
          file: "x",
          line: 2,
          cycle: 1n,
          at: BigInt(Date.UTC(2026, 0, 2)) / 1_000n,
          capacityMAh: 1_901n,
          sohPermille: 951n,
          throughputMilliWh: 6_555n,
          ambientDeciC: -55n,
        },
      ]);
    });
  });

  describe("refusals", function () {
    const attempt = { key: "forged", attempt: "a forgery", expected: "CredentialsNotAccredited (None)" };
    const revert = (name: string, args: Readonly<Record<string, unknown>>) => ({
      name,
      args,
      message: "in words",
      sentence: "In words.",
      told: [],
    });
    const judge = async (answer: ReturnType<typeof revert> | undefined) => {
      const refusals = new Refusals({ sendRefused: () => Promise.resolve(answer) });
      await refusals.send(attempt, () => Promise.reject(new Error("not sent")));
      return refusals.checks.map(({ left, ok }) => [left, ok]);
    };

    it("pass for the reason that is expected, and fail for another", async function () {
      const name = "CredentialsNotAccredited";
      expect(await judge(revert(name, { standing: 0n }))).to.deep.equal([[`${name} (None)`, true]]);
      expect(await judge(revert(name, { standing: 6n }))).to.deep.equal([[`${name} (IssuerWithdrawn)`, false]]);
      expect(await judge(revert("SignedExpired", {}))).to.deep.equal([["SignedExpired", false]]);
    });

    it("fail when nothing is refused, and when what was right is refused", async function () {
      expect(await judge(undefined)).to.deep.equal([["not refused", false]]);
      const refusals = new Refusals({ sendRefused: () => Promise.resolve(undefined) });
      refusals.before("a card before it was lost", "CardRevoked", "accepted");
      refusals.judge({ ...attempt, expected: "CardRevoked" }, {});
      expect(refusals.checks.map(({ ok }) => ok)).to.deep.equal([false, false]);
    });
  });

  describe("progress", function () {
    const shown = (isTTY: boolean, steps: number): string => {
      let text = "";
      const progress = startProgress({ isTTY, write: (part) => (text += part) }, "step");
      for (let done = 1; done <= steps; done += 1) progress(done, steps);
      return text;
    };

    it("writes a line for each quarter where there is no terminal", function () {
      expect(shown(false, 8)).to.equal("step 0 %\nstep 25 %\nstep 50 %\nstep 75 %\nstep 100 %\n");
    });

    it("changes one line on a terminal", function () {
      expect(shown(true, 2)).to.equal("\rstep 50 %\rstep 100 %\n");
    });
  });

  describe("timeline", function () {
    it("goes by time, then rank, then the order of planning, and never back", async function () {
      const timeline = new Timeline();
      const happened: string[] = [];
      const note = (name: string) => async () => void happened.push(name);
      timeline.plan(2n, 0, note("later"));
      timeline.plan(1n, 1, note("second"));
      timeline.plan(1n, 1, note("third"));
      timeline.plan(1n, 0, async () => {
        happened.push("first");
        timeline.plan(0n, 0, note("overdue"));
      });
      const counts: string[] = [];
      await timeline.run((done, planned) => counts.push(`${done}/${planned}`));
      expect(happened).to.deep.equal(["first", "overdue", "second", "third", "later"]);
      expect(counts.at(-1)).to.equal("5/5");
    });
  });
});
