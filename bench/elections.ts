/** The ballots that are held at the polling station: one of every way to vote that is measured. */
import { ZeroHash } from "ethers";

import { BallotKind, RollKind, Rule, Secrecy } from "../sdk/enums.js";
import { type BallotTerms, ballotTerms, textHashes } from "../sdk/participation/terms.js";
import { SEAL_KEY } from "./electorate.js";
import { RUNOFF_OPTIONS, RUNOFF_PAPERS, RUNOFF_RANKS } from "./runoff.js";
import { DAY, HOUR } from "./town.js";

/** Rolls by their numbers. */
export const NAMED_ROLL = 1;
export const ANONYMOUS_ROLL = 2;
/** Segment of the named roll for a council. */
export const COUNCIL_SEGMENT = 1;
const SEGMENTS = { [NAMED_ROLL]: 2, [ANONYMOUS_ROLL]: 1 } as const;

/** Options of a question. */
export const YES = 0n;
export const NO = 1n;

const NOTICE = 3 * DAY;
const WEEK = 7 * DAY;

/** A question with two answers, or none. */
const QUESTION = { kind: BallotKind.Single, options: 3, blankLast: true, turnoutBp: 2_000, approvalBp: 5_000 } as const;
const RANKED = { kind: BallotKind.Ranked, rule: Rule.Schulze } as const;
const TEXTS = textHashes({ de: "Soll die Stadt die Brücke kaufen?", en: "Shall the city buy the bridge?" });

interface Shape extends Partial<BallotTerms> {
  readonly rollId: typeof NAMED_ROLL | typeof ANONYMOUS_ROLL;
  readonly kind: bigint;
}

const shapes = {
  /** Each account votes once. */
  referendum: { rollId: NAMED_ROLL, ...QUESTION },
  /** Accounts can vote again. */
  revocable: { rollId: NAMED_ROLL, ...QUESTION, revotes: true },
  /** Members of a council commit to a vote, and reveal it. */
  council: { rollId: NAMED_ROLL, ...QUESTION, segments: [COUNCIL_SEGMENT], secrecy: Secrecy.Committed },
  /** Accounts rank options. */
  ranked5: { rollId: NAMED_ROLL, ...RANKED, options: 5 },
  ranked8: { rollId: NAMED_ROLL, ...RANKED, options: 8 },
  /** All vote on paper, and up to three ranks are counted by instant runoff. */
  mayor: {
    rollId: NAMED_ROLL,
    kind: BallotKind.Ranked,
    rule: Rule.InstantRunoff,
    options: RUNOFF_OPTIONS,
    limit: RUNOFF_RANKS,
    paperElectorate: RUNOFF_PAPERS,
  },
  /** Anonymous members vote, and can again. */
  anonymous: { rollId: ANONYMOUS_ROLL, ...QUESTION, revotes: true },
  /** The same, and nobody sees what before the close. */
  sealed: {
    rollId: ANONYMOUS_ROLL,
    ...QUESTION,
    revotes: true,
    secrecy: Secrecy.Sealed,
    sealX: SEAL_KEY.x,
    sealY: SEAL_KEY.y,
  },
} as const satisfies Readonly<Record<string, Shape>>;

export type BallotName = keyof typeof shapes;

export const ballotNames = Object.keys(shapes) as BallotName[];

/**
 * Terms of a ballot: an hour until its census, the city's notice and a little more, a week for votes, and a day to count where
 * there is something to wait for.
 *
 * @param name - The ballot.
 * @param now - Unix time of its publication.
 * @param actionsHash - What it decides.
 */
export function termsOf(name: BallotName, now: number, actionsHash = ZeroHash): BallotTerms {
  const shape: Shape = shapes[name];
  const freezesAt = BigInt(now + HOUR);
  const opensAt = freezesAt + BigInt(NOTICE + HOUR);
  const closesAt = opensAt + BigInt(WEEK);
  const waits = (shape.secrecy ?? Secrecy.Public) !== Secrecy.Public || shape.paperElectorate !== undefined;
  const times = { freezesAt, opensAt, closesAt, countsUntil: closesAt + BigInt(waits ? DAY : 0) };
  const rollKind = shape.rollId === NAMED_ROLL ? RollKind.Named : RollKind.Anonymous;
  return ballotTerms(
    { segments: [0], ...times, objectionPeriod: BigInt(WEEK), texts: TEXTS, actionsHash, ...shape },
    { rollKind, rollSegments: SEGMENTS[shape.rollId], noticePeriod: BigInt(NOTICE), now: BigInt(now) },
  );
}
