import { expect } from "chai";
import {
  type Fault,
  harnesses,
  hasLoop,
  NO_SOLVER,
  plainShifts,
  proofFaults,
  prove,
  solverVersion,
} from "../../scripts/lib/proofs.js";
import { type Finding, placeOf, unexplained, unreadIn } from "../../scripts/lib/slither.js";

const SECONDS = 60;

/** For each harness a fault in the library that it is about, and the property that must find it. */
const FAULTS: Record<string, Fault & { property: string }> = {
  CountLanesProof: {
    path: "contracts/participation/rules/CountLanes.sol",
    from: "return (counts + LANE_MASK) >> WORD_SHIFT;",
    to: "return counts >> WORD_SHIFT;",
    property: "wordsHoldCounts",
  },
  LeaseMathProof: {
    path: "contracts/batteries/LeaseMath.sol",
    from: "return (over * pricePerKWh) / WH_PER_KWH - (billedOver * pricePerKWh) / WH_PER_KWH;",
    to: "return ((over - billedOver) * pricePerKWh) / WH_PER_KWH;",
    property: "overageAddsUp",
  },
  MassBalanceProof: {
    path: "contracts/batteries/MassBalance.sol",
    from: "if (outputs[i].recovered) recoveredGrams += outputs[i].massGrams;",
    to: "recoveredGrams += outputs[i].massGrams + 1;",
    property: "recoveredWithinTotal",
  },
  MonthsProof: {
    path: "contracts/waste/Months.sol",
    from: "DAYS_OF_5_MONTHS = 153;",
    to: "DAYS_OF_5_MONTHS = 163;",
    property: "monthsHaveTheirDays",
  },
  QuotasProof: {
    path: "contracts/participation/rules/Quotas.sol",
    from: "return led * 2 > segments;",
    to: "return led * 2 >= segments;",
    property: "oneMajority",
  },
  RewardMathProof: {
    path: "contracts/rewards/RewardMath.sol",
    from: "return (day * CYCLE_YEARS) / CYCLE_DAYS;",
    to: "return day / 367;",
    property: "yearHasItsDays",
  },
  SettlementMathProof: {
    path: "contracts/energy/market/SettlementMath.sol",
    from: "return nearby * feederFee + (bought - nearby) * gridFee;",
    to: "return nearby * feederFee + bought * gridFee;",
    property: "gridFeeWithinBounds",
  },
  TelemetryMathProof: {
    path: "contracts/batteries/TelemetryMath.sol",
    from: "POWER_TOLERANCE_NUMERATOR = 6;",
    to: "POWER_TOLERANCE_NUMERATOR = 4;",
    property: "ratedPowerIsPlausible",
  },
  UniformPriceAuctionProof: {
    path: "contracts/energy/market/UniformPriceAuction.sol",
    from: "return ((visited + wh) * filled) / level - (visited * filled) / level;",
    to: "return (wh * filled + level - 1) / level + (visited * filled) / level;",
    property: "shareWithinOrder",
  },
};

describe("proofs", function () {
  before(function () {
    if (solverVersion() !== undefined) return;
    console.log(NO_SOLVER);
    this.skip();
  });

  for (const harness of harnesses()) {
    it(`find a fault planted in what ${harness.contract} is about`, function () {
      const fault = FAULTS[harness.contract]!;
      const { verdict, example } = prove(harness, fault.property, SECONDS, fault);
      expect(verdict).to.equal("counterexample");
      expect(example).to.not.equal(undefined);
    });
  }

  it("hold again without the fault", function () {
    const harness = harnesses().find(({ contract }) => contract === "QuotasProof")!;
    expect(prove(harness, "oneMajority", SECONDS).verdict).to.equal("proved");
  });

  it("do not pass a property that nothing reaches, nor find one that is not there", function () {
    const harness = harnesses().find(({ contract }) => contract === "QuotasProof")!;
    expect(() => prove(harness, "gone", SECONDS)).to.throw("has no property gone");
  });
});

describe("proof runner", function () {
  const proof = (verdict: "proved" | "not proved" | "counterexample" | "vacuous") => ({
    property: "A.b",
    verdict,
    engines: [],
    seconds: 1,
  });

  it("is at fault for a counterexample, an empty property, a lost proof, and a list that is out of date", function () {
    expect(proofFaults([proof("proved")], ["A.b"], true)).to.deep.equal([]);
    expect(proofFaults([proof("not proved")], [], true)).to.deep.equal([]);
    expect(proofFaults([{ ...proof("counterexample"), example: "x = 1" }], [], true)[0]).to.equal(
      "A.b is wrong: x = 1",
    );
    expect(proofFaults([proof("vacuous")], ["A.b"], true)[0]).to.contain("says nothing");
    expect(proofFaults([proof("not proved")], ["A.b"], true)[0]).to.contain("was proved before");
    expect(proofFaults([proof("proved")], [], true)[0]).to.contain("npm run prove -- --write");
    expect(proofFaults([], ["A.b"], true)[0]).to.contain("there is no such property");
    expect(proofFaults([], ["A.b"], false)).to.deep.equal([]);
  });

  const query = (rules: string[]): string =>
    [
      "(declare-fun |a| (Int) Bool)",
      "(declare-fun |b| (Int) Bool)",
      "(declare-fun |error_target_3| () Bool)",
      ...rules.map((rule) => `(assert (forall ((x Int)) ${rule}))`),
      "(assert (forall ((UNUSED Bool)) (=> error_target_3 false)))",
    ].join("\n");

  it("tells code that runs in circles from code that does not", function () {
    const straight = ["(=> (> x 0) (a x))", "(=> (a x) (b x))", "(=> (b x) error_target_3)"];
    expect(hasLoop(query(straight))).to.equal(false);
    expect(hasLoop(query([...straight, "(=> (b x) (a x))"]))).to.equal(true);
  });

  it("writes narrowing casts, and shifts by constants, as arithmetic, and no other shifts", function () {
    const cast = "(bv2nat (ite (>= expr_1_0 0) ((_ int2bv 16) expr_1_0) (bvneg ((_ int2bv 16) (- expr_1_0)))))";
    expect(plainShifts(`(= x ${cast})`)).to.equal("(= x (mod expr_1_0 65536))");
    const side = (name: string): string =>
      `(ite (>= ${name} 0) ((_ int2bv 256) ${name}) (bvneg ((_ int2bv 256) (- ${name}))))`;
    const bits = (operation: string, constant: string): string =>
      plainShifts(`(bv2nat (${operation} ${side("expr_1_0")} ${side("expr_2_0")}))${constant}`);
    const size = String(2n ** 256n);
    expect(bits("bvlshr", "(= expr_2_0 3)")).to.contain(`(div (mod expr_1_0 ${size}) 8)`);
    expect(bits("bvshl", "(= expr_2_0 3)")).to.contain(`(mod (* expr_1_0 8) ${size})`);
    expect(bits("bvand", "(= expr_2_0 255)")).to.contain("(mod expr_1_0 256)");
    expect(bits("bvand", "(= expr_2_0 5)")).to.contain("bvand");
    expect(bits("bvshl", "")).to.contain("bvshl");
  });
});

describe("findings of Slither", function () {
  const finding = (check: string, name: string): Finding => ({
    check,
    impact: "Low",
    description: "something",
    elements: [
      {
        type: "variable",
        name: "x",
        type_specific_fields: {
          parent: { type: "function", name, type_specific_fields: { parent: { type: "contract", name: "A" } } },
        },
      },
    ],
  });

  it("are placed by contract and function", function () {
    expect(placeOf(finding("c", "f"))).to.equal("A.f");
  });

  it("need a reason each, and no reason is kept that is not needed", function () {
    const reason = { check: "c", where: ["A.f"], reason: "because" };
    expect(unexplained([finding("c", "f")], [reason])).to.deep.equal([]);
    expect(unexplained([finding("c", "g")], [])[0]).to.contain("c (Low) in A.g");
    expect(unexplained([finding("d", "f")], [reason])).to.have.lengthOf(2);
    expect(unexplained([finding("c", "f")], [{ ...reason, where: ["*"] }])).to.deep.equal([]);
  });

  it("are explained by what they call only if they call nothing else", function () {
    const call = (name: string) => ({ type: "node", name, additional_fields: { underlying_type: "external_calls" } });
    const calling = (...names: string[]): Finding => {
      const { elements, ...rest } = finding("c", "f");
      return { ...rest, elements: [...elements, ...names.map(call)] };
    };
    const reasons = [{ check: "c", where: ["*"], through: ["restricted()"], reason: "because" }];
    expect(unexplained([calling("restricted()")], reasons)).to.deep.equal([]);
    expect(unexplained([calling("restricted()", "token.transfer(to,1)")], reasons)[0]).to.contain("c (Low) in A.f");
    const both = [...reasons, { check: "c", where: ["A.f"], reason: "because" }];
    expect(unexplained([calling("restricted()"), calling("token.transfer(to,1)")], both)).to.deep.equal([]);
    expect(unexplained([calling("restricted()")], both)[0]).to.contain("no longer found");
  });

  it("name what Slither cannot read", function () {
    const line = "ERROR:SlitherSolcParsing:Impossible to generate IR for A.f (contracts/A.sol#1-2):";
    const found = unreadIn([line, line].join("\n"));
    expect(found.map(placeOf)).to.deep.equal(["A.f"]);
    expect(unexplained(found, [])[0]).to.contain("cannot read");
    expect(unexplained(found, [{ check: "unread", where: ["A.f"], reason: "because" }])).to.deep.equal([]);
    expect(unreadIn("all is well")).to.deep.equal([]);
  });
});
