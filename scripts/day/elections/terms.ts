/** What the day assumes where the data say nothing. Instants are Unix time, spans seconds, shares basis points. */

export const SECONDS_PER_DAY = 86_400n;
const SECONDS_PER_HOUR = 3_600n;

/**
 * First second of the part, 3 January 2028: the data give no dates. Where the parts before it end later it begins when they are over.
 */
export const STARTS_AT = 1_830_470_400n;

// --- from the rolls to the results, seconds after the part begins

/** Rolls are complete, and ballots are published. */
export const PUBLISHED_AFTER = SECONDS_PER_DAY;
/** Last second of the census. */
export const FROZEN_AFTER = 2n * SECONDS_PER_DAY;
/** Between the end of the notice and the opening. */
export const OPENING_MARGIN = SECONDS_PER_HOUR;
/** Between opening and close. */
export const OPEN_SECONDS = 2n * SECONDS_PER_DAY;
/** Voters come at this distance from opening and close. */
export const VOTING_MARGIN = 2n * SECONDS_PER_HOUR;
/** Between the close and the last second for keys and protocols. */
export const COUNT_SECONDS = 2n * SECONDS_PER_DAY;
/** In which the result of the residents' vote can be objected to. */
export const OBJECTION_SECONDS = 3n * SECONDS_PER_DAY;
/** Deadline of signatures: nothing lapses while a city votes. */
export const SIGNATURE_SECONDS = 30n * SECONDS_PER_DAY;

// --- ranked ballots and referendums

/** Elections of more ballots than this come as protocols of a returning officer; in others every ballot is a signed vote. */
export const MOST_SIGNED_BALLOTS = 1_000;
/** Votes in a batch. */
export const VOTES_PER_BATCH = 100;
/** Rankings in a protocol. */
export const RANKINGS_PER_PROTOCOL = 250;
/** People who are put on a roll at once. */
export const ENTRANTS_PER_CALL = { named: 200, anonymous: 120 } as const;
/** Segments whose census is written down at once. */
export const SEGMENTS_PER_CALL = 100;
/** Rankings with which an instant runoff is counted on at once. */
export const RANKINGS_PER_COUNT = 2_500;
/** Levels of the tree of a named roll: room for as many as sign votes. */
export const NAMED_DEPTH = 10;

// --- the residents' vote

/** Residents on the roll, and those of them who vote. */
export const RESIDENTS = 24;
export const VOTERS = 20;
/** Of each voter in turn: 0 yes, 1 no, 2 blank. */
export const CHOICES = [0, 0, 1, 0, 2, 0, 1] as const;
/** Voter who votes again, and what it chooses then. */
export const REVOTER = 2;
export const SECOND_CHOICE = 0;
/** Proofs that are made side by side. */
export const PROOFS_AT_ONCE = 2;
/** Sealed votes in a batch, whose proofs are checked together. */
export const SEALED_PER_BATCH = 10;
/** Members that hide each other, at least. */
export const LEAST_MEMBERS = 20;
export const TURNOUT_BP = 5_000;
export const APPROVAL_BP = 5_000;
/** What the vote is about: money that the timelock has and pays if it passes, in units of the settlement token. */
export const GRANT = 2_500_000_000n;
/** Levels of the tree of an anonymous roll. */
export const ANONYMOUS_DEPTH = 20;
