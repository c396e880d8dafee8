/**
 * What a ballot is: its terms, frozen when it is published, checked here as the contract checks them. Counts and quorums are
 * whole numbers; enums, words and instants (Unix time) are bigint.
 */
import { AbiCoder, hexlify, keccak256, toUtf8Bytes, toUtf8String, ZeroHash } from "ethers";

import { IBallotBox__factory, IBallotExecutor__factory } from "../../typechain-types/index.js";
import { BallotKind, nameIn, RollKind, Rule, Secrecy } from "../enums.js";
import { MAX_OPTIONS } from "./rules/rankings.js";
import { TieRule } from "./rules/ties.js";
import { isSealKey } from "./sealing.js";
import { unpackForm } from "./survey.js";

/** Most segments of a ballot; of pairwise rules with more than 9 options fewer, down to 166 with 16. */
export const MAX_SEGMENTS = 500;
/** Most languages of a ballot's text. */
export const MAX_TEXTS = 100;
/** Most options of ballots of points and of the pairwise rules. */
export const MAX_WIDE_OPTIONS = 16;
/** Highest limit of a score. */
export const MAX_SCORE = 255;
/** Most credits of a quadratic ballot: those of 32 votes of 8 bits. */
export const MAX_CREDITS = 32 * 255 * 255;
/** Most points to share out. */
export const MAX_POINTS = 65_535;
/** Least members that a segment of an anonymous roll can be asked to have. */
export const LEAST_ANONYMITY = 3;
/** Members that a segment of an anonymous roll must have where terms do not say. */
export const USUAL_ANONYMITY = 20;
/** Most people of a body that commits and reveals. */
export const MAX_COMMITTED = 250;
/** Seconds after the close for keys, reveals and protocols, at least. */
export const LEAST_COUNT = 3_600n;
/** Seconds from publication to the end of the count, at most. */
export const MAX_DURATION = 94_608_000n;
/** Seconds in which a result can be objected to, at most. */
export const MAX_OBJECTION = 31_536_000n;

const BASIS_POINTS = 10_000;
/** Words of pairwise counts in all segments. */
const MAX_PAIR_WORDS = 5_000;
const LANES_IN_WORD = 8;
const MAX_TIME = 2n ** 32n - 1n;
const LANGUAGE_BYTES = 8;
const LANGUAGE = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]+)*$/;

/** A text of the ballot in one language. */
export interface TextHash {
  /** BCP 47 tag in 8 bytes, see {@link languageBytes}. */
  readonly language: string;
  /** keccak256 of the text with all options, as UTF-8. */
  readonly hash: string;
}

/** Everything about a ballot. */
export interface BallotTerms {
  /** Roll of the census. */
  readonly rollId: number;
  /** Segments that vote, rising. At most 500; of pairwise rules with more than 9 options fewer, down to 166 with 16. */
  readonly segments: number[];
  /** People who vote on paper and not on chain, and whose votes come in protocols; zero: there are none. */
  readonly paperElectorate: number;
  /** Anonymous rolls: members that each segment must have at least, 3 or more. Named rolls: zero. */
  readonly minAnonymity: number;
  /** Last second of the census. */
  readonly freezesAt: bigint;
  /** First second at which votes count. */
  readonly opensAt: bigint;
  /** First second at which they no longer do. */
  readonly closesAt: bigint;
  /** Last second for the key, for what was committed, and for protocols; at the close, if there is none of them. */
  readonly countsUntil: bigint;
  /** Seconds after the result in which it can be objected to, at most a year. */
  readonly objectionPeriod: bigint;
  /** See {@link BallotKind}. */
  readonly kind: bigint;
  /** See {@link Rule}. */
  readonly rule: bigint;
  /** See {@link TieRule}. */
  readonly tieRule: bigint;
  /** See {@link Secrecy}. */
  readonly secrecy: bigint;
  /** 2 to 32; at most 16 of Points and of pairwise rules; zero of a survey. */
  readonly options: number;
  /** Single and Approval, with two others at least: whether the last option is blank. */
  readonly blankLast: boolean;
  /** Whether a voter can vote again until the close. */
  readonly revotes: boolean;
  /** Approval: most options. Score: highest score. Quadratic: credits. Points: points. Ranked: most ranks. Others: zero. */
  readonly limit: number;
  /** Survey: its questions, see {@link packForm}. Others: zero. */
  readonly form: bigint;
  /** Survey: answers that fewer people gave are not shown; 3 or more, or zero: all are. */
  readonly minCell: number;
  /** Part of the electorate that must have voted, basis points. */
  readonly turnoutBp: number;
  /** Part of what counts that the winner must have, basis points; of Single and Approval. */
  readonly approvalBp: number;
  /** Whether that is part of the electorate; else of the papers that are neither blank nor spoilt. */
  readonly ofElectorate: boolean;
  /** Part of the segments in which the winner must be first too, basis points; of Single and Approval. */
  readonly segmentsBp: number;
  /** Sealed: the key's point, see {@link SealKey}. */
  readonly sealX: bigint;
  readonly sealY: bigint;
  /** At least one, of rising languages. */
  readonly texts: TextHash[];
  /** What is done if the first option wins and all quorums are met, see {@link actionsHash}; zero: nothing. */
  readonly actionsHash: string;
}

/** What a ballot's terms must say; the rest is usual where it is left out, see {@link ballotTerms}. */
export type BallotFields = Pick<
  BallotTerms,
  "rollId" | "segments" | "freezesAt" | "opensAt" | "closesAt" | "kind" | "texts"
> &
  Partial<BallotTerms>;

/** What terms are held against. */
export interface BallotSetting {
  /** Kind of the roll, see {@link RollKind}. */
  readonly rollKind: bigint;
  /** Segments that the roll has. */
  readonly rollSegments: number;
  /** Seconds from a census to the opening, at least: `noticePeriod` of the box. */
  readonly noticePeriod: bigint;
  /** Unix time of the publication; the present when left out. */
  readonly now?: bigint;
}

/** The contract's errors about terms. */
export type TermsRevert =
  | "BallotBoxBadCombination"
  | "BallotBoxAnonymityTooSmall"
  | "BallotBoxBadOptions"
  | "BallotBoxOutOfRange"
  | "BallotBoxBadTimes"
  | "BallotBoxBadSegments"
  | "BallotBoxBadTexts"
  | "BallotBoxBadKey";

/** Terms with which no ballot can be published. */
export class BallotTermsError extends RangeError {
  override readonly name = "BallotTermsError";
  /** Member of the terms that is at fault. */
  readonly field: keyof BallotTerms;
  /** What stands there. */
  readonly value: bigint;
  /** The greatest or least there may be. */
  readonly limit: bigint;
  /** Error with which the contract would revert. */
  readonly revert: TermsRevert;
  /** Its arguments. */
  readonly args: readonly bigint[];

  constructor(
    revert: TermsRevert,
    field: keyof BallotTerms,
    value: bigint,
    limit: bigint,
    message: string,
    args: readonly bigint[] = [value, limit],
  ) {
    super(`${field} ${message}`);
    this.revert = revert;
    this.field = field;
    this.value = value;
    this.limit = limit;
    this.args = args;
  }
}

/** A tag of a language that has no place in a ballot's texts. */
export class LanguageError extends RangeError {
  override readonly name = "LanguageError";
}

// --- texts and actions

/**
 * The 8 bytes of a language.
 *
 * @param tag - BCP 47 tag of at most 8 characters, such as "de" or "pt-BR".
 * @throws LanguageError for another one.
 */
export function languageBytes(tag: string): string {
  const bytes = toUtf8Bytes(tag);
  if (bytes.length > LANGUAGE_BYTES || !LANGUAGE.test(tag)) {
    throw new LanguageError(`language "${tag}" is no tag of 2 to ${LANGUAGE_BYTES} letters, digits and hyphens`);
  }
  return hexlify(Uint8Array.from({ length: LANGUAGE_BYTES }, (_, index) => bytes[index] ?? 0));
}

/** The tag of a language that stands in 8 bytes. */
export function languageTag(bytes: string): string {
  return toUtf8String(bytes.replace(/(?:00)+$/, ""));
}

/** Hash of a text in one language, with all its options: keccak256 of its UTF-8 bytes as they are. */
export function textHash(text: string): string {
  return keccak256(toUtf8Bytes(text));
}

/**
 * Texts as terms have them, in the order that the contract wants.
 *
 * @param texts - Text by language.
 * @throws LanguageError for a language that has no place.
 */
export function textHashes(texts: Readonly<Record<string, string>>): TextHash[] {
  return Object.entries(texts)
    .map(([tag, text]) => ({ language: languageBytes(tag), hash: textHash(text) }))
    .sort((a, b) => (a.language < b.language ? -1 : 1));
}

/** What is done if a ballot passes: calls of the timelock, in this order, all or none. */
export interface Actions {
  readonly targets: string[];
  /** Wei for each. */
  readonly values: bigint[];
  /** Call data for each. */
  readonly payloads: string[];
}

/** Actions that are no list of targets, values and payloads. */
export class ActionsError extends RangeError {
  override readonly name = "ActionsError";
}

const actionsType = IBallotExecutor__factory.createInterface().getFunction("hashOf").inputs[0];
const termsType = IBallotBox__factory.createInterface().getFunction("publish").inputs[0];

/**
 * What a ballot is published with for these actions: `hashOf` of `BallotExecutor`.
 *
 * @throws ActionsError unless there are as many values and payloads as targets.
 */
export function actionsHash(actions: Actions): string {
  const count = actions.targets.length;
  for (const part of ["values", "payloads"] as const) {
    if (actions[part].length !== count) {
      throw new ActionsError(`${actions[part].length} ${part} are not ${count}, one for each target`);
    }
  }
  return keccak256(AbiCoder.defaultAbiCoder().encode([actionsType ?? ""], [actions]));
}

/** Hash of terms, by which the contract knows them. */
export function termsHash(terms: BallotTerms): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode([termsType ?? ""], [terms]));
}

// --- building

/**
 * Terms of a ballot. Where nothing is said: the rule is the one that the kind has alone, ties go to the lower number, votes are
 * public and cannot be replaced, approvals and ranks are as many as options, anonymous segments have {@link USUAL_ANONYMITY}
 * members, the count ends with the close, there are no quorums, no votes on paper and nothing to do.
 *
 * @param fields - What the ballot is.
 * @param setting - Roll and box.
 * @throws BallotTermsError as the contract would revert at `setting.now`, with the same first fault.
 * @throws SurveyError for questions that no survey can have.
 */
export function ballotTerms(fields: BallotFields, setting: BallotSetting): BallotTerms {
  const options = fields.options ?? 0;
  const listed = fields.kind === BallotKind.Approval || fields.kind === BallotKind.Ranked;
  const terms: BallotTerms = {
    paperElectorate: 0,
    minAnonymity: setting.rollKind === RollKind.Anonymous ? USUAL_ANONYMITY : 0,
    countsUntil: fields.closesAt,
    objectionPeriod: 0n,
    rule: Rule.MostFirst,
    tieRule: TieRule.LowestNumber,
    secrecy: Secrecy.Public,
    options,
    blankLast: false,
    revotes: false,
    limit: listed ? options : 0,
    form: 0n,
    minCell: 0,
    turnoutBp: 0,
    approvalBp: 0,
    ofElectorate: false,
    segmentsBp: 0,
    sealX: 0n,
    sealY: 0n,
    actionsHash: ZeroHash,
    ...fields,
  };
  checkTerms(terms, setting);
  return terms;
}

/**
 * Holds terms against what the contract takes.
 *
 * @throws as {@link ballotTerms}.
 */
export function checkTerms(terms: BallotTerms, setting: BallotSetting): void {
  checkCombination(terms, setting.rollKind === RollKind.Named);
  checkPapers(terms);
  checkTimes(terms, setting);
  checkSegments(terms, setting.rollSegments);
  checkQuorums(terms);
  checkTexts(terms.texts);
  const { secrecy, sealX, sealY } = terms;
  if (secrecy === Secrecy.Sealed && !isSealKey({ x: sealX, y: sealY })) {
    const message = `and sealY are no point of the curve that papers can be sealed to`;
    throw new BallotTermsError("BallotBoxBadKey", "sealX", sealX, sealY, message);
  }
}

/** Kinds whose papers are votes, which can be measured by quorums and have a blank option. */
function countsVotes(kind: bigint): boolean {
  return kind === BallotKind.Single || kind === BallotKind.Approval;
}

function checkCombination(terms: BallotTerms, named: boolean): void {
  const { kind, rule, secrecy, minAnonymity } = terms;
  const refuse = (field: keyof BallotTerms, value: bigint, limit: bigint, message: string): never => {
    throw new BallotTermsError("BallotBoxBadCombination", field, value, limit, message, [kind, rule, secrecy]);
  };
  if (kind < BallotKind.Single || kind > BallotKind.Survey) {
    refuse("kind", kind, BallotKind.Survey, `${kind.toString()} is none of ballots`);
  }
  if ((kind === BallotKind.Ranked) !== (rule !== Rule.MostFirst)) {
    refuse("rule", rule, Rule.MostFirst, `${nameIn(Rule, rule)} does not go with ${nameIn(BallotKind, kind)}`);
  }
  if (secrecy === Secrecy.Sealed && named) refuse("secrecy", secrecy, Secrecy.Public, "Sealed is for anonymous rolls");
  if (secrecy === Secrecy.Committed && !named) {
    refuse("secrecy", secrecy, Secrecy.Sealed, "Committed is for named rolls");
  }
  if (secrecy === Secrecy.Committed && terms.paperElectorate !== 0) {
    refuse("paperElectorate", BigInt(terms.paperElectorate), 0n, "must be zero where voters commit and reveal");
  }
  if (kind === BallotKind.Survey && terms.actionsHash !== ZeroHash) {
    refuse("actionsHash", BigInt(terms.actionsHash), 0n, "must be zero of a survey, which decides nothing");
  }
  if (terms.blankLast && (!countsVotes(kind) || terms.options < 3)) {
    refuse("blankLast", BigInt(terms.options), 3n, "is for Single and Approval of 3 options at least");
  }
  if (named) checkLimit("minAnonymity", minAnonymity, 0);
  else if (minAnonymity < LEAST_ANONYMITY) {
    const [value, limit] = [BigInt(minAnonymity), BigInt(LEAST_ANONYMITY)];
    const message = `${minAnonymity} is below ${LEAST_ANONYMITY}`;
    throw new BallotTermsError("BallotBoxAnonymityTooSmall", "minAnonymity", value, limit, message);
  }
}

function checkPapers(terms: BallotTerms): void {
  const { kind, rule, options, limit } = terms;
  if (kind === BallotKind.Survey) {
    if (options !== 0) throw badOptions(options, 0);
    unpackForm(terms.form);
    checkLimit("limit", limit, 0);
    if (terms.minCell !== 0 && terms.minCell < LEAST_ANONYMITY) {
      const [value, least] = [BigInt(terms.minCell), BigInt(LEAST_ANONYMITY)];
      const message = `${terms.minCell} is below ${LEAST_ANONYMITY}`;
      throw new BallotTermsError("BallotBoxAnonymityTooSmall", "minCell", value, least, message);
    }
    return;
  }
  checkLimit("form", terms.form, 0n);
  checkLimit("minCell", terms.minCell, 0);
  const wide = kind === BallotKind.Points || (kind === BallotKind.Ranked && rule !== Rule.InstantRunoff);
  const most = wide ? MAX_WIDE_OPTIONS : MAX_OPTIONS;
  if (options < 2 || options > most) throw badOptions(options, most);
  const greatest = greatestLimit(kind, options);
  checkLimit("limit", limit, greatest);
  if (limit === 0 && greatest !== 0) {
    const message = `0 is not 1 to ${greatest}`;
    throw new BallotTermsError("BallotBoxOutOfRange", "limit", 0n, BigInt(greatest), message);
  }
}

function greatestLimit(kind: bigint, options: number): number {
  switch (kind) {
    case BallotKind.Single:
      return 0;
    case BallotKind.Score:
      return MAX_SCORE;
    case BallotKind.Quadratic:
      return MAX_CREDITS;
    case BallotKind.Points:
      return MAX_POINTS;
    default:
      return options;
  }
}

function checkTimes(terms: BallotTerms, { noticePeriod, now }: BallotSetting): void {
  const { freezesAt, opensAt, closesAt, countsUntil } = terms;
  const time = now ?? BigInt(Math.floor(Date.now() / MS_PER_SECOND));
  const notBefore = (field: keyof BallotTerms, value: bigint, least: bigint): void => {
    if (value >= least) return;
    const message = `${value.toString()} is before ${least.toString()}`;
    throw new BallotTermsError("BallotBoxBadTimes", field, value, least, message);
  };
  notBefore("freezesAt", freezesAt, time);
  notBefore("opensAt", opensAt, freezesAt + 1n + noticePeriod);
  notBefore("closesAt", closesAt, opensAt + 1n);
  const waits = terms.secrecy !== Secrecy.Public || terms.paperElectorate !== 0;
  notBefore("countsUntil", countsUntil, closesAt + (waits ? LEAST_COUNT : 0n));
  const most = time + MAX_DURATION > MAX_TIME ? MAX_TIME : time + MAX_DURATION;
  if (countsUntil > most) {
    const message = `${countsUntil.toString()} is after ${most.toString()}`;
    throw new BallotTermsError("BallotBoxBadTimes", "countsUntil", countsUntil, most, message);
  }
  checkLimit("objectionPeriod", terms.objectionPeriod, MAX_OBJECTION);
}

const MS_PER_SECOND = 1_000;

function checkSegments({ kind, rule, options, segments }: BallotTerms, limit: number): void {
  const pairs = kind === BallotKind.Ranked && rule !== Rule.InstantRunoff ? options * (options - 1) : 0;
  // Pairwise counts of all segments are read at once.
  const most = Math.min(MAX_SEGMENTS, Math.floor(MAX_PAIR_WORDS / Math.ceil(Math.max(pairs, 1) / LANES_IN_WORD)));
  const refuse = (value: number, bound: number, message: string): never => {
    throw new BallotTermsError("BallotBoxBadSegments", "segments", BigInt(value), BigInt(bound), message);
  };
  const count = segments.length;
  if (count === 0 || count > most) refuse(count, most + 1, `are ${count}, not 1 to ${most}`);
  let last = -1;
  for (const segment of segments) {
    if (segment >= limit) refuse(segment, limit, `has ${segment}, and the roll has ${limit}, numbered from 0`);
    if (segment <= last) refuse(last, segment, `has ${segment} behind ${last}`);
    last = segment;
  }
}

function checkQuorums(terms: BallotTerms): void {
  checkLimit("turnoutBp", terms.turnoutBp, BASIS_POINTS);
  const most = countsVotes(terms.kind) ? BASIS_POINTS : 0;
  checkLimit("approvalBp", terms.approvalBp, most);
  checkLimit("segmentsBp", terms.segmentsBp, most);
}

function checkTexts(texts: readonly TextHash[]): void {
  const refuse = (number: number, message: string): never => {
    const [value, limit] = [BigInt(number), BigInt(MAX_TEXTS)];
    throw new BallotTermsError("BallotBoxBadTexts", "texts", value, limit, message, [value]);
  };
  if (texts.length === 0 || texts.length > MAX_TEXTS) {
    refuse(texts.length, `are ${texts.length}, not 1 to ${MAX_TEXTS}`);
  }
  let last = 0n;
  for (const [number, { language, hash }] of texts.entries()) {
    if (BigInt(language) <= last) refuse(number, `number ${number} has a language that is not behind the one before`);
    if (BigInt(hash) === 0n) refuse(number, `number ${number} has no hash`);
    last = BigInt(language);
  }
}

function badOptions(options: number, most: number): BallotTermsError {
  const message = `${options} is not ${most === 0 ? "0" : `2 to ${most}`}`;
  return new BallotTermsError("BallotBoxBadOptions", "options", BigInt(options), BigInt(most), message);
}

function checkLimit(field: keyof BallotTerms, value: number | bigint, limit: number | bigint): void {
  if (value <= limit) return;
  const message = `${value.toString()} is above ${limit.toString()}`;
  throw new BallotTermsError("BallotBoxOutOfRange", field, BigInt(value), BigInt(limit), message);
}
