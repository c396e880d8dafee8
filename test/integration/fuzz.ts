import { expect } from "chai";
import { hasLooked, missingIn, TOKENS } from "../../scripts/lib/conformance.js";
import {
  addRound,
  FUZZED,
  fuzzedModules,
  mergeOutcomes,
  type ModuleOutcome,
  nextFactor,
  outcomeOf,
  outcomePart,
  raiseInline,
  repeatOf,
  type RoundOrder,
  scaleOf,
  seedOfRound,
  wantedOf,
  writeFailure,
} from "../../scripts/lib/fuzz.js";
import { filesBelow, readText } from "../../scripts/lib/project.js";

const order: RoundOrder = { files: [], seed: "0xabcd", factor: 4, grep: "" };
const outcome: ModuleOutcome = {
  module: "energy",
  rounds: 0,
  tests: 0,
  cases: 0,
  calls: 0,
  failures: [],
  seconds: 0,
  seed: "0xabcd",
  day: "2026-01-01",
};

describe("deep search", function () {
  it("finds the modules and their files by itself", function () {
    const modules = fuzzedModules();
    expect(modules.get("finance")).to.deep.equal(["test/solidity/finance/CityEuro.t.sol"]);
    expect([...modules.keys()]).to.include.members([
      "batteries",
      "conformance",
      "energy",
      "identity",
      "participation",
      "waste",
    ]);
  });

  it("refuses what cannot be meant, in a sentence", function () {
    const known = ["energy", "waste"];
    expect(() => wantedOf(["water"], {}, known)).to.throw("no module water with fuzz tests. There are energy, waste.");
    expect(() => wantedOf([], { minutes: "0" }, known)).to.throw("--minutes is 0");
    expect(() => wantedOf([], { minutes: "x" }, known)).to.throw("--minutes is x");
    expect(() => wantedOf([], { seed: "12" }, known)).to.throw("--seed is 12");
    expect(() => wantedOf([], { seed: "0x" }, known)).to.throw("--seed is 0x");
    expect(() => wantedOf([], { seed: `0x${"1".repeat(65)}` }, known)).to.throw("64 hexadecimal digits");
    expect(() => wantedOf([], { rounds: "1.5" }, known)).to.throw("--rounds is 1.5");
    expect(() => wantedOf([], { factor: "0" }, known)).to.throw("--factor is 0");
    expect(wantedOf(["waste"], { seed: "0x1" }, known)).to.deep.equal({
      modules: ["waste"],
      minutes: 10,
      rounds: Number.MAX_SAFE_INTEGER,
      factor: 1,
      seed: "0x1",
    });
    expect(wantedOf([], {}, known).seed).to.not.equal(wantedOf([], {}, known).seed);
  });

  it("gives each round a seed of its own, and the first the base, so that any round can be repeated", function () {
    const seeds = [1, 2, 3].map((round) => seedOfRound("0xabcd", round));
    expect(seeds[0]).to.equal("0xabcd");
    expect(new Set(seeds).size).to.equal(3);
    expect(seedOfRound("0xabcd", 2)).to.equal(seeds[1]);
    expect(seedOfRound("0xabce", 2)).to.not.equal(seeds[1]);
  });

  it("does more from round to round, as far as the time goes", function () {
    expect(nextFactor({ factor: 2, seconds: 10 }, 500)).to.equal(4);
    expect(nextFactor({ factor: 8, seconds: 100 }, 50)).to.equal(4);
    expect(nextFactor({ factor: 1, seconds: 100 }, 50)).to.equal(1);
    expect(scaleOf(1)).to.deep.equal({ inputs: 1, runs: 1, depth: 1 });
    expect(scaleOf(4)).to.deep.equal({ inputs: 4, runs: 2, depth: 2 });
    expect(scaleOf(65)).to.deep.equal({ inputs: 65, runs: 9, depth: 8 });
  });

  it("raises the numbers that tests set for themselves, and nothing else", function () {
    const source = [
      "/// forge-config: default.fuzz.runs = 64",
      "/// forge-config: default.invariant.runs = 6",
      "/// forge-config: default.invariant.depth = 48",
      "/// forge-config: default.invariant.fail-on-revert = true",
      "uint256 private constant RUNS = 7;",
    ];
    expect(raiseInline(source.join("\n"), { inputs: 10, runs: 5, depth: 2 }).split("\n")).to.deep.equal([
      "/// forge-config: default.fuzz.runs = 640",
      "/// forge-config: default.invariant.runs = 30",
      "/// forge-config: default.invariant.depth = 96",
      source[3],
      source[4],
    ]);
  });

  it("tells a failure with its calls, its seed, and the command that repeats it", function () {
    const call = {
      calldata: Uint8Array.of(1, 2),
      contractName: "project/A.t.sol:Handler",
      signature: "post(uint256)",
      args: "7 \u001b[2m[7e0]\u001b[0m",
    };
    const found = outcomeOf(
      [
        {
          id: { source: "project/test/solidity/energy/A.t.sol", name: "A" },
          testResults: [
            { name: "testFuzz_B(uint256)", status: "Success", kind: { runs: 256n } },
            {
              name: "invariant_C()",
              status: "Failure",
              reason: "because",
              kind: { runs: 3n, calls: 700n },
              counterexample: { sequence: [call, { calldata: Uint8Array.of(1, 2) }] },
            },
          ],
        },
      ],
      order,
    );
    expect(found).to.deep.include({ tests: 2, cases: 259, calls: 700 });
    const [failure] = found.failures;
    expect(failure).to.deep.equal({
      test: "test/solidity/energy/A.t.sol:A#invariant_C()",
      reason: "because",
      example: ["Handler.post(7 [7e0])", "0x0102"],
      seed: "0xabcd",
      factor: 4,
    });
    expect(repeatOf("energy", failure!)).to.equal(
      "npm run fuzz:deep -- energy --seed 0xabcd --rounds 1 --factor 4 --grep '^invariant_C'",
    );
    expect(writeFailure("energy", failure!)).to.contain("Handler.post(7").and.to.contain("because");
    expect(found.failures).to.have.lengthOf(1);
  });

  it("adds rounds up, and keeps one outcome a module", function () {
    const round = { tests: 2, cases: 10, calls: 5, failures: [] };
    const sum = addRound(addRound(outcome, round, 3), round, 4);
    expect(sum).to.deep.include({ rounds: 2, tests: 2, cases: 20, calls: 10, seconds: 7 });
    const waste = { ...outcome, module: "waste" };
    expect(mergeOutcomes([outcome, waste], [sum])).to.deep.equal([sum, waste]);
    expect(outcomePart([sum])).to.contain("20 cases and 10 calls in 0 minutes; 0 failures.");
  });

  it("is kept with no failure", function () {
    const kept = JSON.parse(readText(FUZZED)) as ModuleOutcome[];
    expect(kept.flatMap(({ failures }) => failures)).to.deep.equal([]);
  });
});

describe("conformance", function () {
  it("has a token with the fault for every test of every suite", function () {
    const checked = readText("test/solidity/conformance/SuitesFindFaults.t.sol");
    const tests = filesBelow("test/solidity/conformance", "Conformance.sol").flatMap((path) => {
      const suite = path.replace(/^.*\/(\w+)\.sol$/, "$1");
      return [...readText(path).matchAll(/function (test\w+)\(/g)].map(([, name]) => `${suite}.${name}`);
    });
    expect(tests.length).to.be.greaterThan(70);
    for (const test of tests) expect(checked).to.match(new RegExp(`\\b${test.replace(".", "\\.")}\\b`));
  });

  it("is asked of every contract that is a token", function () {
    const contracts = filesBelow("contracts", ".sol")
      .filter((path) => !path.startsWith("contracts/mocks/"))
      .filter((path) => /^contract [^{]*\bERC(20|721|1155)\b/m.test(readText(path)));
    expect(TOKENS.map(({ path }) => path)).to.have.members(contracts);
    for (const { contract } of TOKENS) {
      expect(readText(`test/solidity/conformance/${contract}.t.sol`)).to.contain(`contract ${contract}Conformance`);
    }
  });

  it("reads what Slither misses", function () {
    const output =
      "[✓] a() is present\n[ ] b() is missing\n[ ] onERC1155Received(address) is missing (optional)\n\t[ ] X is not protected for the ERC20 approval race condition";
    expect(missingIn(output)).to.deep.equal(["[ ] b() is missing"]);
    expect(hasLooked(output)).to.equal(true);
    expect(hasLooked("Traceback")).to.equal(false);
  });
});
