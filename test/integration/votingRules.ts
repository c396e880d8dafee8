import { expect } from "chai";
import { type BaseContract, type ContractTransactionReceipt, toBeHex } from "ethers";
import { network } from "hardhat";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import {
  ApprovalBase,
  approvalMet,
  bordaScores,
  condorcetWinner,
  decodeRanking,
  emptyMatrix,
  encodeRanking,
  firstAmong,
  instantRunoff,
  leads,
  leadsInMajority,
  leadsInShare,
  matrixOf,
  minimaxScores,
  NO_OPTION,
  orderByScores,
  packMatrix,
  packOrder,
  packPriorities,
  type PairwiseMatrix,
  priorities,
  RankingFault,
  rankingFault,
  rankingLength,
  RuleError,
  runoffCalls,
  schulzeScores,
  TieRule,
  turnoutMet,
  unpackMatrix,
  unpackOrder,
} from "../../sdk/participation/rules/index.js";
import type { Connection } from "./utils/city.js";
import { Random } from "./utils/random.js";

/** Counting rules: the contracts against the SDK's twins, these against the definitions, and all against real elections. */

const DEEP = process.env.CIVITAS_DEEP === "1";
/** Inputs tried for each formula. */
const INPUTS = DEEP ? 10_000 : 400;
/** Formulas evaluated in one call of the node. */
const BATCH = 10;
const ELECTIONS = DEEP ? 1_000 : 60;
/** Rankings recorded in one transaction. */
const RECORDS = 500;
/** A transaction cannot have more (EIP-7825). */
const TRANSACTION_GAS = 16_777_216n;

const { networkHelpers } = await network.create();

async function deployedHarness({ ethers }: Connection): Promise<BaseContract> {
  return ethers.deployContract("RulesHarness");
}

const harnessOf = async (): Promise<BaseContract> => networkHelpers.loadFixture(deployedHarness);

async function send(harness: BaseContract, name: string, ...args: unknown[]): Promise<ContractTransactionReceipt> {
  const sent = await harness.getFunction(name).send(...args);
  return (await sent.wait())!;
}

async function call<Result>(harness: BaseContract, name: string, ...args: unknown[]): Promise<Result> {
  return (await harness.getFunction(name).staticCall(...args)) as Result;
}

/** A number of options, and what is to be counted: number of ballots by ranking. */
interface Election {
  readonly options: number;
  readonly ballots: Map<bigint, bigint>;
}

const castIn = ({ ballots }: Election): bigint => [...ballots.values()].reduce((sum, number) => sum + number, 0n);

/** Letters as in "ACB", A is option 0; "=" stands before an option that is tied with the one before. */
function ranking(text: string): bigint {
  const levels: number[][] = [];
  for (const [, tie, letter] of text.matchAll(/(=?)([A-Z])/g)) {
    const option = letter!.charCodeAt(0) - "A".charCodeAt(0);
    if (tie === "=") levels.at(-1)!.push(option);
    else levels.push([option]);
  }
  return encodeRanking(levels);
}

function electionOf(options: number, papers: Readonly<Record<string, bigint>>): Election {
  return { options, ballots: new Map(Object.entries(papers).map(([text, number]) => [ranking(text), number])) };
}

function randomLevels(random: Random, options: number, ties: boolean): number[][] {
  const left = Array.from({ length: options }, (_, option) => option);
  const levels: number[][] = [];
  for (let length = random.between(0n, BigInt(options)); length > 0n; length--) {
    const [option] = left.splice(Number(random.between(0n, BigInt(left.length - 1))), 1);
    if (ties && levels.length > 0 && random.between(0n, 3n) === 0n) levels.at(-1)!.push(option!);
    else levels.push([option!]);
  }
  return levels;
}

/** Few distinct rankings, often with equal numbers, so that ties are common. */
function randomElection(random: Random, options: number, ties: boolean): Election {
  const ballots = new Map<bigint, bigint>();
  const papers = random.between(0n, 14n);
  for (let paper = 0n; paper < papers; paper++) {
    const word = encodeRanking(randomLevels(random, options, ties));
    ballots.set(word, (ballots.get(word) ?? 0n) + random.pick([1n, 1n, 2n, random.between(0n, 100n)]));
  }
  return { options, ballots };
}

const optionsOf = (random: Random, most: bigint): number => Number(random.between(2n, most));
const seedOf = (random: Random): string => toBeHex(random.bits(256n), 32);

function randomMatrix(random: Random): { matrix: PairwiseMatrix; cast: bigint } {
  const election = randomElection(random, optionsOf(random, 16n), true);
  return { matrix: matrixOf(election.ballots, election.options), cast: castIn(election) };
}

/** Arguments of a function of the harness, and what its twin makes of them. */
type Trial = readonly [args: readonly unknown[], result: unknown];

const formulas: Readonly<Record<string, (random: Random) => Trial>> = {
  faultOf: (random) => {
    const options = optionsOf(random, 32n);
    const ties = random.between(0n, 1n) === 0n;
    const good = encodeRanking(randomLevels(random, options, random.between(0n, 1n) === 0n));
    const word = random.pick([good, good ^ (1n << random.between(0n, 255n)), random.edgy(256n)]);
    return [[word, options, ties], rankingFault(word, options, ties)];
  },
  lengthOf: (random) => {
    const word = encodeRanking(randomLevels(random, 32, true));
    return [[word], rankingLength(word)];
  },
  firstAmong: (random) => {
    const word = encodeRanking(randomLevels(random, 32, false));
    const standing = random.bits(32n) & random.bits(32n) & random.bits(32n);
    return [[word, standing], firstAmong(word, standing)];
  },
  bestLevel: (random) => {
    const levels = [[0], ...randomLevels(random, 31, true).map((level) => level.map((option) => option + 1))];
    if (random.between(0n, 1n) === 0n && levels.length > 1) levels.shift();
    const bits = levels[0]!.reduce((set, option) => set | (1n << BigInt(option)), 0n);
    return [[encodeRanking(levels)], [bits, encodeRanking(levels.slice(1))]];
  },
  victoriesOf: (random) => {
    const options = optionsOf(random, 16n);
    const word = encodeRanking(randomLevels(random, options, true));
    const lanes = matrixOf(new Map([[word, 1n]]), options).flatMap((row, i) => row.filter((_, j) => i !== j));
    return [[word, options], lanes.reduce((bits, won, lane) => bits | (won << BigInt(lane)), 0n)];
  },
  prioritiesOf: (random) => {
    const [options, seed] = [optionsOf(random, 32n), seedOf(random)];
    const rule = random.pick([TieRule.LowestNumber, TieRule.Lot]);
    return [[rule, seed, options], packPriorities(priorities(rule, options, seed))];
  },
  byScores: (random) => {
    const options = optionsOf(random, 32n);
    const scores = Array.from({ length: options }, () => random.pick([random.bits(3n), random.edgy(240n)]));
    const tieOrder = priorities(TieRule.Lot, options, seedOf(random));
    const { order, firstTied } = orderByScores(scores, tieOrder);
    return [
      [scores, packPriorities(tieOrder)],
      [packOrder(order), firstTied],
    ];
  },
  optionAt: (random) => {
    const { order } = orderByScores([0n, 0n, 0n, 0n, 0n], priorities(TieRule.Lot, 5, seedOf(random)));
    const place = Number(random.between(0n, 4n));
    return [[packOrder(order), place], unpackOrder(packOrder(order))[place]];
  },
  condorcetWinner: (random) => {
    const { matrix } = randomMatrix(random);
    return [[matrix.flat(), matrix.length], condorcetWinner(matrix)];
  },
  borda: (random) => {
    const { matrix, cast } = randomMatrix(random);
    return [[matrix.flat(), matrix.length, cast], [bordaScores(matrix, cast)]];
  },
  minimax: (random) => {
    const { matrix, cast } = randomMatrix(random);
    return [[matrix.flat(), matrix.length, cast], [minimaxScores(matrix, cast)]];
  },
  schulze: (random) => {
    const { matrix } = randomMatrix(random);
    return [[matrix.flat(), matrix.length], [schulzeScores(matrix)]];
  },
  turnoutMet: (random) => {
    const [cast, electorate, quorumBp] = [random.bits(10n), random.bits(10n), random.between(0n, 10_000n)];
    return [[cast, electorate, quorumBp], turnoutMet({ cast, electorate }, quorumBp)];
  },
  approvalMet: (random) => {
    const blank = random.bits(4n);
    const [cast, electorate] = [blank + random.bits(6n), random.bits(8n)];
    const approvals = random.bits(6n);
    const quorumBp = random.pick([0n, 5_000n, random.between(0n, 10_000n)]);
    const base = random.pick([ApprovalBase.Ballots, ApprovalBase.Electorate]);
    const met = approvalMet(base, approvals, { cast, blank, electorate }, quorumBp);
    return [[base, approvals, cast, blank, electorate, quorumBp], met];
  },
  leadsInMajority: (random) => {
    const [led, segments] = [random.bits(4n), random.bits(5n)];
    return [[led, segments], leadsInMajority(led, segments)];
  },
  leadsInShare: (random) => {
    const [led, segments, shareBp] = [random.bits(4n), random.bits(5n), random.between(0n, 100n) * 100n];
    return [[led, segments, shareBp], leadsInShare(led, segments, shareBp)];
  },
  leads: (random) => {
    const scores = Array.from({ length: optionsOf(random, 5n) }, () => random.bits(2n));
    const option = Number(random.between(0n, BigInt(scores.length - 1)));
    return [[scores, option], leads(scores, option)];
  },
};

function flat(value: unknown): string {
  return Array.isArray(value) ? (value as unknown[]).map(flat).join() : String(value);
}

/** What the runoff of the harness closed in a transaction, in the shape of the twin's rounds. */
function roundsIn(harness: BaseContract, receipt: ContractTransactionReceipt) {
  return receipt.logs.map((log) => {
    const [number, tallies, exhausted, eliminated, tied] = harness.interface.parseLog(log)!.args as unknown as [
      bigint,
      bigint[],
      bigint,
      bigint,
      boolean,
    ];
    return { number: Number(number), tallies: [...tallies], exhausted, eliminated: Number(eliminated), tied };
  });
}

interface Counted {
  readonly rounds: ReturnType<typeof roundsIn>;
  readonly order: number[];
  readonly firstTied: boolean;
  readonly gas: bigint[];
}

/** Lets the harness count an instant runoff. */
async function countOnChain(
  harness: BaseContract,
  election: Election,
  tieOrder: readonly number[],
  most: number,
): Promise<Counted> {
  const entries = [...election.ballots];
  for (let done = 0; done < entries.length; done += RECORDS) {
    const part = entries.slice(done, done + RECORDS);
    await send(
      harness,
      "record",
      part.map(([word]) => word),
      part.map(([, number]) => number),
    );
  }
  await send(harness, "begin", election.options, castIn(election));
  const receipts: ContractTransactionReceipt[] = [];
  for (const rankings of runoffCalls(election.ballots, tieOrder, most)) {
    const options = { gasLimit: TRANSACTION_GAS };
    receipts.push(await send(harness, "step", packPriorities(tieOrder), rankings, options));
  }
  const state = await call<{ order: bigint; decided: boolean; firstTied: boolean }>(harness, "runoffOf");
  expect(state.decided, "decided").to.be.true;
  return {
    rounds: receipts.flatMap((receipt) => roundsIn(harness, receipt)),
    order: unpackOrder(state.order),
    firstTied: state.firstTied,
    gas: receipts.map(({ gasUsed }) => gasUsed),
  };
}

/** Strongest path between two options, by trying all paths. */
function strongestPath(matrix: PairwiseMatrix, from: number, to: number, passed: readonly number[] = []): bigint {
  const beats = (i: number, j: number): boolean => matrix[i]![j]! > matrix[j]![i]!;
  let best = beats(from, to) ? matrix[from]![to]! : 0n;
  for (const via of matrix.keys()) {
    if (via === from || via === to || passed.includes(via) || !beats(from, via)) continue;
    const onward = strongestPath(matrix, via, to, [...passed, from]);
    const width = onward < matrix[from]![via]! ? onward : matrix[from]![via]!;
    if (width > best) best = width;
  }
  return best;
}

/** Order by instant runoff from single papers, one option leaving after the other. */
function runoffOrder(papers: readonly number[][], standing: readonly number[], tieOrder: readonly number[]): number[] {
  const tops = papers.flatMap((paper) => paper.filter((option) => standing.includes(option)).slice(0, 1));
  const tally = (option: number): number => tops.filter((top) => top === option).length;
  const sorted = [...standing].sort((a, b) => tally(b) - tally(a) || tieOrder[a]! - tieOrder[b]!);
  if (standing.length === 1 || tally(sorted[0]!) > tops.length / 2) return sorted;
  const last = sorted.at(-1)!;
  const rest = standing.filter((option) => option !== last);
  return [...runoffOrder(papers, rest, tieOrder), last];
}

const papersOf = ({ ballots }: Election): number[][][] =>
  [...ballots].flatMap(([word, number]) => Array.from({ length: Number(number) }, () => decodeRanking(word)));

// Real elections stand beside the repository; where they do not, their tests are not made.
const SHARED = fileURLToPath(new URL("../../../shared/data/elections/", import.meta.url));
const RANKED = `${SHARED}ranked/`;
const AREAS = `${SHARED}referendum/eu_referendum_2016_by_area.csv`;

/** An election of the data, whose candidates are numbered from 1. */
interface Expected {
  readonly election: string;
  readonly ballots: number;
  readonly distinct_rankings: number;
  readonly candidates: number;
  readonly condorcet_winner: number;
  readonly schulze_winners: readonly number[];
  readonly plurality_first_choices: Readonly<Record<string, number>>;
  readonly pairwise?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly irv_rounds?: readonly {
    readonly tally: Readonly<Record<string, number>>;
    readonly exhausted: number;
    readonly eliminated?: number;
  }[];
}

function readElection({ election, candidates }: Expected): Election {
  const [, ...rows] = readFileSync(`${RANKED}${election}.ballots.csv`, "utf8").trim().split("\n");
  const ballots = rows.map((row): [bigint, bigint] => {
    const [number, text] = row.trim().split(",");
    const levels = text === "" ? [] : text!.split(">").map((level) => level.split("=").map((no) => Number(no) - 1));
    return [encodeRanking(levels, candidates), BigInt(number!)];
  });
  return { options: candidates, ballots: new Map(ballots) };
}

const expectedElections = existsSync(`${RANKED}expected.json`)
  ? (JSON.parse(readFileSync(`${RANKED}expected.json`, "utf8")) as Expected[])
  : [];

describe("Voting rules", () => {
  describe("formulas", () => {
    const WITH_STORAGE = ["replace", "tally", "untally", "record", "begin", "step", "runoffOf", "lanesOf", "matrixOf"];
    const OTHERS = [...WITH_STORAGE, "run", "begun", "runMany"];

    it("cover every function of the libraries", async () => {
      const { interface: functions } = await harnessOf();
      const names: string[] = [];
      functions.forEachFunction(({ name }) => names.push(name));
      expect(names.filter((name) => !OTHERS.includes(name)).sort()).to.deep.equal(Object.keys(formulas).sort());
    });

    for (const [index, [name, trial]] of Object.entries(formulas).entries()) {
      it(`${name} equals its twin`, async () => {
        const harness = await harnessOf();
        const random = new Random(index);
        const results = new Set<string>();
        for (let done = 0; done < INPUTS; done += BATCH) {
          const trials = Array.from({ length: BATCH }, () => trial(random));
          const calls = trials.map(([args]) => harness.interface.encodeFunctionData(name, args));
          const outcomes = await call<string[]>(harness, "runMany", calls);
          for (const [place, [args, result]] of trials.entries()) {
            const got = flat([...harness.interface.decodeFunctionResult(name, outcomes[place]!)]);
            expect(got, `${name}(${flat(args)})`).to.equal(flat(result));
            results.add(got);
          }
        }
        // Otherwise there would be nothing to tell apart.
        expect(results.size).to.be.greaterThan(1);
      });
    }
  });

  describe("pairwise counts", () => {
    it("equal their twin, in words and as a matrix, after ballots were added, replaced and taken out", async () => {
      const harness = await harnessOf();
      const random = new Random(100);
      const counted = new Map<number, Map<bigint, bigint>>();
      // Counts of all numbers of options share the words of the harness, so each is taken out before the next.
      for (let step = 0; step < ELECTIONS; step++) {
        const options = 2 + (step % 15);
        const election = randomElection(random, options, true);
        const rankings = [...election.ballots.keys()];
        const numbers = [...election.ballots.values()];
        await send(harness, "tally", rankings, numbers, options);
        const before = encodeRanking(randomLevels(random, options, true));
        const next = encodeRanking(randomLevels(random, options, true));
        await send(harness, "replace", 0, before, options, 7);
        await send(harness, "replace", before, next, options, 7);
        const ballots = new Map(election.ballots).set(next, (election.ballots.get(next) ?? 0n) + 7n);
        const matrix = matrixOf(ballots, options);
        const words = [...(await call<bigint[]>(harness, "lanesOf", options))];
        expect(words).to.deep.equal(packMatrix(matrix));
        expect(unpackMatrix(words, options)).to.deep.equal(matrix);
        expect([...(await call<bigint[]>(harness, "matrixOf", options))]).to.deep.equal(matrix.flat());
        counted.set(options, ballots);
        await send(harness, "replace", next, 0, options, 7);
        await send(harness, "untally", rankings, numbers, options);
        expect([...(await call<bigint[]>(harness, "matrixOf", options))]).to.deep.equal(emptyMatrix(options).flat());
      }
      expect(counted.size).to.equal(15);
    });

    it("take a ballot of five options for well below 29,000 gas beyond the transaction", async () => {
      const harness = await harnessOf();
      const papers = ["EDCBA", "ABCDE", "BDACE", "CAB", "A=BC=D", "D"].map(ranking);
      for (const paper of papers) await send(harness, "replace", 0, paper, 5, 100);
      for (const paper of papers) {
        const { gasUsed } = await send(harness, "replace", 0, paper, 5, 1);
        expect(gasUsed - 21_000n < 20_000n, `${gasUsed} for ${decodeRanking(paper).join(">")}`).to.be.true;
      }
      // Words in which both ballots add the same are left alone.
      const { gasUsed } = await send(harness, "replace", ranking("ABCDE"), ranking("ABCED"), 5, 1);
      expect(gasUsed - 21_000n < 16_000n, gasUsed.toString()).to.be.true;
    });
  });

  describe("Schulze's method", () => {
    it("takes up to 70,000 gas for five options, and 1,100,000 for sixteen", async () => {
      const harness = await harnessOf();
      const random = new Random(150);
      for (const [options, most] of [
        [5, 70_000n],
        [16, 1_100_000n],
      ] as const) {
        const matrix = emptyMatrix(options).map((row, i) => row.map((_, j) => (i === j ? 0n : random.bits(20n))));
        const gas = await harness.getFunction("schulze").estimateGas(matrix.flat(), options);
        expect(gas - 21_000n < most, `${gas} for ${options}`).to.be.true;
      }
    });
  });

  describe("instant runoff", () => {
    it("equals its twin, however it is cut into calls", async () => {
      const harness = await harnessOf();
      const random = new Random(200);
      const cuts = new Set<boolean>();
      for (let step = 0; step < ELECTIONS; step++) {
        const options = optionsOf(random, 8n);
        const election = randomElection(random, options, false);
        const tieOrder = priorities(random.pick([TieRule.LowestNumber, TieRule.Lot]), options, seedOf(random));
        const { order, firstTied, rounds } = instantRunoff(election.ballots, tieOrder);
        const most = Number(random.pick([100n, 1n, 2n, random.between(1n, 10n)]));
        const counted = await countOnChain(harness, election, tieOrder, most);
        expect(counted.order, "order").to.deep.equal(order);
        expect(counted.firstTied, "tied").to.equal(firstTied);
        expect(counted.rounds, "rounds").to.deep.equal(rounds);
        cuts.add(counted.gas.length > 1);
      }
      expect([...cuts]).to.have.members([true, false]);
    });
  });

  describe("twins", () => {
    it("agree with the definitions of Borda, minimax and Schulze", () => {
      const random = new Random(300);
      for (let step = 0; step < ELECTIONS * 5; step++) {
        const options = optionsOf(random, 6n);
        const election = randomElection(random, options, true);
        const papers = papersOf(election);
        const all = [...emptyMatrix(options).keys()];
        const level = (paper: readonly number[][], option: number): number => {
          const found = paper.findIndex((tied) => tied.includes(option));
          return found < 0 ? paper.length : found;
        };
        const matrix = all.map((i) =>
          all.map((j) => BigInt(papers.filter((paper) => level(paper, i) < level(paper, j)).length)),
        );
        expect(matrixOf(election.ballots, options)).to.deep.equal(matrix);

        const borda = all.map((i) =>
          papers.reduce((score, paper) => {
            const others = all.filter((j) => j !== i);
            const below = others.filter((j) => level(paper, i) < level(paper, j)).length;
            const tied = others.filter((j) => level(paper, i) === level(paper, j)).length;
            return score + BigInt(2 * below + tied);
          }, 0n),
        );
        expect(bordaScores(matrix, BigInt(papers.length))).to.deep.equal(borda);

        const worst = all.map((i) => {
          const lost = all.filter((j) => matrix[j]![i]! > matrix[i]![j]!).map((j) => Number(matrix[j]![i]));
          return BigInt(papers.length - Math.max(0, ...lost));
        });
        expect(minimaxScores(matrix, BigInt(papers.length))).to.deep.equal(worst);

        const unbeatenBy = all.map((i) => {
          const beaten = all.filter((j) => j !== i && strongestPath(matrix, j, i) > strongestPath(matrix, i, j));
          return BigInt(options - 1 - beaten.length);
        });
        expect(schulzeScores(matrix)).to.deep.equal(unbeatenBy);
      }
    });

    it("agree with the definition of instant runoff", () => {
      const random = new Random(400);
      for (let step = 0; step < ELECTIONS * 5; step++) {
        const options = optionsOf(random, 7n);
        const election = randomElection(random, options, false);
        const tieOrder = priorities(TieRule.Lot, options, seedOf(random));
        const papers = papersOf(election).map((levels) => levels.flat());
        const { order } = instantRunoff(election.ballots, tieOrder);
        expect(order).to.deep.equal(runoffOrder(papers, [...emptyMatrix(options).keys()], tieOrder));
      }
    });

    it("rank the examples of the literature", () => {
      const schulze = electionOf(5, {
        ACBED: 5n,
        ADECB: 5n,
        BEDAC: 8n,
        CABED: 3n,
        CAEBD: 7n,
        CBADE: 2n,
        DCEBA: 7n,
        EBADC: 8n,
      });
      const byNumber = priorities(TieRule.LowestNumber, 5);
      const letters = (order: readonly number[]): string => order.map((option) => "ABCDE".charAt(option)).join("");
      const scores = schulzeScores(matrixOf(schulze.ballots, 5));
      expect(letters(orderByScores(scores, byNumber).order)).to.equal("EACBD");
      // Memphis, Nashville, Chattanooga, Knoxville.
      const tennessee = electionOf(4, { ABCD: 42n, BCDA: 26n, CDBA: 15n, DCBA: 17n });
      const result = instantRunoff(tennessee.ballots, priorities(TieRule.LowestNumber, 4));
      expect(letters(result.order)).to.equal("DABC");
      expect(result.rounds.map(({ eliminated }) => eliminated)).to.deep.equal([2, 1, NO_OPTION]);
    });

    it("read what they write", () => {
      const random = new Random(500);
      for (let step = 0; step < INPUTS; step++) {
        const levels = randomLevels(random, 32, true).map((level) => level.sort((a, b) => a - b));
        const word = encodeRanking(levels);
        expect(decodeRanking(word)).to.deep.equal(levels);
        expect(rankingFault(word, 32, true)).to.equal(RankingFault.None);
      }
    });

    it("refuse what no rule takes", () => {
      const refusal = (run: () => unknown) => {
        try {
          run();
        } catch (error) {
          expect(error).to.be.instanceOf(RuleError);
          const { subject, value, least, greatest } = error as RuleError;
          return [subject, value, least, greatest];
        }
        return expect.fail("taken");
      };
      expect(refusal(() => encodeRanking([[4]], 4))).to.deep.equal(["option", 4, 0, 3]);
      expect(refusal(() => encodeRanking([[0.5]], 4))).to.deep.equal(["option", 0.5, 0, 3]);
      expect(refusal(() => encodeRanking([[1], [1]], 4))).to.deep.equal(["places of an option", 2, 0, 1]);
      expect(refusal(() => encodeRanking([], 33))).to.deep.equal(["number of options", 33, 2, 32]);
      expect(refusal(() => emptyMatrix(17))).to.deep.equal(["number of options", 17, 2, 16]);
      expect(refusal(() => packMatrix([[0n, 1n << 32n]]))[0]).to.equal("pairwise count");
      expect(refusal(() => unpackMatrix([0n], 5)).slice(0, 3)).to.deep.equal(["number of words", 1, 3]);
      expect(refusal(() => priorities(2n, 3))).to.deep.equal(["tie rule", 2n, 0n, 1n]);
      expect(refusal(() => priorities(0n, 1))).to.deep.equal(["number of options", 1, 2, 32]);
      expect(refusal(() => instantRunoff(new Map([[1n, -1n]]), [0, 1]))[0]).to.equal("number of ballots");
      expect(refusal(() => instantRunoff(new Map(), [0]))).to.deep.equal(["number of options", 1, 2, 32]);
      expect(refusal(() => runoffCalls(new Map(), [0, 1], 0))[0]).to.equal("rankings in a call");
    });
  });

  describe("real elections", () => {
    for (const expected of expectedElections) {
      const { election: name, candidates, irv_rounds: runoff, pairwise } = expected;

      it(`${name}: ballots and first choices are those of the count`, () => {
        const election = readElection(expected);
        expect(castIn(election)).to.equal(BigInt(expected.ballots));
        expect(election.ballots.size).to.equal(expected.distinct_rankings);
        const firsts: Record<string, number> = {};
        for (const [word, number] of election.ballots) {
          const [level] = decodeRanking(word);
          if (level?.length !== 1) continue;
          firsts[level[0]! + 1] = (firsts[level[0]! + 1] ?? 0) + Number(number);
        }
        expect(firsts).to.deep.equal(expected.plurality_first_choices);
      });

      if (pairwise !== undefined) {
        it(`${name}: pairwise counts, Condorcet's and Schulze's winner are those of the count`, async () => {
          const harness = await harnessOf();
          const election = readElection(expected);
          await send(harness, "tally", [...election.ballots.keys()], [...election.ballots.values()], candidates);
          const flatMatrix = [...(await call<bigint[]>(harness, "matrixOf", candidates))];
          const all = [...emptyMatrix(candidates).keys()];
          const wanted = all.flatMap((i) => all.map((j) => BigInt(pairwise[i + 1]?.[j + 1] ?? 0)));
          expect(flatMatrix).to.deep.equal(wanted);
          const winner = await call<bigint>(harness, "condorcetWinner", flatMatrix, candidates);
          expect(Number(winner) + 1).to.equal(expected.condorcet_winner);
          const scores = await call<bigint[]>(harness, "schulze", flatMatrix, candidates);
          const best = all.filter((option) => scores[option] === BigInt(candidates - 1));
          expect(best.map((option) => option + 1)).to.deep.equal(expected.schulze_winners);
          const least = await call<bigint[]>(harness, "minimax", flatMatrix, candidates, expected.ballots);
          const byNumber = priorities(TieRule.LowestNumber, candidates);
          const { order } = orderByScores([...least], byNumber);
          expect(order[0]! + 1).to.equal(expected.condorcet_winner);
        });
      }

      if (runoff !== undefined) {
        const wanted = runoff.map(({ tally, exhausted, eliminated }, index) => ({
          number: index + 1,
          tallies: Array.from({ length: candidates }, (_, option) => BigInt(tally[option + 1] ?? 0)),
          exhausted: BigInt(exhausted),
          eliminated: eliminated === undefined ? NO_OPTION : eliminated - 1,
          tied: false,
        }));
        const order = [
          ...Object.entries(runoff.at(-1)!.tally)
            .sort(([, a], [, b]) => b - a)
            .map(([no]) => Number(no) - 1),
          ...wanted.flatMap(({ eliminated }) => (eliminated === NO_OPTION ? [] : [eliminated])).reverse(),
        ];
        const byNumber = priorities(TieRule.LowestNumber, candidates);

        it(`${name}: one call counts all rounds of the runoff`, async () => {
          const election = readElection(expected);
          const counted = await countOnChain(await harnessOf(), election, byNumber, election.ballots.size);
          expect(counted.rounds).to.deep.equal(wanted);
          expect(counted.order).to.deep.equal(order);
          expect(counted.gas).to.have.lengthOf(1);
          expect(counted.gas[0]! < 12_000_000n, counted.gas.join()).to.be.true;
        });

        it(`${name}: so do calls of 600 rankings`, async () => {
          const election = readElection(expected);
          const counted = await countOnChain(await harnessOf(), election, byNumber, 600);
          expect(counted.rounds).to.deep.equal(wanted);
          expect(counted.order).to.deep.equal(order);
          for (const gas of counted.gas) expect(gas < 3_000_000n, counted.gas.join()).to.be.true;
        });
      }
    }

    if (existsSync(AREAS)) {
      it("EU referendum of 2016: Leave leads in most of the counting areas", async () => {
        const harness = await harnessOf();
        const [header, ...rows] = readFileSync(AREAS, "utf8").trim().split("\n");
        const names = header!.trim().split(",");
        const column = (row: string, name: string): bigint =>
          BigInt(
            row
              .trim()
              .split(",")
              .at(names.indexOf(name) - names.length)!,
          );
        const areas = rows.map((row) => [column(row, "remain"), column(row, "leave")]);
        const calls = [0, 1].flatMap((option) =>
          areas.map((scores) => harness.interface.encodeFunctionData("leads", [scores, option])),
        );
        const ahead = (await call<string[]>(harness, "runMany", calls)).map((result) => BigInt(result));
        const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
        const [remain, leave] = [sum(ahead.slice(0, areas.length)), sum(ahead.slice(areas.length))];
        expect([remain, leave]).to.deep.equal([119n, 263n]);
        const segments = BigInt(areas.length);
        expect(await call(harness, "leadsInMajority", leave, segments)).to.be.true;
        expect(await call(harness, "leadsInMajority", remain, segments)).to.be.false;
        // 37.44 % of the electorate.
        const [yes, electorate] = [17_410_742n, 46_500_001n];
        const cast = yes + 16_141_241n + 25_359n;
        const turnout = [cast, 25_359n, electorate] as const;
        expect(await call(harness, "approvalMet", ApprovalBase.Electorate, yes, ...turnout, 3_744n)).to.be.true;
        expect(await call(harness, "approvalMet", ApprovalBase.Electorate, yes, ...turnout, 3_745n)).to.be.false;
        expect(await call(harness, "approvalMet", ApprovalBase.Ballots, yes, ...turnout, 5_000n)).to.be.true;
        expect(await call(harness, "turnoutMet", cast, electorate, 7_200n)).to.be.true;
      });
    }
  });
});
