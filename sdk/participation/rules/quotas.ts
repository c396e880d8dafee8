/** What a ballot must reach for its result to bind: twin of contracts/participation/rules/Quotas.sol. Nothing is rounded. */

/** All of something, basis points. */
export const QUOTA_FULL_BP = 10_000n;

/** What an approval quorum is a part of. */
export const ApprovalBase = {
  /** Ballots that were cast, without blank ones. */
  Ballots: 0n,
  /** All who might have cast one. */
  Electorate: 1n,
} as const;

/** Papers of a ballot. */
export interface Turnout {
  /** Ballots that were cast, blank ones among them. */
  readonly cast: bigint;
  /** Blank ones among them. */
  readonly blank: bigint;
  /** All who might have cast one. */
  readonly electorate: bigint;
}

function reaches(part: bigint, whole: bigint, shareBp: bigint): boolean {
  return part * QUOTA_FULL_BP >= whole * shareBp;
}

/** Whether at least a share of the electorate took part, basis points; zero: no quorum. */
export function turnoutMet({ cast, electorate }: Omit<Turnout, "blank">, quorumBp: bigint): boolean {
  return reaches(cast, electorate, quorumBp);
}

/**
 * Whether at least a share approved. Without any approvals a quorum is not met.
 *
 * @param base - See {@link ApprovalBase}.
 * @param quorumBp - Basis points; zero: no quorum.
 */
export function approvalMet(base: bigint, approvals: bigint, turnout: Turnout, quorumBp: bigint): boolean {
  if (quorumBp === 0n) return true;
  const whole = base === ApprovalBase.Ballots ? turnout.cast - turnout.blank : turnout.electorate;
  return approvals !== 0n && reaches(approvals, whole, quorumBp);
}

/** Whether an option leads in more than half of the segments. */
export function leadsInMajority(led: bigint, segments: bigint): boolean {
  return led * 2n > segments;
}

/** Whether an option leads in at least a share of the segments, basis points. */
export function leadsInShare(led: bigint, segments: bigint, shareBp: bigint): boolean {
  return reaches(led, segments, shareBp);
}

/** Whether an option has more than every other one, so that nobody leads where the first place is tied. */
export function leads(scores: readonly bigint[], option: number): boolean {
  const score = scores[option] ?? 0n;
  return scores.every((other, index) => index === option || other < score);
}
