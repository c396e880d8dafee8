import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

import { DayError } from "../../scripts/day/errors.js";
import { liveDay, readData } from "../../scripts/day/run.js";
import { root } from "../../scripts/lib/project.js";
import { makeTown, readTownPlan, RESIDENTS, SEED, writeTown } from "../../scripts/town/index.js";
import { importBatteryHistories, importEnergyOrders, importEnergyReadings } from "../../sdk/importers/index.js";

const SMALL = { residents: 30, seed: SEED };

function sourceOf(files: Readonly<Record<string, string>>, name: string): { name: string; text: string } {
  return { name, text: files[name]! };
}

function rowsOf(files: Readonly<Record<string, string>>, name: string): number {
  return files[name]!.trim().split("\n").length - 1;
}

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).to.be.instanceOf(DayError);
    return (error as DayError).message;
  }
  throw new Error("nothing was refused");
}

describe("Towns that are made up", function () {
  let folder: string;

  before(function () {
    folder = mkdtempSync(join(tmpdir(), "civitas-town-"));
  });

  after(function () {
    rmSync(folder, { recursive: true });
  });

  it("are the same for one size and seed, and others for another", function () {
    const town = makeTown(SMALL);
    expect(makeTown(SMALL)).to.deep.equal(town);
    for (const plan of [
      { ...SMALL, seed: "other" },
      { ...SMALL, residents: 31 },
    ]) {
      const other = makeTown(plan);
      expect(Object.keys(other)).to.deep.equal(Object.keys(town));
      const same = Object.keys(town).filter((name) => other[name] === town[name]);
      // The list of codes and the prices of the day are those of every town.
      expect(same).to.include.members(["energy/tariff.csv", "waste/codes.csv"]);
      expect(same.filter((name) => /town|tickets|fill|orders|ballots|mayor|library/.test(name))).to.deep.equal([]);
    }
  });

  it("have the proportions of the sample town", function () {
    for (const residents of [30, 300]) {
      const town = makeTown({ residents, seed: SEED });
      const { batteries } = importBatteryHistories([sourceOf(town, "battery/town.csv")]);
      const { meters } = importEnergyReadings([sourceOf(town, "energy/town.csv")]);
      const { orders } = importEnergyOrders([sourceOf(town, "energy/orders.csv")]);
      expect([batteries.length, meters.length]).to.deep.equal([residents / 6, residents / 5]);
      expect([rowsOf(town, "waste/tickets.csv"), rowsOf(town, "waste/containers.csv")]).to.deep.equal([
        (residents * 5) / 6,
        residents / 5,
      ]);
      expect(rowsOf(town, "waste/fill.csv")).to.equal((residents / 5) * 14);
      expect(new Set(orders.map(({ meterId }) => meterId)).size).to.equal(residents / 5);
      expect(new Set(orders.map(({ side }) => side))).to.deep.equal(new Set(["buy", "sell"]));
    }
  });

  it("have no row with a fault and no file that nothing reads", function () {
    for (const residents of [RESIDENTS.least, 30, 1_000]) {
      for (const seed of [SEED, "other"]) {
        const data = readData({ data: writeTown(folder, { residents, seed }) });
        expect(data.faults).to.deep.equal([]);
        expect(data.unknown).to.deep.equal([]);
        expect(data.prepared.map(({ name }) => name)).to.deep.equal(["battery", "energy", "waste", "elections"]);
      }
    }
  });

  it("of 30 residents live a day in which every check holds", async function () {
    const { summary } = await liveDay({ data: writeTown(folder, SMALL) });
    expect(summary.checks.filter(({ ok }) => !ok)).to.deep.equal([]);
    expect(summary.ok).to.equal(true);
    const parts = Object.entries(summary.digest.parts).filter(([, { lines }]) => lines === 0);
    expect(parts).to.deep.equal([]);
  });

  it("have a number of residents and a seed that can be", function () {
    expect(readTownPlan("1000")).to.deep.equal({ residents: 1_000, seed: SEED });
    expect(readTownPlan("10", "a-1_B")).to.deep.equal({ residents: 10, seed: "a-1_B" });
    for (const residents of ["9", "100001", "-30", "1e3", "30.5", "", "many"]) {
      expect(refusalOf(() => readTownPlan(residents))).to.equal(
        `A town cannot have "${residents}" residents; give a whole number from 10 to 100000.`,
      );
    }
    for (const seed of ["", "a b", "../up", "x".repeat(33)]) {
      expect(refusalOf(() => readTownPlan("30", seed))).to.equal(
        `"${seed}" is no seed; give 1 to 32 letters, digits, hyphens or underscores.`,
      );
    }
  });

  it("are not asked for together with data, nor a seed without a town", function () {
    const start = (...args: readonly string[]): [number | null, string] => {
      const words = ["--import", "tsx", "scripts/start.ts", "--out", join(folder, "out"), ...args];
      const { status, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: "utf8" });
      return [status, stderr.trim()];
    };
    expect(start("--town", "30", "--data", "data")).to.deep.equal([
      2,
      "--town makes up the data that --data names; give one of the two.",
    ]);
    expect(start("--seed", "other")).to.deep.equal([2, "--seed says which town is made up; give --town with it."]);
  });
});
