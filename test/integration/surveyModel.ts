import { expect } from "chai";
import { network } from "hardhat";

import {
  bitsForNumber,
  countSurvey,
  hideCells,
  isSurveyPaper,
  type Opinion,
  packAnswers,
  packForm,
  type SurveyAnswer,
  SurveyError,
  type SurveyFault,
  type SurveyPapers,
  type SurveyQuestion,
  unpackAnswers,
  unpackForm,
} from "../../sdk/participation/survey.js";
import type { Connection } from "./utils/city.js";
import { Random } from "./utils/random.js";

/** Surveys of the SDK against the contracts' libraries: the same forms, papers, cells and hidden cells. */

const DEEP = process.env.CIVITAS_DEEP === "1";
const SURVEYS = DEEP ? 1_000 : 60;
const FORMS = DEEP ? 20_000 : 600;
const PAPERS = 25;
const SEGMENTS = 3;
const WORD_BITS = 256n;
const QUESTION_BITS = 16n;
/** What a storage word of counters costs that is changed and was not zero: 2,100 to reach it and 2,900 to write. */
const WORD_GAS = 5_000n;

/** Takes any argument of an error. */
const ANY = () => true;

const { networkHelpers } = await network.create();

async function deployedHarness({ ethers }: Connection) {
  return ethers.deployContract("SurveyHarness");
}

/** Fails unless a call names this fault of a question with this value and limit. */
function expectFault(call: () => unknown, fault: SurveyFault, question: number, value: bigint, limit: bigint): void {
  try {
    call();
  } catch (error) {
    expect(error).to.be.instanceOf(SurveyError);
    const { fault: named, question: asked, value: got, limit: most } = error as SurveyError;
    expect([named, asked, got, most]).to.deep.equal([fault, question, value, limit]);
    return;
  }
  expect.fail(`nothing was thrown instead of: ${fault}`);
}

/** Whether answers fit on a paper. */
function fits(questions: readonly SurveyQuestion[]): boolean {
  try {
    packForm(questions);
    return true;
  } catch (error) {
    if (error instanceof SurveyError && error.fault === "too wide") return false;
    throw error;
  }
}

/** A question by chance. */
function randomQuestion(random: Random, earlier: readonly SurveyQuestion[]): SurveyQuestion {
  const sources = earlier.flatMap((question, index) => (question.kind === "one" ? [{ question, index }] : []));
  const [first, ...others] = sources;
  let asked = {};
  if (first !== undefined && random.bits(1n) === 0n) {
    const { question, index } = random.pick([first, ...others]);
    const choice = Number(random.between(1n, BigInt(Math.min(question.choices, 15))));
    asked = { onlyIf: { question: index, choice } };
  }
  const size = Number(random.pick([random.between(2n, 5n), random.between(2n, 24n), random.between(2n, 31n)]));
  return random.pick<SurveyQuestion>([
    { kind: "one", choices: size, ...asked },
    { kind: "one", choices: size, ...asked },
    { kind: "scale", grades: size, ...asked },
    { kind: "many", choices: size, ...asked },
    { kind: "number", bits: Math.min(size, 24), ...asked },
    { kind: "matrix", statements: size, ...asked },
  ]);
}

function randomSurvey(random: Random): SurveyQuestion[] {
  let questions: SurveyQuestion[] = [];
  for (let left = random.between(1n, 16n); left > 0n; left--) {
    const more = [...questions, randomQuestion(random, questions)];
    if (!fits(more)) break;
    questions = more;
  }
  return questions;
}

function randomAnswer(random: Random, question: SurveyQuestion): SurveyAnswer {
  if (random.between(0n, 5n) === 0n) return null;
  switch (question.kind) {
    case "one":
      return Number(random.between(1n, BigInt(question.choices)));
    case "scale":
      return Number(random.between(1n, BigInt(question.grades)));
    case "number":
      return Number(random.between(0n, 2n ** BigInt(question.bits) - 2n));
    case "many": {
      const choices = Array.from({ length: question.choices }, (_, index) => index + 1);
      const some = choices.filter(() => random.bits(1n) === 1n);
      return some.length === 0 ? null : some;
    }
    case "matrix": {
      const opinions = Array.from({ length: question.statements }, () =>
        random.pick<Opinion | null>(["agree", "disagree", "pass", null]),
      );
      return opinions.every((opinion) => opinion === null) ? null : opinions;
    }
  }
}

function randomAnswers(random: Random, questions: readonly SurveyQuestion[]): SurveyAnswer[] {
  const answers: SurveyAnswer[] = [];
  for (const question of questions) {
    const { onlyIf } = question;
    const met = onlyIf === undefined || answers[onlyIf.question] === onlyIf.choice;
    answers.push(met ? randomAnswer(random, question) : null);
  }
  return answers;
}

/** The error with which the chain refuses a form, by what the SDK finds wrong with it; null: it takes it. */
function errorOf(form: bigint): [string, unknown[]] | null {
  try {
    expect(packForm(unpackForm(form))).to.equal(form);
    return null;
  } catch (error) {
    if (!(error instanceof SurveyError)) throw error;
    const { fault, question, value, limit } = error;
    switch (fault) {
      case "no question":
        return ["SurveyAnswersGap", [question]];
      case "unknown kind":
        return ["SurveyAnswersUnknownKind", [question, value, limit]];
      case "bad size":
        return ["SurveyAnswersBadSize", [question, value, ANY, ANY]];
      case "too wide":
        return ["SurveyAnswersTooWide", [question, value, limit]];
      case "bad condition":
        return ["SurveyAnswersBadCondition", [question, ANY, value, limit]];
      default:
        throw error;
    }
  }
}

describe("Surveys", () => {
  describe("packForm", () => {
    it("puts kind, size and condition of each question into 16 bits", () => {
      const questions: SurveyQuestion[] = [
        { kind: "one", choices: 3 },
        { kind: "scale", grades: 10 },
        { kind: "many", choices: 31, onlyIf: { question: 0, choice: 2 } },
        { kind: "number", bits: 24 },
        { kind: "matrix", statements: 1 },
      ];
      const words = [1 | (3 << 3), 2 | (10 << 3), 3 | (31 << 3) | (2 << 12), 4 | (24 << 3), 5 | (1 << 3)];
      const form = words.reduceRight((word, bits) => (word << QUESTION_BITS) | BigInt(bits), 0n);
      expect(packForm(questions)).to.equal(form);
      expect(unpackForm(form)).to.deep.equal(questions);
    });

    it("names what is wrong with a survey", () => {
      const one: SurveyQuestion = { kind: "one", choices: 31 };
      const many: SurveyQuestion = { kind: "many", choices: 31 };
      expectFault(() => packForm([]), "no question", 0, 0n, 1n);
      expectFault(() => packForm(Array.from({ length: 17 }, () => one)), "too many questions", 16, 17n, 16n);
      expectFault(() => packForm([{ kind: "one", choices: 1 }]), "bad size", 0, 1n, 2n);
      expectFault(() => packForm([one, { kind: "scale", grades: 32 }]), "bad size", 1, 32n, 31n);
      expectFault(() => packForm([{ kind: "many", choices: 0 }]), "bad size", 0, 0n, 1n);
      expectFault(() => packForm([{ kind: "number", bits: 25 }]), "bad size", 0, 25n, 24n);
      expectFault(() => packForm([{ kind: "matrix", statements: 2.5 }]), "bad size", 0, 2n, 31n);
      expectFault(() => packForm(Array.from({ length: 9 }, () => many)), "too wide", 8, 279n, 256n);
      const hanging = (question: number, choice: number): SurveyQuestion => ({ ...many, onlyIf: { question, choice } });
      expectFault(() => packForm([one, hanging(0, 16)]), "bad condition", 1, 16n, 15n);
      expectFault(() => packForm([one, hanging(0, 0)]), "bad condition", 1, 0n, 15n);
      expectFault(() => packForm([one, hanging(1, 1)]), "bad condition", 1, 1n, 0n);
      expectFault(() => packForm([many, hanging(0, 1)]), "bad condition", 1, 1n, 0n);
      expectFault(() => unpackForm(packForm([one]) << QUESTION_BITS), "no question", 0, 0n, 1n);
      expectFault(() => unpackForm(6n), "unknown kind", 0, 6n, 5n);
      expectFault(() => unpackForm(-1n), "no word", 0, -1n, (1n << WORD_BITS) - 1n);
      expectFault(() => unpackForm(1n << WORD_BITS), "no word", 0, 1n << WORD_BITS, (1n << WORD_BITS) - 1n);
    });

    it("knows the bits of a number", () => {
      expect([0, 1, 2, 3, 6, 7, 2 ** 24 - 2].map(bitsForNumber)).to.deep.equal([2, 2, 2, 3, 3, 4, 24]);
      expect(() => bitsForNumber(2 ** 24 - 1)).to.throw(RangeError, "go up to 16777214, not to 16777215");
      expect(() => bitsForNumber(-1)).to.throw(RangeError, "not to -1");
    });
  });

  describe("packAnswers", () => {
    const questions: SurveyQuestion[] = [
      { kind: "one", choices: 5 },
      { kind: "many", choices: 4, onlyIf: { question: 0, choice: 5 } },
      { kind: "number", bits: 7 },
      { kind: "matrix", statements: 3 },
    ];

    it("puts answers side by side", () => {
      const answers: SurveyAnswer[] = [5, [1, 4], 126, ["pass", null, "disagree"]];
      const payload = 5n | (9n << 3n) | (127n << 7n) | (35n << 14n);
      expect(packAnswers(questions, answers)).to.equal(payload);
      expect(unpackAnswers(questions, payload)).to.deep.equal(answers);
      expect(packAnswers(questions, [])).to.equal(0n);
      expect(unpackAnswers(questions, 0n)).to.deep.equal([null, null, null, null]);
      expect(packAnswers(questions, [1, [], 0, [null]])).to.equal(1n | (1n << 7n));
    });

    it("names what is wrong with a paper", () => {
      expectFault(() => packAnswers(questions, [6]), "bad answer", 0, 6n, 5n);
      expectFault(() => packAnswers(questions, [0]), "bad answer", 0, 0n, 1n);
      expectFault(() => packAnswers(questions, [[1]]), "bad answer", 0, 0n, 1n);
      expectFault(() => packAnswers(questions, [5, [5]]), "bad answer", 1, 5n, 4n);
      expectFault(() => packAnswers(questions, [5, [2, 2]]), "bad answer", 1, 2n, 4n);
      expectFault(() => packAnswers(questions, [5, [1, 2, 3, 4, 1]]), "bad answer", 1, 5n, 4n);
      expectFault(() => packAnswers(questions, [5, 1]), "bad answer", 1, 1n, 4n);
      expectFault(() => packAnswers(questions, [5, null, 127]), "bad answer", 2, 127n, 126n);
      const wrong = ["agree", "maybe"] as unknown as SurveyAnswer;
      expectFault(() => packAnswers(questions, [5, null, 0, wrong]), "bad answer", 3, 1n, 3n);
      expectFault(() => packAnswers(questions, [4, [1]]), "condition not met", 1, 4n, 5n);
      expectFault(() => packAnswers(questions, [5, null, 0, null, 1]), "too many answers", 4, 5n, 4n);
      expectFault(() => unpackAnswers(questions, 1n << 20n), "too many answers", 4, 1n, 0n);
      expectFault(() => unpackAnswers(questions, 7n), "bad answer", 0, 7n, 5n);
      expectFault(() => unpackAnswers(questions, -1n), "no word", 0, -1n, (1n << WORD_BITS) - 1n);
    });
  });

  describe("against the contracts", () => {
    it("takes the same forms", async () => {
      const harness = await networkHelpers.loadFixture(deployedHarness);
      const random = new Random(61);
      const verdicts = { taken: 0, refused: 0 };
      for (let run = 0; run < FORMS; run++) {
        const form = packForm(randomSurvey(random));
        // A bit or two away from a good one, or not.
        const flipped = form ^ random.pick([0n, 1n << random.between(0n, 255n), random.bits(16n)]);
        const error = errorOf(flipped);
        if (error === null) {
          await harness.getFunction("requireForm")(flipped);
          verdicts.taken++;
        } else {
          const [name, args] = error;
          await expect(harness.getFunction("requireForm")(flipped), flipped.toString(16))
            .to.be.revertedWithCustomError(harness, name)
            .withArgs(...args);
          verdicts.refused++;
        }
      }
      expect(verdicts.taken).to.be.greaterThan(FORMS / 5);
      expect(verdicts.refused).to.be.greaterThan(FORMS / 5);
    });

    it("takes the same papers, counts them alike and hides the same cells", async () => {
      const random = new Random(62);
      const seen = { valid: 0, invalid: 0, hidden: 0, shown: 0 };
      for (let run = 0; run < SURVEYS; run++) {
        const harness = await networkHelpers.loadFixture(deployedHarness);
        const questions = randomSurvey(random);
        const form = packForm(questions);
        const papers: SurveyPapers[] = Array.from({ length: PAPERS }, () => {
          const answers = randomAnswers(random, questions);
          const payload = packAnswers(questions, answers);
          expect(unpackAnswers(questions, payload)).to.deep.equal(answers);
          return { payload, count: random.pick([0n, 1n, 2n, random.between(1n, 9n), random.bits(27n)]) };
        });

        const width = BigInt(Math.max(...papers.map(({ payload }) => payload.toString(2).length)));
        const words = papers.map(({ payload }) =>
          random.pick([payload, payload ^ (1n << random.between(0n, 255n)), random.bits(width)]),
        );
        const valid = words.map((word) => isSurveyPaper(questions, word));
        expect(await harness.getFunction("areValid")(form, words)).to.deep.equal(valid);
        for (const its of valid) seen[its ? "valid" : "invalid"]++;

        const share = Math.ceil(papers.length / SEGMENTS);
        for (let segment = 0; segment < SEGMENTS; segment++) {
          const its = papers.slice(segment * share, (segment + 1) * share);
          const payloads = its.map(({ payload }) => payload);
          await harness.getFunction("count")(
            segment,
            form,
            payloads,
            its.map(({ count }) => count),
          );
        }
        const cells = countSurvey(questions, papers);
        const minCell = random.pick([0n, 3n, 10n, random.bits(30n)]);
        const printed = hideCells(questions, cells, minCell);
        for (const [question, its] of printed.entries()) {
          expect(await harness.getFunction("cellsOf")(SEGMENTS, form, question)).to.deep.equal(cells[question]);
          const printing: unknown = await harness.getFunction("shownOf")(SEGMENTS, form, question, minCell);
          const [shown, hidden] = printing as [bigint[], bigint];
          expect(shown).to.deep.equal(its.map((cell) => cell ?? 0n));
          const bits = its.reduce<bigint>(
            (word, cell, index) => (cell === null ? word | (1n << BigInt(index)) : word),
            0n,
          );
          expect(hidden).to.equal(bits);
          for (const cell of its) seen[cell === null ? "hidden" : "shown"]++;
        }
      }
      for (const [what, times] of Object.entries(seen)) expect(times, what).to.be.greaterThan(SURVEYS);
    });

    it("counts a paper at little more than its storage costs", async () => {
      const harness = await networkHelpers.loadFixture(deployedHarness);
      // 40 cells in five words.
      const questions = Array.from({ length: 8 }, (_, index): SurveyQuestion => {
        return { kind: index % 2 === 0 ? "one" : "many", choices: 5 };
      });
      const form = packForm(questions);
      const payload = packAnswers(
        questions,
        questions.map(({ kind }, index) => (kind === "one" ? 1 + (index % 5) : [1, 2, 4])),
      );
      await harness.getFunction("count")(0, form, [payload], [1]);
      const gas = (await harness.getFunction("measure").staticCall(form, payload)) as bigint;
      expect(gas - 5n * WORD_GAS).to.be.lessThan(5_100n);
      expect(await harness.getFunction("costOfValidity")(form, payload)).to.be.lessThan(3_500n);
    });
  });
});
