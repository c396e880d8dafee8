/** Ranked elections: every ballot a signed vote of an account, or all of them in protocols of the returning officer. */
import type { ContractTransactionReceipt, Wallet } from "ethers";

import { BallotKind, nameIn, RollKind, Rule, VoteFault } from "../../../sdk/index.js";
import {
  accountLeaf,
  type KnownBallot,
  parseBallotLog,
  placeOnRoll,
  signedVote,
  type SignedVote,
} from "../../../sdk/participation/index.js";
import { slices } from "../../../sdk/slices.js";
import type { Day } from "../day.js";
import type { Refusals } from "../identity/refusals.js";
import { seeded, seededWallet } from "../seeds.js";
import type { Contest } from "./data.js";
import type { ElectionOffice, OpenRoll } from "./office.js";
import { isSigned, papersOf, rankedProtocols } from "./plan.js";
import { Story } from "./story.js";
import { NAMED_DEPTH, VOTES_PER_BATCH } from "./terms.js";

interface Voter {
  readonly account: Wallet;
  readonly tag: bigint;
  readonly paper: bigint;
}

/** Votes that the first batch of the day must leave out, with what is expected of each. */
const BAD_VOTES = {
  votedTwice: { attempt: "a signed vote stands in a batch twice", expected: "StaleSequence" },
  forgedVote: { attempt: "a vote is signed by another key", expected: "NotInCensus" },
} as const;

/** See the head of this file. */
export class ContestStory extends Story {
  readonly contest: Contest;
  readonly #day: Day;
  readonly #refusals: Refusals;
  readonly #triesBadVotes: boolean;
  readonly #voters: readonly Voter[];

  /** @param triesBadVotes - Whether its first batch is to have votes that are left out. */
  constructor(day: Day, office: ElectionOffice, refusals: Refusals, contest: Contest, triesBadVotes: boolean) {
    super(office);
    this.#day = day;
    this.#refusals = refusals;
    this.contest = contest;
    this.#triesBadVotes = triesBadVotes;
    const papers = isSigned(contest) ? papersOf(contest) : [];
    this.#voters = papers.map((paper, number) => ({
      account: seededWallet(`elections/${contest.name}/voter ${number}`),
      tag: BigInt(seeded(`elections/${contest.name}/tag ${number}`)),
      paper,
    }));
  }

  get name(): string {
    return this.contest.name;
  }

  async vote(): Promise<void> {
    if (this.#voters.length === 0) return;
    const { ballot } = this;
    const roll = await this.office.frozen(this.roll);
    const deadline = ballot.terms.closesAt;
    const progress = this.#day.progress(`elections: ${this.name} votes`);
    for (const [number, part] of slices(this.#voters, VOTES_PER_BATCH).entries()) {
      const sign = ({ paper, tag }: Voter, key: Wallet): Promise<SignedVote> =>
        signedVote(this.#day.city, key, ballot.ballotId, placeOnRoll(roll, tag), { payload: paper, deadline });
      const votes: SignedVote[] = [];
      for (const voter of part) votes.push(await sign(voter, voter.account));
      const last = part.at(-1);
      if (number === 0 && this.#triesBadVotes && last !== undefined) {
        const forged = await sign(last, seededWallet("elections/forger"));
        await this.#castWithBad([forged, ...votes, ...votes.slice(0, 1)]);
      } else {
        await this.#cast("ballot.voteMany", votes);
      }
      progress(number * VOTES_PER_BATCH + part.length, this.#voters.length);
    }
  }

  async count(): Promise<void> {
    if (!isSigned(this.contest)) await this.office.recordAll(this.name, this.ballot, rankedProtocols(this.contest));
  }

  protected async openRoll(): Promise<OpenRoll> {
    const roll = await this.office.openRoll(RollKind.Named, false, NAMED_DEPTH, 1);
    const people = this.#voters.map(({ account, tag }) => ({
      signer: account,
      tag,
      leaf: accountLeaf(account.address),
    }));
    await this.office.enrol(roll, people);
    return roll;
  }

  protected async publishOn(roll: OpenRoll): Promise<KnownBallot> {
    const { candidates, count, name, rule } = this.contest;
    return this.office.publish(roll, {
      kind: BallotKind.Ranked,
      rule: Rule[rule],
      options: candidates.length,
      paperElectorate: isSigned(this.contest) ? 0 : count,
      text: [name, ...candidates].join("\n"),
    });
  }

  async #cast(operation: string, votes: readonly SignedVote[]): Promise<ContractTransactionReceipt> {
    const { ballotBox } = this.#day.city;
    const { ballotId } = this.ballot;
    const send = () => ballotBox.voteMany(ballotId, 0, [...votes]);
    return (await this.#day.send(operation, this.office.times.votedAt, send, votes.length)).receipt;
  }

  async #castWithBad(votes: readonly SignedVote[]): Promise<void> {
    const { logs } = await this.#cast("ballot.voteMany with bad ones", votes);
    const faults = logs.flatMap((log) => {
      const event = parseBallotLog(log);
      return event?.name === "VoteRejected" ? [nameIn(VoteFault, event.fault)] : [];
    });
    for (const [key, attempt] of Object.entries(BAD_VOTES)) {
      const reason = faults.find((fault) => fault === attempt.expected);
      const verdict = reason === undefined ? {} : { reason, message: `the vote was left out of the batch: ${reason}` };
      this.#refusals.judge({ key, ...attempt }, verdict);
    }
  }
}
