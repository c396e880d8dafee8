import { expect } from "chai";
import { opened, stubOf, type Target, targets } from "../../scripts/lib/mutation.js";
import { Judge } from "../../scripts/lib/mutationJudge.js";
import { faultsOf, type Outcome, type Reason, scoreOf } from "../../scripts/lib/mutationReport.js";
import { type Mutant, mutantsOf, plant } from "../../scripts/lib/mutants.js";
import { readText } from "../../scripts/lib/project.js";

const MINUTE_MS = 60_000;

const SAMPLE = `
pragma solidity 0.8.37;

/// @notice 1 < 2 stays.
contract Sample is Base(1) {
    uint256 private constant LIMIT = 7;
    error SampleBad(uint256 value);
    event Taken(uint256 value);

    constructor(uint256 start) Base(start) {
        if (start == LIMIT) revert SampleBad(start);
    }

    function take(uint256 value) external onlyOwner returns (uint256 left) {
        for (uint256 i = 0; i < value; ++i) left += i;
        if (isOpen()) emit Taken(value);
        return value > LIMIT ? Math.min(value, left) : Math.mulDiv(value, left, LIMIT);
    }

    function isOpen() private pure returns (bool open) {
        assembly ("memory-safe") {
            mstore(0, shl(2, 0x10))
        }
        return !open && true;
    }
}
`;

const SAMPLE_MUTANTS = [
  "constructor check: if (start == LIMIT) revert SampleBad(start); => {}",
  "constructor equality: == => !=",
  "take modifier: onlyOwner => ",
  "take number: 0 => 1",
  "take boundary: < => <=",
  "take boundary: < => >=",
  "take unary: ++ => --",
  "take statement: left += i; => {}",
  "take arithmetic: += => -=",
  "take arithmetic: += => =",
  "take condition: isOpen() => !(isOpen())",
  "take statement: emit Taken(value); => {}",
  "take result: value > LIMIT ? Math.min(value, left) : Math.mulDiv(value, left, LIMIT) => 0",
  "take boundary: > => >=",
  "take boundary: > => <=",
  "take rounding: Math.min => Math.max",
  "take condition: Math.min(value, left) : Math.mulDiv(value, left, LIMIT) => Math.mulDiv(value, left, LIMIT) : Math.min(value, left)",
  "take rounding: ) => , Math.Rounding.Ceil)",
  "isOpen statement: mstore(0, shl(2, 0x10)) => ",
  "isOpen number: 0 => 1",
  "isOpen instruction: shl => shr",
  "isOpen number: 2 => 3",
  "isOpen number: 2 => 1",
  "isOpen number: 0x10 => 17",
  "isOpen number: 0x10 => 15",
  "isOpen unary: ! => ",
  "isOpen result: !open && true => false",
  "isOpen logic: && => ||",
  "isOpen truth: true => false",
];

/** A mutant that no generator makes, to see what becomes of it. */
function byHand(path: string, from: string, to: string): Mutant {
  const start = readText(path).indexOf(from);
  expect(start, from).to.be.at.least(0);
  return {
    path,
    function: "",
    operator: "",
    line: 1,
    original: from,
    mutant: to,
    start,
    end: start + from.length,
    text: to,
  };
}

describe("Mutation testing", () => {
  describe("mutants", () => {
    const mutants = mutantsOf("contracts/Sample.sol", SAMPLE);

    it("are exactly the small faults that each operator stands for", () => {
      expect(
        mutants.map(
          ({ function: name, operator, start, end, text }) =>
            `${name} ${operator}: ${SAMPLE.slice(start, end)} => ${text}`,
        ),
      ).to.deep.equal(SAMPLE_MUTANTS);
    });

    it("name the line and what stands there before and after", () => {
      const [first] = mutants;
      expect(first).to.include({ path: "contracts/Sample.sol", function: "constructor", line: 11, mutant: "{}" });
      expect(first?.original).to.equal("if (start == LIMIT) revert SampleBad(start);");
      expect(first === undefined ? "" : plant(SAMPLE, first)).to.equal(
        SAMPLE.replace("if (start == LIMIT) revert SampleBad(start);", "{}"),
      );
    });
  });

  it("leaves out a boundary on which both ways come to the same", () => {
    const boundariesOf = (statement: string): string[] =>
      mutantsOf("A.sol", `library A { function f(uint256 a, uint256 b, uint256 c) internal { ${statement} } }`)
        .filter(({ operator }) => operator === "boundary")
        .map(({ text }) => text);
    for (const same of [
      "c = a < b ? a : b;",
      "c = a < b ? b - a : 0;",
      "c = a < b ? b - a : a - b;",
      "if (a < b) a = b;",
    ]) {
      expect(boundariesOf(same), same).to.deep.equal([">="]);
    }
    for (const other of ["c = a < b ? a : c;", "c = a < b ? c - a : 0;", "if (a < b) a = c;", "if (a < b) a += b;"]) {
      expect(boundariesOf(other), other).to.deep.equal(["<=", ">="]);
    }
    expect(boundariesOf("c = a > b ? a : b;")).to.deep.equal(["<="]);
  });

  it("leaves a loop its semicolon when it takes the first statement out", () => {
    const source = "library A { function f(uint256 a) internal { for (a = 2; a < 9; ++a) a += 1; } }";
    const taken = mutantsOf("A.sol", source).filter(({ operator }) => operator === "statement");
    expect(taken.map((mutant) => plant(source, mutant).slice(45, -4))).to.deep.equal([
      "for (; a < 9; ++a) a += 1;",
      "for (a = 2; a < 9; ++a) {}",
    ]);
  });

  describe("judgement", () => {
    const judge = new Judge(MINUTE_MS);
    const verdictsOf = async (target: Target, mutants: Mutant[]): Promise<string[]> => {
      const verdicts: string[] = [];
      for (const mutant of mutants) verdicts.push((await judge.judge(target, mutant)).verdict);
      return verdicts;
    };

    after(() => {
      judge.end();
    });

    it("tells what the tests find from what they do not, and from what is no fault", async () => {
      const path = "contracts/batteries/MassBalance.sol";
      const target = targets().find(({ source }) => source === path)!;
      const faults = [
        byHand(path, "totalGrams += outputs", "totalGrams -= outputs"),
        // No more is recovered than went in.
        byHand(path, "/ massGrams);", "/ (recoveredGrams > massGrams ? 1 : massGrams));"),
        byHand(path, "totalGrams += outputs[i].massGrams", "totalGrams = totalGrams + outputs[i].massGrams"),
        byHand(path, "totalGrams += outputs", "unknown += outputs"),
      ];
      expect(await verdictsOf(target, faults)).to.deep.equal(["killed", "survived", "same", "invalid"]);
    });

    it("finds faults in a contract that tests make with arguments, without compiling those again", async () => {
      const source = "contracts/rewards/EcoToken.sol";
      const deployed = ["test/solidity/rewards/EcoToken.t.sol"];
      const [modifier] = mutantsOf(source, readText(source)).filter(({ operator }) => operator === "modifier");
      expect(await verdictsOf({ name: "EcoToken", source, unit: [], deployed }, [modifier!])).to.deep.equal(["killed"]);
    });
  });

  describe("code", () => {
    it("opens functions of a library, but not the types of functions they take", () => {
      const source =
        "library A {\n  function f(function(uint256) internal pure returns (uint256) g) internal pure {}\n  function h() private {}\n}";
      expect(opened("A.sol", source)).to.equal(source.replace(") internal pure {}", ") public pure {}"));
    });

    it("makes stubs of the length of what they stand for, and none that is longer", () => {
      expect(stubOf("00".repeat(500), "11".repeat(20))).to.have.length(1_000);
      expect(() => stubOf("00".repeat(50), "11".repeat(20))).to.throw("shorter than its stub");
    });
  });

  describe("report", () => {
    const [mutant] = mutantsOf("contracts/Sample.sol", SAMPLE);
    const outcome: Outcome = {
      target: "Sample",
      mutants: 9,
      looked: 9,
      seed: 1,
      invalid: 1,
      same: 1,
      killed: 5,
      timedOut: 1,
      survived: 1,
      score: 0.8571,
    };
    const reason: Reason = {
      file: "contracts/Sample.sol",
      function: "constructor",
      original: mutant!.original,
      mutant: "{}",
      reason: "Base refuses it.",
    };

    it("counts what did not end as found, and leaves out what is no fault", () => {
      expect(scoreOf(outcome)).to.equal(0.8571);
      expect(scoreOf({ killed: 0, timedOut: 0, survived: 0 })).to.equal(1);
    });

    it("takes a survivor with a reason, and no other", () => {
      expect(faultsOf([outcome], [mutant!], [mutant!], [reason])).to.deep.equal([]);
      expect(faultsOf([outcome], [mutant!], [mutant!], [])[0]).to.match(
        /^contracts\/Sample.sol:11 survived without a reason/,
      );
    });

    it("refuses a score below the least, and a reason for what is killed or gone", () => {
      expect(faultsOf([{ ...outcome, score: 0.84 }], [], [], [])).to.deep.equal([
        "Sample: 84.0 % killed, but 85 % is the least",
      ]);
      expect(faultsOf([outcome], [], [mutant!], [reason])[0]).to.match(/explains what did not survive/);
      expect(faultsOf([{ ...outcome, looked: 3 }], [], [mutant!], [reason])).to.deep.equal([]);
      expect(faultsOf([{ ...outcome, looked: 3 }], [], [mutant!], [{ ...reason, mutant: "gone" }])[0]).to.match(
        /explains what did not survive/,
      );
      expect(faultsOf([outcome], [], [{ ...mutant!, path: "contracts/Other.sol" }], [reason])).to.deep.equal([]);
    });
  });
});
