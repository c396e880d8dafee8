import { expect } from "chai";
import { spawnSync } from "node:child_process";
import process from "node:process";

import { kinds, measureOn } from "../../bench/scale/run.js";
import { openStage, type Stage } from "../../bench/scale/stage.js";
import { root } from "../../scripts/lib/project.js";
import { clientFaults, growthFaults, HASH_GAS, type Row, type Run, scaleTables } from "../../scripts/lib/scale.js";

const [SMALL, LARGE] = [200, 400];

const ROW: Row = {
  name: "votes",
  item: "a vote",
  hashes: 0,
  items: 1_000,
  transactions: 5,
  fullBatch: 200,
  full: 5,
  gas: 20_000_000,
  largest: 4_000_000,
  perItem: 20_000,
  needed: 1,
  blocks: 1,
  signing: 1,
  sending: 2,
};

function runOf(residents: number, row: Partial<Row> = {}, client = "edr"): Run {
  return {
    client,
    version: "1",
    kind: "votes",
    residents,
    resident: "a vote",
    prepared: "a roll",
    opening: 1,
    preparing: 1,
    rows: [{ ...ROW, ...row }],
  };
}

describe("Whole cities", function () {
  describe("on a chain", function () {
    let stage: Stage;

    before(async function () {
      stage = await openStage("edr");
    });

    after(async function () {
      await stage.chain.close();
    });

    for (const [name, { rows }] of Object.entries(kinds)) {
      it(`cost the same for each of ${SMALL} and of ${LARGE} residents: ${rows.join(", ")}`, async function () {
        const runs = [];
        for (const residents of [SMALL, LARGE]) {
          runs.push(await stage.chain.apart(async () => measureOn(stage, name, residents)));
        }
        for (const run of runs) {
          expect(run.rows.map((row) => row.name)).to.deep.equal(rows);
          for (const row of run.rows) {
            expect(row.items, row.name).to.equal(run.residents);
            expect(row.gas, row.name).to.be.greaterThan(row.perItem);
          }
        }
        expect(growthFaults(runs)).to.deep.equal([]);
      });
    }

    it("refuse a transaction that is not carried out", async function () {
      const { city, chain } = stage;
      const data = city.wasteLots.interface.encodeFunctionData("collectMany", [[]]);
      const failed = await chain
        .deliver([{ to: city.addresses.wasteLots, data, items: 1 }])
        .then(() => undefined)
        .catch((error: unknown) => error);
      expect(failed).to.be.instanceOf(Error);
    });
  });

  describe("compared", function () {
    it("may cost up to 5 % more for each", function () {
      expect(growthFaults([runOf(1_000), runOf(10_000, { perItem: 21_000 })])).to.deep.equal([]);
      expect(growthFaults([runOf(10_000, { perItem: 21_001 }), runOf(1_000)])).to.deep.equal([
        "On edr, an item of votes costs 21001 gas with 10000 residents and 20000 with 1000: 5.0 % more, where 5 % are allowed.",
      ]);
    });

    it("are compared on one client only, and each size with all smaller ones", function () {
      const sizes = [runOf(1_000, { perItem: 22_000 }), runOf(10_000), runOf(100_000, { perItem: 21_500 })];
      expect(growthFaults(sizes)).to.have.length(1);
      expect(growthFaults([runOf(1_000), runOf(10_000, { perItem: 30_000 }, "anvil")])).to.deep.equal([]);
    });

    it("may cost more for the hashes by which a proof is longer, and no more than that", function () {
      const proven = (hashes: number, perItem: number): Run => runOf(10 ** hashes, { hashes, perItem });
      expect(growthFaults([proven(3, 20_000), proven(5, 21_000 + 2 * HASH_GAS)])).to.deep.equal([]);
      expect(growthFaults([proven(3, 20_000), proven(5, 21_001 + 2 * HASH_GAS)])).to.have.length(1);
    });

    it("are to use the same gas on all clients", function () {
      expect(clientFaults([runOf(1_000), runOf(1_000, {}, "anvil")])).to.deep.equal([]);
      expect(clientFaults([runOf(1_000), runOf(1_000, { gas: 20_000_001 }, "anvil")])).to.deep.equal([
        "votes with 1000 residents: 20000000 gas on edr, 20000001 on anvil.",
      ]);
    });

    it("are told with pace, blocks and limits", function () {
      const machine = { processor: "a processor", cores: 2, memoryGb: 8, node: "v24" };
      const { pace, limits, growth } = scaleTables({ machine, runs: { one: runOf(1_000, { most: 256 }) } });
      // 20 M gas in two seconds: 5 transactions, a third of a block.
      expect(pace).to.match(/\| +5 \| +20 \| +0\.3 \| +1\.0 \| +2\.0 \| +2\.5 \| +500 \| +10 \|$/);
      // 16,777,216 and 60 M by 20,000.
      expect(limits).to.match(/\| +200 \| +4,000,000 \| +256 \| +838 \| +3,000 \| +33\.3 \|$/);
      expect(growth).to.match(/\| +20,000 \| +20,000 \| +none \| +\| +\|$/);
    });
  });

  describe("as a command", function () {
    for (const [flag, value, answer] of [
      ["--residents", "1000,0", /Give whole numbers from 1 to 250000/],
      ["--only", "parking", /There is no parking; there are orders/],
      ["--on", "geth", /Give edr or anvil/],
    ] as const) {
      it(`refuses ${flag} ${value} in one sentence`, function () {
        const words = ["--import", "tsx", "scripts/scale.ts", flag, value];
        const { status, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: "utf8" });
        expect(status).to.equal(2);
        expect(stderr.trim()).to.match(answer).and.not.include("\n");
      });
    }
  });
});
