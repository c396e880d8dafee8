/**
 * Ballot papers: one word for each kind of ballot, as people write them and as the contracts read them. Twin of
 * contracts/participation/ballots/BallotKinds.sol. Options are numbered from 0; payloads are bigint.
 */
import { BallotKind, nameIn, Rule } from "../enums.js";
import type { BallotTerms } from "./terms.js";
import { decodeRanking, encodeRanking, rankingFault, RankingFault, rankingLength } from "./rules/rankings.js";
import { packAnswers, type SurveyAnswer, SurveyError, unpackAnswers, unpackForm } from "./survey.js";

/** What a paper depends on. */
export type PaperRules = Pick<BallotTerms, "kind" | "rule" | "options" | "blankLast" | "limit" | "form">;

/** What a paper says. */
export type Paper =
  /** One option. */
  | { readonly kind: "single"; readonly option: number }
  /** Any options, each once; where the last is blank, that one alone or others. */
  | { readonly kind: "approval"; readonly approved: readonly number[] }
  /** A score for each option; those left out at the end are 0. */
  | { readonly kind: "score"; readonly scores: readonly number[] }
  /** Votes for each option, of which n cost n * n credits. */
  | { readonly kind: "quadratic"; readonly votes: readonly number[] }
  /** Points for each option. */
  | { readonly kind: "points"; readonly points: readonly number[] }
  /** Options in levels, best first; those of one level are tied. Left out: tied behind the last. None: blank. */
  | { readonly kind: "ranked"; readonly levels: readonly (readonly number[])[] }
  /** An answer or null for each question. */
  | { readonly kind: "survey"; readonly answers: readonly SurveyAnswer[] };

/** What a paper can be wrong in. */
export type PaperFault =
  | "other kind"
  | "no word"
  | "no such option"
  | "option twice"
  | "too many options"
  | "blank and others"
  | "too high"
  | "too many credits"
  | "too many points"
  | "no ranking"
  | "tie not allowed"
  | "no answers";

/** A paper that the ballot does not take, with the value that is at fault and the limit that it breaks. */
export class PaperError extends RangeError {
  override readonly name = "PaperError";
  readonly fault: PaperFault;
  readonly value: bigint;
  readonly limit: bigint;

  constructor(fault: PaperFault, value: bigint | number, limit: bigint | number, message: string, cause?: unknown) {
    super(message, { cause });
    this.fault = fault;
    this.value = wholeOf(value);
    this.limit = BigInt(limit);
  }
}

/** A value as the error has it: without its fraction; -1 for what is no number. */
function wholeOf(value: bigint | number): bigint {
  return typeof value === "number" && !Number.isFinite(value)
    ? -1n
    : BigInt(typeof value === "number" ? Math.trunc(value) : value);
}

const KINDS: Readonly<Record<Paper["kind"], bigint>> = {
  single: BallotKind.Single,
  approval: BallotKind.Approval,
  score: BallotKind.Score,
  quadratic: BallotKind.Quadratic,
  points: BallotKind.Points,
  ranked: BallotKind.Ranked,
  survey: BallotKind.Survey,
};

const WORD_END = 1n << 256n;
const BYTE_BITS = 8n;
const POINT_BITS = 16n;

/**
 * The word of a paper.
 *
 * @param rules - Of the ballot; terms will do.
 * @param paper - What it says.
 * @throws PaperError for a paper that the ballot does not take.
 */
export function packPaper(rules: PaperRules, paper: Paper): bigint {
  if (KINDS[paper.kind] !== rules.kind) {
    const message = `a paper of kind "${paper.kind}" is none of a ballot of kind ${nameIn(BallotKind, rules.kind)}`;
    throw new PaperError("other kind", KINDS[paper.kind], rules.kind, message);
  }
  const payload = wordOf(rules, paper);
  checkPaper(rules, payload);
  return payload;
}

/**
 * What a word says on a paper of a ballot.
 *
 * @param rules - Of the ballot; terms will do.
 * @param payload - The word.
 * @throws PaperError for a word that the ballot does not take.
 */
export function readPaper(rules: PaperRules, payload: bigint): Paper {
  checkPaper(rules, payload);
  switch (rules.kind) {
    case BallotKind.Single:
      return { kind: "single", option: Number(payload) };
    case BallotKind.Approval:
      return { kind: "approval", approved: optionsOf(rules).filter((option) => bitOf(payload, option)) };
    case BallotKind.Score:
      return { kind: "score", scores: lanesOf(rules, payload).map(Number) };
    case BallotKind.Quadratic:
      return { kind: "quadratic", votes: lanesOf(rules, payload).map(Number) };
    case BallotKind.Points:
      return { kind: "points", points: lanesOf(rules, payload).map(Number) };
    case BallotKind.Ranked:
      return { kind: "ranked", levels: decodeRanking(payload) };
    default:
      return { kind: "survey", answers: unpackAnswers(unpackForm(rules.form), payload) };
  }
}

/** Whether a ballot takes a word as a paper: the contract's judgement. */
export function isValidPaper(rules: PaperRules, payload: bigint): boolean {
  try {
    checkPaper(rules, payload);
    return true;
  } catch (error) {
    if (error instanceof PaperError) return false;
    throw error;
  }
}

/**
 * Holds a word against what a ballot takes.
 *
 * @throws PaperError for a word that it does not take.
 */
export function checkPaper(rules: PaperRules, payload: bigint): void {
  if (payload < 0n || payload >= WORD_END) {
    throw new PaperError("no word", payload, WORD_END - 1n, `${payload.toString()} is not a word of 256 bits`);
  }
  switch (rules.kind) {
    case BallotKind.Single:
      if (payload >= BigInt(rules.options)) throw noSuchOption(rules, payload);
      return;
    case BallotKind.Approval: {
      checkWidth(rules, payload, 1n);
      checkBlank(rules, payload);
      const approved = optionsOf(rules).filter((option) => bitOf(payload, option)).length;
      if (approved > rules.limit) {
        throw new PaperError("too many options", approved, rules.limit, `${approved} options are above ${rules.limit}`);
      }
      return;
    }
    case BallotKind.Score: {
      checkWidth(rules, payload, BYTE_BITS);
      const high = lanesOf(rules, payload).find((score) => score > BigInt(rules.limit));
      if (high !== undefined) {
        throw new PaperError("too high", high, rules.limit, `score ${high.toString()} is above ${rules.limit}`);
      }
      return;
    }
    case BallotKind.Quadratic:
      checkWidth(rules, payload, BYTE_BITS);
      checkSum(
        "too many credits",
        lanesOf(rules, payload).map((votes) => votes * votes),
        rules.limit,
      );
      return;
    case BallotKind.Points:
      checkWidth(rules, payload, POINT_BITS);
      checkSum("too many points", lanesOf(rules, payload), rules.limit);
      return;
    case BallotKind.Ranked:
      checkRanking(rules, payload);
      return;
    default:
      checkAnswers(rules, payload);
  }
}

// --- lanes

/** What each option has on a valid paper of a ballot whose options are counted by themselves: 0 or 1, or its score, votes or points. */
export function lanesOf(rules: PaperRules, payload: bigint): bigint[] {
  if (rules.kind === BallotKind.Single) return optionsOf(rules).map((option) => (payload === BigInt(option) ? 1n : 0n));
  const width = widthOf(rules.kind);
  const mask = (1n << width) - 1n;
  return optionsOf(rules).map((option) => (payload >> (BigInt(option) * width)) & mask);
}

/** Credits that votes cost: the sum of their squares. */
export function creditsOf(votes: readonly number[]): number {
  return votes.reduce((sum, count) => sum + count * count, 0);
}

function widthOf(kind: bigint): bigint {
  if (kind === BallotKind.Approval) return 1n;
  return kind === BallotKind.Points ? POINT_BITS : BYTE_BITS;
}

function optionsOf({ options }: PaperRules): number[] {
  return Array.from({ length: options }, (_, option) => option);
}

function bitOf(payload: bigint, option: number): boolean {
  return ((payload >> BigInt(option)) & 1n) === 1n;
}

function wordOf(rules: PaperRules, paper: Paper): bigint {
  switch (paper.kind) {
    case "single":
      checkOption(rules, paper.option);
      return BigInt(paper.option);
    case "approval":
      return paper.approved.reduce((word, option) => {
        checkOption(rules, option);
        if (bitOf(word, option)) throw new PaperError("option twice", option, 1, `option ${option} is there twice`);
        return word | (1n << BigInt(option));
      }, 0n);
    case "score":
      return sideBySide(rules, paper.scores);
    case "quadratic":
      return sideBySide(rules, paper.votes);
    case "points":
      return sideBySide(rules, paper.points);
    case "ranked":
      return named("no ranking", () => encodeRanking(paper.levels, rules.options));
    case "survey":
      return named("no answers", () => packAnswers(unpackForm(rules.form), paper.answers));
  }
}

function sideBySide(rules: PaperRules, values: readonly number[]): bigint {
  if (values.length > rules.options) throw noSuchOption(rules, BigInt(values.length - 1));
  const width = widthOf(rules.kind);
  const most = (1n << width) - 1n;
  return values.reduce((word, value, option) => {
    if (!Number.isInteger(value) || value < 0 || BigInt(value) > most) {
      throw new PaperError("too high", value, most, `${value} is not 0 to ${most.toString()}`);
    }
    return word | (BigInt(value) << (BigInt(option) * width));
  }, 0n);
}

/** Gives what a twin finds wrong this module's name, with the value and limit that the twin names. */
function named<Value>(fault: PaperFault, make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError) || !("value" in error)) throw error;
    const { value, limit, greatest } = error as unknown as Readonly<Record<string, bigint | number | undefined>>;
    throw new PaperError(fault, value ?? 0n, limit ?? greatest ?? 0n, error.message, error);
  }
}

// --- checks

function checkOption(rules: PaperRules, option: number): void {
  if (!Number.isInteger(option) || option < 0 || option >= rules.options) throw noSuchOption(rules, option);
}

function noSuchOption({ options }: PaperRules, option: bigint | number): PaperError {
  const message = `option ${option.toString()} is not 0 to ${options - 1}`;
  return new PaperError("no such option", option, options - 1, message);
}

function checkWidth(rules: PaperRules, payload: bigint, width: bigint): void {
  const beyond = payload >> (BigInt(rules.options) * width);
  if (beyond === 0n) return;
  // Of the highest option that the word has something for.
  const option = (BigInt(payload.toString(2).length) - 1n) / width;
  throw noSuchOption(rules, option);
}

function checkBlank({ options, blankLast }: PaperRules, payload: bigint): void {
  const blank = 1n << BigInt(options - 1);
  if (!blankLast || payload <= blank) return;
  const message = `option ${options - 1} is blank, so that nobody approves of it and of others`;
  throw new PaperError("blank and others", payload, blank, message);
}

function checkSum(fault: "too many credits" | "too many points", lanes: readonly bigint[], limit: number): void {
  const sum = lanes.reduce((total, lane) => total + lane, 0n);
  if (sum <= BigInt(limit)) return;
  throw new PaperError(fault, sum, limit, `${sum.toString()} ${fault.replace("too many ", "")} are above ${limit}`);
}

function checkRanking({ rule, options, limit }: PaperRules, payload: bigint): void {
  const fault = rankingFault(payload, options, rule !== Rule.InstantRunoff);
  if (fault === RankingFault.TieNotAllowed) {
    throw new PaperError("tie not allowed", payload, 0, "a paper of an instant runoff has no ties");
  }
  if (fault !== RankingFault.None) {
    throw new PaperError("no ranking", payload, options, `the ranking has the fault ${nameIn(RankingFault, fault)}`);
  }
  const length = rankingLength(payload);
  if (length > limit) throw new PaperError("too many options", length, limit, `${length} ranks are above ${limit}`);
}

function checkAnswers({ form }: PaperRules, payload: bigint): void {
  const questions = unpackForm(form);
  try {
    unpackAnswers(questions, payload);
  } catch (error) {
    if (!(error instanceof SurveyError)) throw error;
    throw new PaperError("no answers", error.value, error.limit, error.message, error);
  }
}
