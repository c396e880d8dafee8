/**
 * Operations of the participation module. Unless the key says otherwise, others have voted in the ballot, and in the group of
 * 64 accounts or the word of 256 in which an account's vote is noted; a member's nullifier is new in every measurement.
 */
import { packRanking } from "../sdk/participation/ranking.js";
import type { VoteProof } from "../sdk/participation/proofs.js";
import type { AnonymousVote, SealedVote } from "../sdk/participation/votes.js";
import type { Assemblies } from "./assemblies.js";
import type { Chain } from "./chain.js";
import type { Operation, Operations } from "./operation.js";
import { FRESH_GROUP, GROUPS, type PollingStation, VOTED_EVERY } from "./pollingStation.js";

export interface BallotStage {
  readonly chain: Chain;
  readonly station: PollingStation;
  readonly assemblies: Assemblies;
  /** What a member proved to Semaphore's own contract. */
  readonly said: VoteProof;
  /** Proven votes of members who have not voted. */
  readonly votes: readonly AnonymousVote[];
  /** The second vote of a member whose first is in. */
  readonly again: AnonymousVote;
  /** Sealed votes of members who have not voted. */
  readonly sealed: readonly SealedVote[];
  /** Of one who has. */
  readonly earlier: SealedVote;
}

const SMALL_BATCH = 10;
const PROOF_BATCH = 20;
const BATCH = 100;
/** Sign-ups and messages of MACI cost now more, now less: of so many, what one costs on average. */
const SIGN_UPS = 32;
const MESSAGES = 25;
/** An account that has not voted, and how far those of a batch lie apart that are all over the roll. */
const ACCOUNT = 517;
const SMALL_STEP = 23;
const STEP = 2;
/** Ranks all of five options. */
const RANKING = packRanking([[3], [1], [5], [2], [4]]);

type Peer = NonNullable<Operation<BallotStage>["peer"]>;

const GOVERNOR = "OpenZeppelin Governor";
const castVote: Peer = { name: `${GOVERNOR}: castVote`, measure: async ({ assemblies }) => assemblies.castVote() };
const castVoteBySig: Peer = {
  name: `${GOVERNOR}: castVoteBySig`,
  items: 1,
  measure: async ({ assemblies }) => assemblies.castVoteBySig(),
};
const validateProof: Peer = {
  name: "Semaphore 4.14.3: validateProof",
  items: 1,
  measure: async ({ assemblies, said }) => assemblies.validateProof(said),
};

/** Places on the roll of accounts that have not voted: those next to every so many-th that has. */
function accounts(count: number, step: number): number[] {
  return Array.from({ length: count }, (_, index) => VOTED_EVERY * index * step + 1 + (index % (VOTED_EVERY - 1)));
}

function firstOf<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Error("no votes were proven");
  return first;
}

export const ballotOperations: Operations<BallotStage> = {
  // --- accounts
  "ballot.account": { measure: async ({ station }) => station.vote(ACCOUNT), peer: castVote },
  "ballot.accountFirst": {
    measure: async ({ station }) => station.vote(FRESH_GROUP),
    peer: {
      name: `${GOVERNOR}: castVote, the proposal's first`,
      measure: async ({ assemblies }) => assemblies.castVote({ first: true }),
    },
  },
  "ballot.signed": { measure: async ({ station }) => station.voteBySig(ACCOUNT), peer: castVoteBySig },
  // Neighbours on the roll, in one group; then all over it, each in another group.
  "ballot.sigBatch10": {
    items: SMALL_BATCH,
    measure: async ({ station }) => station.voteMany(accounts(SMALL_BATCH, 1)),
    peer: castVoteBySig,
  },
  "ballot.sigBatch10Apart": {
    items: SMALL_BATCH,
    measure: async ({ station }) => station.voteMany(accounts(SMALL_BATCH, SMALL_STEP)),
    peer: castVoteBySig,
  },
  "ballot.sigBatch100": {
    items: BATCH,
    measure: async ({ station }) => station.voteMany(accounts(BATCH, STEP)),
    peer: castVoteBySig,
  },
  "ballot.revote": { measure: async ({ station }) => station.revote(ACCOUNT) },
  "ballot.ranked5": {
    // Over what the same account's vote in the referendum costs, where the count is part of the note that it voted.
    measure: async ({ chain, station }) => {
      const plain = await chain.apart(async () => station.vote(ACCOUNT));
      return (await station.vote(ACCOUNT, "ranked5", RANKING)) - plain;
    },
  },
  "ballot.accountRanked5": { measure: async ({ station }) => station.vote(ACCOUNT, "ranked5", RANKING) },
  "ballot.commit": { measure: async ({ station }) => station.commit(2) },
  "ballot.reveal": { measure: async ({ station }) => station.reveal() },
  // --- anonymous members
  "ballot.anonymous": {
    measure: async ({ station, votes }) => station.voteAnonymously(firstOf(votes)),
    peer: validateProof,
  },
  "ballot.anonymousRevote": { measure: async ({ station, again }) => station.voteAnonymously(again) },
  "ballot.anonymousBatch10": {
    items: SMALL_BATCH,
    measure: async ({ station, votes }) => station.voteAnonymouslyMany(votes.slice(0, SMALL_BATCH)),
    peer: validateProof,
  },
  "ballot.anonymousBatch20": {
    items: PROOF_BATCH,
    measure: async ({ station, votes }) => station.voteAnonymouslyMany(votes.slice(0, PROOF_BATCH)),
    peer: validateProof,
  },
  "ballot.sealed": {
    measure: async ({ station, sealed }) => station.voteSealed(firstOf(sealed)),
    peer: {
      name: "MACI 2.5.0: publishMessage",
      items: MESSAGES,
      measure: async ({ assemblies }) => assemblies.publishMessages(MESSAGES),
    },
  },
  "ballot.sealedBatch20": {
    items: PROOF_BATCH,
    measure: async ({ station, sealed }) => station.voteSealedMany(sealed.slice(0, PROOF_BATCH)),
    peer: {
      name: "MACI 2.5.0: publishMessageBatch",
      measure: async ({ assemblies }) => assemblies.publishMessageBatch(PROOF_BATCH),
    },
  },
  "ballot.releaseKey": { measure: async ({ station }) => station.releaseKey() },
  "ballot.open100": { items: BATCH, measure: async ({ station, earlier }) => station.open(BATCH, earlier) },
  // --- paper
  "ballot.protocol100": { items: BATCH, measure: async ({ station }) => station.recordProtocol(BATCH) },
  "ballot.protocolsMinneapolis": { inBlocks: true, measure: async ({ station }) => (await station.mayor()).protocols },
  // --- life and results
  "ballot.publish": {
    measure: async ({ station }) => station.publish(),
    peer: { name: `${GOVERNOR}: propose`, measure: async ({ assemblies }) => assemblies.propose() },
  },
  "ballot.freeze": { measure: async ({ station }) => station.freeze() },
  "ballot.addUp1000": { items: GROUPS, measure: async ({ station }) => station.addUp() },
  "ballot.finalise": {
    measure: async ({ station }) => {
      await station.addUp();
      return station.finalise("referendum");
    },
  },
  "ballot.schulze8": { measure: async ({ station }) => station.finalise("ranked8") },
  "ballot.irvMinneapolis": {
    inBlocks: true,
    measure: async ({ station }) => (await station.mayor()).count,
  },
  "ballot.queue": {
    measure: async ({ station }) => {
      await station.addUp();
      await station.finalise("referendum");
      return station.queue();
    },
    peer: {
      name: `${GOVERNOR} with TimelockController: queue`,
      measure: async ({ assemblies }) => assemblies.queue(),
    },
  },
  "ballot.execute": {
    measure: async ({ station }) => {
      await station.addUp();
      await station.finalise("referendum");
      await station.queue();
      return station.execute();
    },
    peer: {
      name: `${GOVERNOR} with TimelockController: execute`,
      measure: async ({ assemblies }) => assemblies.execute(),
    },
  },
  // --- rolls
  "census.addMember": {
    measure: async ({ station }) => station.addMembers(1),
    peer: {
      name: "MACI 2.5.0: signUp",
      items: SIGN_UPS,
      measure: async ({ assemblies }) => assemblies.signUp(SIGN_UPS),
    },
  },
  "census.addMember100": {
    items: BATCH,
    measure: async ({ station }) => station.addMembers(BATCH),
    peer: { name: "Semaphore 4.14.3: addMembers", measure: async ({ assemblies }) => assemblies.addMembers(BATCH) },
  },
  "census.addNamed100": { items: BATCH, measure: async ({ station }) => station.addNamed(BATCH) },
};
