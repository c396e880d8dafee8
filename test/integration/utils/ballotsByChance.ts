import { id, ZeroHash } from "ethers";

import { BallotKind, RollKind, Rule, Secrecy } from "../../../sdk/enums.js";
import {
  type BallotFields,
  type BallotSetting,
  type BallotTerms,
  isValidPaper,
  MAX_CREDITS,
  packForm,
  type PaperRules,
  sealKeyPair,
  type SurveyQuestion,
  textHashes,
} from "../../../sdk/participation/index.js";
import { NOTICE } from "./polls.js";
import type { Random } from "./random.js";

/** Ballots of all kinds, rules and secrecies, and papers for them. */

export const NAMED_ROLL = 1;
export const ANONYMOUS_ROLL = 2;
/** Segments of each roll. */
export const SEGMENTS = 10;
/** Key of ballots that are sealed. */
export const KEY = sealKeyPair((length) => new Uint8Array(length).fill(9));

export const QUESTIONS: readonly SurveyQuestion[] = [
  { kind: "one", choices: 3 },
  { kind: "many", choices: 5, onlyIf: { question: 0, choice: 2 } },
  { kind: "matrix", statements: 2 },
];

/** Fields of a ballot that can be published. */
export function randomFields(random: Random, now: bigint): BallotFields {
  const kind = random.between(BallotKind.Single, BallotKind.Survey);
  const rule = kind === BallotKind.Ranked ? random.between(Rule.Borda, Rule.InstantRunoff) : Rule.MostFirst;
  const wide = kind === BallotKind.Points || (kind === BallotKind.Ranked && rule !== Rule.InstantRunoff);
  const survey = kind === BallotKind.Survey;
  const options = survey ? 0 : Number(random.pick([2n, random.between(2n, 16n), random.between(2n, wide ? 16n : 32n)]));
  const named = random.bits(1n) === 0n;
  const secrecy = random.pick([Secrecy.Public, named ? Secrecy.Committed : Secrecy.Sealed]);
  const votes = kind === BallotKind.Single || kind === BallotKind.Approval;
  const most: Readonly<Record<string, bigint>> = {
    [String(BallotKind.Approval)]: BigInt(options),
    [String(BallotKind.Score)]: 255n,
    [String(BallotKind.Quadratic)]: BigInt(MAX_CREDITS),
    [String(BallotKind.Points)]: 65_535n,
    [String(BallotKind.Ranked)]: BigInt(options),
  };
  const greatest = most[String(kind)];
  const limit = greatest === undefined ? 0n : random.pick([1n, greatest, random.between(1n, greatest)]);
  const freezesAt = now + random.between(0n, 100n);
  const opensAt = freezesAt + 1n + NOTICE + random.between(0n, 5n);
  const closesAt = opensAt + random.between(1n, 1_000n);
  const bp = () => Number(random.between(0n, 10_000n));
  return {
    rollId: named ? NAMED_ROLL : ANONYMOUS_ROLL,
    segments: [1, 4, 9].slice(Number(random.between(0n, 2n))),
    freezesAt,
    opensAt,
    closesAt,
    countsUntil: closesAt + random.between(3_600n, 9_000n),
    objectionPeriod: random.between(0n, 1_000n),
    kind,
    rule,
    tieRule: random.bits(1n),
    secrecy,
    options,
    blankLast: votes && options > 2 && random.bits(1n) === 0n,
    revotes: random.bits(1n) === 0n,
    limit: Number(limit),
    form: survey ? packForm(QUESTIONS) : 0n,
    minCell: survey ? random.pick([0, 3, 4, 7]) : 0,
    paperElectorate: secrecy === Secrecy.Committed ? 0 : Number(random.bits(4n)),
    turnoutBp: bp(),
    approvalBp: votes ? bp() : 0,
    ofElectorate: random.bits(1n) === 0n,
    segmentsBp: votes ? bp() : 0,
    ...(secrecy === Secrecy.Sealed ? { sealX: KEY.x, sealY: KEY.y } : {}),
    texts: textHashes({ en: "Yes or no?", "pt-BR": "Sim ou não?" }),
    actionsHash: survey || random.bits(1n) === 0n ? ZeroHash : id("actions"),
  };
}

export function settingOf({ rollId }: Pick<BallotTerms, "rollId">, now: bigint): BallotSetting {
  const rollKind = rollId === NAMED_ROLL ? RollKind.Named : RollKind.Anonymous;
  return { rollKind, rollSegments: SEGMENTS, noticePeriod: NOTICE, now };
}

/** A paper of a ballot, or something like one. */
export function randomPayload(random: Random, { kind, options, limit }: PaperRules): bigint {
  if (kind === BallotKind.Single) return random.between(0n, BigInt(options) + 1n);
  if (kind === BallotKind.Ranked) {
    const entries = Array.from({ length: Number(random.between(0n, BigInt(Math.min(options, 31)))) }, () => {
      const tied = random.between(0n, 4n) === 0n ? 0x80n : 0n;
      return random.between(0n, BigInt(options) + 1n) | tied;
    });
    return entries.reduce((word, entry) => (word << 8n) | entry, 0n);
  }
  const width = kind === BallotKind.Approval ? 1n : kind === BallotKind.Points ? 16n : 8n;
  if (kind === BallotKind.Survey) return random.bits(random.between(1n, 14n));
  const lanes = Math.min(options + 1, Number(256n / width));
  const few = random.pick([BigInt(limit), random.bits(2n), BigInt(Math.floor(Math.sqrt(limit / options)))]);
  return Array.from({ length: Number(random.between(1n, BigInt(lanes))) }).reduce<bigint>((word) => {
    const value = random.between(0n, few) & ((1n << width) - 1n);
    return (word << width) | value;
  }, 0n);
}

/** A paper that the ballot takes. */
export function randomPaper(random: Random, rules: PaperRules): bigint {
  for (;;) {
    const payload = randomPayload(random, rules);
    if (isValidPaper(rules, payload)) return payload;
  }
}
