/**
 * A vote of residents while the day goes on: anonymous by proofs that are made on the spot, sealed until the close, relayed in shuffled
 * batches, and with an action that is run if it passes.
 */
import { Identity } from "@semaphore-protocol/identity";
import { concat, getBytes, type Wallet } from "ethers";

import { BallotKind, RollKind, Secrecy } from "../../../sdk/index.js";
import {
  type Actions,
  actionsHash,
  type AnonymousVoter,
  ballotPlace,
  type BallotPlace,
  endProving,
  type KnownBallot,
  parseBallotLog,
  type RandomBytes,
  relayVotes,
  type SealedVote,
  sealKeyPair,
  sealVote,
  voterGroup,
} from "../../../sdk/participation/index.js";
import type { Day } from "../day.js";
import { holderOf } from "../holders.js";
import type { Refusals } from "../identity/refusals.js";
import { onClock } from "../runner.js";
import { seeded, seededWallet } from "../seeds.js";
import type { ElectionOffice, OpenRoll } from "./office.js";
import { ARTIFACTS, mapSome, prover } from "./prover.js";
import { Story } from "./story.js";
import {
  ANONYMOUS_DEPTH,
  APPROVAL_BP,
  CHOICES,
  GRANT,
  LEAST_MEMBERS,
  OBJECTION_SECONDS,
  PROOFS_AT_ONCE,
  RESIDENTS,
  REVOTER,
  SEALED_PER_BATCH,
  SECOND_CHOICE,
  TURNOUT_BP,
  VOTERS,
} from "./terms.js";

/** What can be chosen; the last is blank. */
export const OPTIONS = ["Yes", "No", "Blank"] as const;

interface Resident {
  readonly account: Wallet;
  readonly identity: Identity;
}

/** What came of the vote beside its result. */
export interface ResidentsOutcome {
  /** What the voters chose in the end, by option, as they themselves know. */
  readonly chosen: readonly number[];
  /** Proofs made. */
  readonly proofs: number;
  /** Sealed votes that were accepted, in batches of which size. */
  readonly batches: readonly number[];
  /** What the box told of the options before the key was released. */
  readonly toldBefore: readonly bigint[];
  /** Who was to have the money, and how it moved. Units of the settlement token. */
  readonly grant: {
    readonly amount: bigint;
    readonly paidIn: bigint;
    readonly received: bigint;
    readonly left: bigint;
  };
  /** Seconds from the result to the payment. */
  readonly waited: bigint;
}

/** See the head of this file. */
export class ResidentsStory extends Story {
  readonly name = "residents' vote";
  readonly #day: Day;
  readonly #refusals: Refusals;
  readonly #residents: readonly Resident[];
  readonly #fund = seededWallet("elections/neighbourhood fund");
  readonly #key = sealKeyPair(seededBytes("elections/key"));
  #actions: Actions = { targets: [], values: [], payloads: [] };
  #batches: number[] = [];
  #proofs = 0;
  #toldBefore: readonly bigint[] = [];
  #paidIn = 0n;

  constructor(day: Day, office: ElectionOffice, refusals: Refusals) {
    super(office);
    this.#day = day;
    this.#refusals = refusals;
    this.#residents = Array.from({ length: RESIDENTS }, (_, number) => ({
      account: seededWallet(`elections/resident ${number}`),
      identity: new Identity(seeded(`elections/secret of resident ${number}`)),
    }));
  }

  get actions(): Actions {
    return this.#actions;
  }

  async vote(): Promise<void> {
    const place = await ballotPlace(this.#day.city.ballotBox, this.ballot.ballotId);
    const tree = (await this.office.frozen(this.roll)).treeOf(0);
    const voterOf = ({ identity }: Resident): AnonymousVoter => ({
      identity,
      group: voterGroup(tree),
      depth: ANONYMOUS_DEPTH,
      artifacts: ARTIFACTS,
      prover,
    });
    const wishes = this.#residents
      .slice(0, VOTERS)
      .map((resident, number) => ({ voter: voterOf(resident), number, sequence: 1, choice: choiceOf(number) }));
    const again = wishes.filter(({ number }) => number === REVOTER);
    const second = again.map((wish) => ({ ...wish, sequence: 2, choice: SECOND_CHOICE }));
    const votes = await this.#prove(place, [...wishes, ...second]);
    const [first, later] = [votes.slice(0, wishes.length), votes.slice(wishes.length)];
    await this.#day.clock.pass(this.office.times.votedAt);
    await this.#relay(first);
    await this.#tryBadVotes(first, later);
    await this.#relay(later);
    await this.#tryWhileOpen();
  }

  async count(): Promise<void> {
    const { city } = this.#day;
    const { ballotId, terms } = this.ballot;
    await this.#day.clock.pass(this.office.times.countedAt);
    this.#toldBefore = await city.ballotBox.talliesOf(ballotId, terms, 0);
    await this.#refusals.send(
      {
        key: "earlyResult",
        attempt: "a result is to be found before papers are opened",
        expected: "BallotBoxNotCounted",
      },
      () => city.ballotBox.finalise(ballotId, terms),
    );
    await this.#day.send("ballot.releaseKey", this.office.times.countedAt, () =>
      city.ballotBox.releaseKey(ballotId, terms, this.#key.secret),
    );
  }

  /** Anybody puts what was decided on its way, and runs it when the times are over. */
  async execute(): Promise<ResidentsOutcome> {
    const { addresses, ballotBox, ballotExecutor, token } = this.#day.city;
    const { ballotId, terms } = this.ballot;
    const fund = this.#fund.address;
    const result = await ballotBox.resultOf(ballotId);
    const before = await token.balanceOf(fund);
    const queue = (actions: Actions) => () => ballotExecutor.queue(ballotId, terms, actions);
    let waited = 0n;
    if (result.passed) {
      await this.#refusals.send(
        {
          key: "earlyAction",
          attempt: "what was decided is to be done while it can be objected to",
          expected: "BallotExecutorTooEarly",
        },
        queue(this.#actions),
      );
      await this.#day.clock.pass(result.objectionUntil);
      await this.#refusals.send(
        {
          key: "otherAction",
          attempt: "something else is to be done than was published",
          expected: "BallotExecutorOtherActions",
        },
        queue({ ...this.#actions, payloads: [token.interface.encodeFunctionData("transfer", [fund, GRANT + 1n])] }),
      );
      const queued = await this.#day.send("ballot.queue", result.objectionUntil, queue(this.#actions));
      const [readyAt = 0n] = queued.receipt.logs.flatMap((log) => {
        const event = ballotExecutor.interface.parseLog(log);
        return event?.name === "ActionsQueued" ? [event.args.readyAt as bigint] : [];
      });
      const done = await this.#day.send("ballot.execute", readyAt, () =>
        ballotExecutor.execute(ballotId, this.#actions),
      );
      waited = done.time - result.finalAt;
      await this.#refusals.send(
        { key: "secondAction", attempt: "what was decided is to be done twice", expected: "BallotExecutorQueued" },
        queue(this.#actions),
      );
    }
    return {
      chosen: OPTIONS.map(
        (_, option) =>
          Array.from({ length: VOTERS }, (__, number) => lastChoiceOf(number)).filter((one) => one === option).length,
      ),
      proofs: this.#proofs,
      batches: this.#batches,
      toldBefore: this.#toldBefore,
      grant: {
        amount: GRANT,
        paidIn: this.#paidIn,
        received: (await token.balanceOf(fund)) - before,
        left: await token.balanceOf(addresses.timelock),
      },
      waited,
    };
  }

  protected async openRoll(): Promise<OpenRoll> {
    const { city, register } = this.#day;
    for (const [number, { account }] of this.#residents.entries()) register.person(`voter ${number + 1}`, account);
    await register.enrol(this.office.times.startsAt);
    const roll = await this.office.openRoll(RollKind.Anonymous, true, ANONYMOUS_DEPTH, 1);
    await this.office.enrol(
      roll,
      this.#residents.map(({ account, identity }) => ({ signer: account, leaf: identity.commitment })),
    );
    const [minter, treasury] = [holderOf(this.#day, "MINTER"), this.#day.actors.treasury];
    const at = this.office.times.startsAt;
    await this.#day.send("finance.mint", at, () => city.token.connect(minter).mint(treasury.address, GRANT));
    await this.#day.send("finance.transfer", at, () =>
      city.token.connect(treasury).transfer(city.addresses.timelock, GRANT),
    );
    this.#paidIn = GRANT;
    return roll;
  }

  protected async publishOn(roll: OpenRoll): Promise<KnownBallot> {
    const { token } = this.#day.city;
    this.#actions = {
      targets: [await token.getAddress()],
      values: [0n],
      payloads: [token.interface.encodeFunctionData("transfer", [this.#fund.address, GRANT])],
    };
    return this.office.publish(roll, {
      kind: BallotKind.Single,
      secrecy: Secrecy.Sealed,
      options: OPTIONS.length,
      blankLast: true,
      revotes: true,
      minAnonymity: LEAST_MEMBERS,
      turnoutBp: TURNOUT_BP,
      approvalBp: APPROVAL_BP,
      objectionPeriod: OBJECTION_SECONDS,
      sealX: this.#key.x,
      sealY: this.#key.y,
      actionsHash: actionsHash(this.#actions),
      text: ["Is the neighbourhood fund to have the money?", ...OPTIONS].join("\n"),
    });
  }

  /** Seals and proves votes, each on its voter's machine in life. */
  async #prove(
    place: BallotPlace,
    wishes: readonly {
      readonly voter: AnonymousVoter;
      readonly number: number;
      readonly sequence: number;
      readonly choice: number;
    }[],
  ): Promise<SealedVote[]> {
    const progress = this.#day.progress("elections: proving votes");
    const votes = await mapSome(wishes, PROOFS_AT_ONCE, async ({ choice, number, sequence, voter }) => {
      const random = seededBytes(`elections/envelope ${number} ${sequence}`);
      const vote = await sealVote(place, this.#key, voter, { payload: BigInt(choice), sequence }, random);
      this.#proofs += 1;
      progress(this.#proofs, wishes.length);
      return vote;
    });
    // The prover's workers would keep the program alive.
    await endProving();
    return votes;
  }

  async #relay(votes: readonly SealedVote[]): Promise<void> {
    const { city, clock, gas, relayer } = this.#day;
    const box = city.ballotBox.connect(onClock(relayer, clock));
    const random = seededNumbers(`elections/order ${this.#batches.length}`);
    const { receipts } = await relayVotes(box, { ...this.ballot, segment: 0 }, votes, {
      batchSize: SEALED_PER_BATCH,
      random,
      fromBlock: this.roll.fromBlock,
    });
    for (const { gasUsed, logs } of receipts) {
      const count = logs.filter((log) => parseBallotLog(log)?.name === "VoteSealed").length;
      gas.add(count === 1 ? "ballot.voteSealedMany of one" : "ballot.voteSealedMany", gasUsed, count);
      this.#batches.push(count);
    }
  }

  async #tryBadVotes(first: readonly SealedVote[], later: readonly SealedVote[]): Promise<void> {
    const { ballotBox } = this.#day.city;
    const { ballotId } = this.ballot;
    const [vote] = first;
    const [again] = later;
    if (vote === undefined || again === undefined) throw new Error("nobody voted");
    await this.#refusals.send(
      {
        key: "secondVote",
        attempt: "somebody votes twice with one sequence number",
        expected: "BallotBoxStaleSequence",
      },
      () => ballotBox.voteSealed(ballotId, 0, vote),
    );
    const tampered = { ...again, envelope: { ...again.envelope, cipher: again.envelope.cipher ^ 1n } };
    await this.#refusals.send(
      { key: "tamperedVote", attempt: "a relayer changes what a vote says", expected: "BallotBoxBadProof" },
      () => ballotBox.voteSealed(ballotId, 0, tampered),
    );
  }

  async #tryWhileOpen(): Promise<void> {
    const { ballotBox } = this.#day.city;
    const { ballotId, terms } = this.ballot;
    await this.#refusals.send(
      { key: "earlyKey", attempt: "the key is to be released before the close", expected: "BallotBoxWrongState" },
      () => ballotBox.releaseKey(ballotId, terms, this.#key.secret),
    );
    const clerk = ballotBox.connect(holderOf(this.#day, "BALLOT_CLERK"));
    await this.#refusals.send(
      { key: "withdrawnOpen", attempt: "the clerk takes an open ballot back", expected: "BallotBoxWrongState" },
      () => clerk.withdraw(ballotId, terms, seeded("elections/reason")),
    );
  }
}

/** What a voter chooses first. */
function choiceOf(number: number): number {
  return CHOICES[number % CHOICES.length] ?? 0;
}

/** What a voter chooses in the end. */
function lastChoiceOf(number: number): number {
  return number === REVOTER ? SECOND_CHOICE : choiceOf(number);
}

/** Bytes that are the same in every day; never to be used for papers that are to stay secret. */
function seededBytes(purpose: string): RandomBytes {
  let words = 0;
  return (length) => {
    const parts: string[] = [];
    for (let size = 0; size < length; size += WORD_BYTES) parts.push(seeded(`${purpose}/${words++}`));
    return getBytes(concat(parts)).slice(0, length);
  };
}

const WORD_BYTES = 32;

/** Numbers likewise. */
function seededNumbers(purpose: string): (end: number) => number {
  let drawn = 0;
  return (end) => Number(BigInt(seeded(`${purpose}/${drawn++}`)) % BigInt(end));
}
