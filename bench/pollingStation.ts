/**
 * Where people vote, on a chain of its own, in a city deployed by the real modules: rolls with their members, and a ballot of
 * every way to vote. All are open, and others have voted.
 */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { id, toBeHex, ZeroHash } from "ethers";

import { addressesOf } from "../ignition/addresses.js";
import { bodies, type Body, type RoleName, roles } from "../ignition/authority.js";
import { typeIdOf } from "../ignition/credentials.js";
import CityModule from "../ignition/modules/City.js";
import { type City, connectCity } from "../sdk/city.js";
import { RollKind } from "../sdk/enums.js";
import { namedLeaf, namedPair } from "../sdk/participation/census.js";
import { LeanTree } from "../sdk/participation/leanTree.js";
import { ballotPlace, type BallotPlace, placeScope } from "../sdk/participation/place.js";
import { messageOf, PROOF_FIELD, type VoteProof } from "../sdk/participation/proofs.js";
import { packRanking } from "../sdk/participation/ranking.js";
import { priorities, runoffCalls, TieRule } from "../sdk/participation/rules/index.js";
import { commitment, type SealedEntry, sealPaper } from "../sdk/participation/sealing.js";
import { type Actions, actionsHash, type BallotTerms } from "../sdk/participation/terms.js";
import {
  type AnonymousVote,
  castVote,
  type KnownBallot,
  type NamedPaper,
  type NamedPlace,
  payloadHash,
  type SealedVote,
  signedVote,
  voteMessage,
} from "../sdk/participation/votes.js";
import { type PaperCount, paperEntriesHash, signProtocol, signRollEntries, signVote } from "../sdk/typedData.js";
import { IBallotBox__factory } from "../typechain-types/index.js";
import type { Chain, Send } from "./chain.js";
import {
  ANONYMOUS_ROLL,
  type BallotName,
  ballotNames,
  COUNCIL_SEGMENT,
  NAMED_ROLL,
  NO,
  termsOf,
  YES,
} from "./elections.js";
import {
  chanceOf,
  citizenOf,
  consenting,
  memberOf,
  Members,
  type Person,
  SEAL_KEY,
  SEAL_SECRET,
} from "./electorate.js";
import { RUNOFF_OPTIONS, runoffProfile } from "./runoff.js";
import { accredit, DAY } from "./town.js";

const people = ["registrar", "cosigner", "officer", "supplier", "relay"] as const;

export type StationCast = Readonly<Record<Body | (typeof people)[number], HardhatEthersSigner>>;

/** Accounts on the named roll, in groups; every fourth has voted, but for the last group. */
const CITIZENS = 1_024;
const GROUP = 64;
export const GROUPS = CITIZENS / GROUP;
export const VOTED_EVERY = 4;
/** First account of the last group. */
export const FRESH_GROUP = CITIZENS - GROUP;
/** Of those, every so many-th has ranked options. */
const RANKED_EVERY = 15;
const COUNCILLORS = 50;
/** Members of the anonymous roll, and how many of them can prove votes. The last of those has voted. */
const MEMBERS = 100;
export const PROVERS = 21;
/** Most accounts that one call puts on a roll. */
const NAMED_BATCH = 200;
/** Most rankings in one call of a count. */
const RANKINGS = 4_000;
/** Most entries of a protocol. */
const ENTRIES = 500;
const PAYMENT = 25_000_000n;
const FOREVER = (1n << 40n) - 1n;
/** Code that answers every call with a word of ones. */
const FINDS_ALL_GOOD = "0x5f195f5260205ff3";

const box = IBallotBox__factory.createInterface();

/** Gas of all transactions of an election. */
interface Mayor {
  readonly protocols: number;
  /** From the close to the result. */
  readonly count: number;
}

export class PollingStation {
  readonly #ballots = new Map<BallotName, KnownBallot>();
  readonly #trees: readonly [LeanTree, LeanTree];
  #mayor?: Promise<Mayor>;

  private constructor(
    readonly chain: Chain,
    readonly city: City,
    readonly cast: StationCast,
    /** Accounts of the named roll, by segment. */
    private readonly accounts: readonly [readonly Person[], readonly Person[]],
    readonly members: Members,
    /** What the referendum decides. */
    private readonly actions: Actions,
  ) {
    this.#trees = [treeOf(accounts[0]), treeOf(accounts[1])];
  }

  static async open(chain: Chain): Promise<PollingStation> {
    const deployed = await chain.connection.ignition.deploy(CityModule);
    const names = [...bodies, ...people];
    const cast = Object.fromEntries(names.map((name, index) => [name, chain.signers[index]])) as StationCast;
    const city = connectCity(await addressesOf(deployed), cast.relay);
    await accredit(chain, city.credentials, cast.accreditor, [
      ["CENSUS_REGISTRAR", cast.registrar],
      ["RETURNING_OFFICER", cast.officer],
    ]);
    const accreditor = city.credentials.connect(cast.accreditor);
    const registrar = typeIdOf("CENSUS_REGISTRAR");
    await chain.send(() => accreditor.issue(registrar, cast.cosigner, FOREVER, ZeroHash));
    const accounts = [
      peopleOf(CITIZENS, (index) => citizenOf(`citizen ${index}`)),
      peopleOf(COUNCILLORS, (index) => citizenOf(`councillor ${index}`)),
    ] as const;
    const members = new Members(MEMBERS, PROVERS, Number(await city.proofVerifier.depth()));
    const payment = city.token.interface.encodeFunctionData("transfer", [cast.supplier.address, PAYMENT]);
    const actions = { targets: [city.addresses.token], values: [0n], payloads: [payment] };
    const station = new PollingStation(chain, city, cast, accounts, members, actions);
    await station.#enrol();
    await station.#publishAll();
    await station.#begin();
    return station;
  }

  // --- census

  /** Two registrars add accounts to the named roll. */
  async addNamed(count: number): Promise<number> {
    const newcomers = peopleOf(count, (index) => citizenOf(`new citizen ${index}`));
    return this.#add(NAMED_ROLL, 0, newcomers);
  }

  /** The same with members of the anonymous roll. */
  async addMembers(count: number): Promise<number> {
    const newcomers = peopleOf(count, (index) => memberOf(`new member ${index}`));
    return this.#add(ANONYMOUS_ROLL, 0, newcomers);
  }

  // --- life

  /** Another referendum. */
  async publish(): Promise<number> {
    return this.#publish(this.#termsNow("referendum"));
  }

  /** The census of another anonymous ballot. */
  async freeze(): Promise<number> {
    const terms = this.#termsNow("anonymous");
    await this.#publish(terms);
    this.chain.passUntil(Number(terms.freezesAt) + 1);
    return this.chain.gasOf(() => this.city.ballotBox.freeze(ballotNames.length + 1, terms, 1));
  }

  // --- votes of accounts

  /** A citizen votes by its own transaction. */
  async vote(index: number, name: BallotName = "referendum", payload = YES): Promise<number> {
    const account = await this.chain.account(`citizen ${index}`);
    const ballotBox = this.city.ballotBox.connect(account);
    const paper = { payload, deadline: FOREVER };
    return this.chain.gasOf(() => castVote(ballotBox, this.#ballot(name), this.#placeOf(index), paper));
  }

  /** Somebody brings a citizen's vote. */
  async voteBySig(index: number, name: BallotName = "referendum", some: Partial<NamedPaper> = {}): Promise<number> {
    const [ballot, place] = [this.#ballot(name), this.#placeOf(index)];
    const { key } = personAt(this.accounts[0], index);
    const paper = { payload: YES, deadline: FOREVER, ...some };
    const signature = await signVote(this.city, key, voteMessage(ballot.ballotId, place, paper));
    const brought = { voter: key.address, signature };
    return this.chain.gasOf(() => castVote(this.city.ballotBox, ballot, place, paper, brought));
  }

  /** Somebody brings the second vote of a citizen, after the first. */
  async revote(index: number): Promise<number> {
    await this.voteBySig(index, "revocable");
    return this.voteBySig(index, "revocable", { payload: NO, sequence: 2, previous: YES });
  }

  /** Somebody brings votes of citizens. */
  async voteMany(
    indexes: readonly number[],
    name: BallotName = "referendum",
    payloadOf: (place: number) => bigint = (place) => (place % 3 === 0 ? NO : YES),
  ): Promise<number> {
    const { ballotId } = this.#ballot(name);
    const votes = await Promise.all(
      indexes.map(async (index, place) => {
        const paper = { payload: payloadOf(place), deadline: FOREVER };
        return signedVote(this.city, personAt(this.accounts[0], index).key, ballotId, this.#placeOf(index), paper);
      }),
    );
    return this.#gasOfAll(() => this.city.ballotBox.voteMany(ballotId, 0, votes));
  }

  // --- votes of members

  /** Proves the vote of a member. */
  async provenVote(index: number, sequence = 1): Promise<AnonymousVote> {
    const payload = index % 3 === 0 ? NO : YES;
    return this.members.vote(await this.#place("anonymous"), index, { payload, sequence }, payload);
  }

  async voteAnonymously(vote: AnonymousVote): Promise<number> {
    return this.chain.gasOf(() => this.city.ballotBox.voteAnonymously(this.#ballot("anonymous").ballotId, 0, vote));
  }

  async voteAnonymouslyMany(votes: readonly AnonymousVote[]): Promise<number> {
    const { ballotId } = this.#ballot("anonymous");
    return this.#gasOfAll(() => this.city.ballotBox.voteAnonymouslyMany(ballotId, 0, [...votes]));
  }

  /** Proves a sealed vote of a member. */
  async sealedVote(index: number): Promise<SealedVote> {
    return this.members.seal(await this.#place("sealed"), index, { payload: index % 3 === 0 ? NO : YES });
  }

  async voteSealed(vote: SealedVote): Promise<number> {
    return this.chain.gasOf(() => this.city.ballotBox.voteSealed(this.#ballot("sealed").ballotId, 0, vote));
  }

  async voteSealedMany(votes: readonly SealedVote[]): Promise<number> {
    const { ballotId } = this.#ballot("sealed");
    return this.#gasOfAll(() => this.city.ballotBox.voteSealedMany(ballotId, 0, [...votes]));
  }

  /** A proof of the first member for Semaphore's own contract that says what a vote says. */
  async provenToSemaphore(): Promise<VoteProof> {
    const scope = placeScope(await this.#place("anonymous"));
    return this.members.proveToSemaphore(0, messageOf(scope, 1, payloadHash(1n)), scope);
  }

  async releaseKey(): Promise<number> {
    const { ballotId, terms } = this.#closed("sealed");
    return this.chain.gasOf(() => this.city.ballotBox.releaseKey(ballotId, terms, SEAL_SECRET));
  }

  /**
   * Opens papers, after that of the member who voted before. To put them in would need as many proofs; so until the close a
   * verifier takes the real one's place that finds all votes good. Opening asks none.
   */
  async open(count: number, earlier: SealedVote): Promise<number> {
    const { ballotBox, addresses } = this.city;
    const { ballotId } = this.#ballot("sealed");
    await this.chain.connection.networkHelpers.setCode(addresses.proofVerifier, FINDS_ALL_GOOD);
    const scope = placeScope(await this.#place("sealed"));
    const votes = Array.from({ length: count }, (_, index) => unprovenVote(index, scope, earlier));
    await this.voteSealedMany(votes);
    await this.releaseKey();
    await this.chain.send(() => ballotBox.open(ballotId, 0, [entryOf(earlier)]));
    return this.chain.gasOf(() => ballotBox.open(ballotId, 0, votes.map(entryOf)));
  }

  // --- votes of a council

  /** A councillor commits to a vote by its own transaction. */
  async commit(index: number): Promise<number> {
    const account = await this.chain.account(`councillor ${index}`);
    const ballotBox = this.city.ballotBox.connect(account);
    const payload = BigInt(commitment(await this.#place("council"), councilPaper(index)));
    const paper = { payload, deadline: FOREVER };
    return this.chain.gasOf(() =>
      castVote(ballotBox, this.#ballot("council"), this.#placeOf(index, COUNCIL_SEGMENT), paper),
    );
  }

  /** Somebody brings what the second councillor committed to, after that of the first. */
  async reveal(): Promise<number> {
    const { ballotId } = this.#closed("council");
    const reveal = async (index: number): Promise<number> =>
      this.chain.gasOf(() => this.city.ballotBox.reveal(ballotId, COUNCIL_SEGMENT, [councilPaper(index)]));
    await reveal(0);
    return reveal(1);
  }

  // --- paper

  /** A protocol of rankings that were not counted before, after one of others. */
  async recordProtocol(count: number): Promise<number> {
    const entries = mayorEntries();
    await this.#record(entries.slice(0, 1), 0n);
    return this.#record(entries.slice(-count), 1n);
  }

  /** The election of the mayor, by protocols of all papers. Held once, because it takes seconds. */
  async mayor(): Promise<Mayor> {
    this.#mayor ??= this.#electMayor();
    return this.#mayor;
  }

  // --- results

  /** Adds up all groups of the referendum. */
  async addUp(): Promise<number> {
    const { ballotId } = this.#closed("referendum");
    return this.chain.gasOf(() => this.city.ballotBox.addUp(ballotId, 0, GROUPS));
  }

  async finalise(name: BallotName): Promise<number> {
    const { ballotId, terms } = this.#closed(name);
    return this.chain.gasOf(() => this.city.ballotBox.finalise(ballotId, terms));
  }

  /** The referendum passed, and nobody objected. */
  async queue(): Promise<number> {
    const { ballotId, terms } = this.#ballot("referendum");
    const { objectionUntil } = await this.city.ballotBox.resultOf(ballotId);
    this.chain.passUntil(Number(objectionUntil));
    return this.chain.gasOf(() => this.city.ballotExecutor.queue(ballotId, terms, this.actions));
  }

  /** The timelock's delay is over. */
  async execute(): Promise<number> {
    this.chain.pass(2 * DAY);
    const { ballotId } = this.#ballot("referendum");
    return this.chain.gasOf(() => this.city.ballotExecutor.execute(ballotId, this.actions));
  }

  // --- internals

  #ballot(name: BallotName): KnownBallot {
    const ballot = this.#ballots.get(name);
    if (ballot === undefined) throw new Error(`there is no ballot ${name}`);
    return ballot;
  }

  /** A ballot, after its close. */
  #closed(name: BallotName): KnownBallot {
    const ballot = this.#ballot(name);
    this.chain.passUntil(Number(ballot.terms.closesAt));
    return ballot;
  }

  async #place(name: BallotName): Promise<BallotPlace> {
    return ballotPlace(this.city.ballotBox, this.#ballot(name).ballotId);
  }

  #placeOf(index: number, segment: 0 | typeof COUNCIL_SEGMENT = 0): NamedPlace {
    const path = this.#trees[segment].pathOf(index).map((sibling) => toBeHex(sibling, 32));
    return { segment, index, path };
  }

  #termsNow(name: BallotName): BallotTerms {
    return termsOf(name, this.chain.now + 1, actionsHash(this.actions));
  }

  /** Gas of a batch of which nothing is left out. */
  async #gasOfAll(call: Send): Promise<number> {
    const { logs, gasUsed } = await this.chain.send(call);
    const rejected = logs.filter((log) => box.parseLog(log)?.name === "VoteRejected").length;
    if (rejected > 0) throw new Error(`${rejected} votes were left out`);
    return Number(gasUsed);
  }

  async #add(rollId: number, segment: number, newcomers: readonly Person[]): Promise<number> {
    const { registrar, cosigner } = this.cast;
    const census = this.city.census.connect(registrar);
    const deadline = FOREVER;
    const consents = await consenting(this.city, { rollId, segment, deadline }, newcomers);
    const entrants = consents.map(({ entrant }) => entrant);
    const entries = consents.map(({ entry }) => entry);
    const cosignature = await signRollEntries(this.city, cosigner, { entries, deadline });
    return this.chain.gasOf(() =>
      census.addMembers(rollId, segment, entrants, registrar, cosigner, deadline, cosignature),
    );
  }

  async #publish(terms: BallotTerms): Promise<number> {
    const clerk = holderOf(this.cast, "BALLOT_CLERK");
    return this.chain.gasOf(() => this.city.ballotBox.connect(clerk).publish(terms));
  }

  /** The officer's protocol, brought by somebody. */
  async #record(entries: readonly PaperCount[], nonce: bigint): Promise<number> {
    const { address: officer } = this.cast.officer;
    const { ballotId } = this.#ballot("mayor");
    const protocol = {
      ballotId,
      segment: 0,
      spoilt: 0,
      documentHash: id("protocol"),
      officer,
      nonce,
      deadline: FOREVER,
    };
    const message = { ...protocol, entriesHash: paperEntriesHash(entries), owner: officer };
    const signature = await signProtocol(this.city, this.cast.officer, message);
    return this.chain.gasOf(() => this.city.ballotBox.recordProtocol(protocol, [...entries], signature));
  }

  async #electMayor(): Promise<Mayor> {
    const entries = mayorEntries();
    let protocols = 0;
    for (let nonce = 0; nonce * ENTRIES < entries.length; ++nonce) {
      protocols += await this.#record(entries.slice(nonce * ENTRIES, (nonce + 1) * ENTRIES), BigInt(nonce));
    }
    const { ballotId, terms } = this.#closed("mayor");
    let count = 0;
    for (const rankings of runoffCalls(runoffProfile(), priorities(TieRule.LowestNumber, RUNOFF_OPTIONS), RANKINGS)) {
      count += await this.chain.gasOf(() => this.city.ballotBox.countRounds(ballotId, terms, rankings));
    }
    return { protocols, count: count + (await this.finalise("mayor")) };
  }

  async #enrol(): Promise<void> {
    const rolls = this.city.census.connect(holderOf(this.cast, "CENSUS_ROLLS"));
    const terms = { credentialed: false, cosigned: true, depth: this.members.depth, growthBp: 100, growthLeast: 10 };
    await this.chain.send(() => rolls.openRoll({ ...terms, kind: RollKind.Named, segments: 2 }));
    await this.chain.send(() => rolls.openRoll({ ...terms, kind: RollKind.Anonymous, segments: 1 }));
    const [citizens, council] = this.accounts;
    for (let from = 0; from < citizens.length; from += NAMED_BATCH) {
      await this.#add(NAMED_ROLL, 0, citizens.slice(from, from + NAMED_BATCH));
    }
    await this.#add(NAMED_ROLL, COUNCIL_SEGMENT, council);
    await this.#add(ANONYMOUS_ROLL, 0, this.members.people);
  }

  /** Publishes all ballots, freezes their census and opens them. */
  async #publishAll(): Promise<void> {
    for (const [index, name] of ballotNames.entries()) {
      const terms = this.#termsNow(name);
      await this.#publish(terms);
      this.#ballots.set(name, { ballotId: index + 1, terms });
    }
    this.chain.passUntil(Number(this.#ballot("sealed").terms.freezesAt) + 1);
    for (const { ballotId, terms } of this.#ballots.values()) {
      await this.chain.send(() => this.city.ballotBox.freeze(ballotId, terms, 1));
    }
    this.chain.passUntil(Number(this.#ballot("sealed").terms.opensAt));
  }

  /** Others vote, so that nothing measured is the first of its kind. */
  async #begin(): Promise<void> {
    const { chain, city, cast } = this;
    const voters = Array.from({ length: FRESH_GROUP / VOTED_EVERY }, (_, index) => index * VOTED_EVERY);
    await this.voteMany(voters);
    await this.voteBySig(0, "revocable");
    const few = voters.filter((_, index) => index % RANKED_EVERY === 0);
    await this.voteMany(few, "ranked5", (place) => rankingOf(5, place));
    await this.voteMany(few, "ranked8", (place) => rankingOf(8, place));
    for (const index of [0, 1]) await this.commit(index);
    const treasury = holderOf(cast, "MINTER");
    await chain.send(() => city.token.connect(treasury).mint(city.addresses.timelock, 2n * PAYMENT));
    await chain.send(() => city.token.connect(treasury).mint(cast.supplier, PAYMENT));
  }
}

/** Who holds a role from the start. */
function holderOf(cast: StationCast, role: RoleName): HardhatEthersSigner {
  return cast[roles[role].holder];
}

function peopleOf(count: number, make: (index: number) => Person): Person[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function personAt(list: readonly Person[], index: number): Person {
  const person = list[index];
  if (person === undefined) throw new Error(`there is nobody at ${index}`);
  return person;
}

function treeOf(list: readonly Person[]): LeanTree {
  return new LeanTree(
    namedPair,
    list.map(({ key }, index) => namedLeaf(index, key.address)),
  );
}

/** All options in a row, which begins elsewhere for each voter; every other lap runs backwards. */
function rankingOf(options: number, voter: number): bigint {
  const row = Array.from({ length: options }, (_, place) => 1 + ((place + voter) % options));
  if (Math.floor(voter / options) % 2 === 1) row.reverse();
  return packRanking(row.map((option) => [option]));
}

function councilPaper(index: number) {
  return { segment: COUNCIL_SEGMENT, index, payload: YES, salt: id(`salt of councillor ${index}`) };
}

function mayorEntries(): PaperCount[] {
  return [...runoffProfile()].map(([payload, count]) => ({ payload, count: Number(count) }));
}

/** A sealed vote of somebody who is on no roll. */
function unprovenVote(index: number, scope: bigint, { proof }: SealedVote): SealedVote {
  const nullifier = BigInt(id(`nullifier ${index}`)) % PROOF_FIELD;
  const owner = { nullifier, scope };
  return { nullifier, sequence: 1, envelope: sealPaper(SEAL_KEY, YES, owner, chanceOf(`stranger ${index}`)), proof };
}

function entryOf({ nullifier, sequence, envelope }: SealedVote): SealedEntry {
  return { nullifier, sequence, envelope };
}
