import { expect } from "chai";
import { concat, id, keccak256, toBeHex, Wallet } from "ethers";
import { network } from "hardhat";

import { BallotKind, BallotState, RollKind, Rule, Secrecy } from "../../sdk/enums.js";
import {
  type BallotFields,
  ballotTerms,
  castVote,
  commitment,
  compareWithChain,
  envelopeHash,
  hashSignal,
  isNamed,
  LeanTree,
  messageOf,
  namedLeaf,
  namedPair,
  type NamedPlace,
  packForm,
  type ProofWords,
  payloadHash,
  placeScope,
  readBallotEvents,
  type Recount,
  recountBallot,
  type RelayableVote,
  relayVotes,
  type Revealed,
  sealPaper,
  settleBallot,
  type SettlementOptions,
  signedVote,
  textHashes,
  type KnownBallot,
} from "../../sdk/participation/index.js";
import { paperEntriesHash, signCommitment, signProtocol } from "../../sdk/typedData/participation.js";
import {
  ANONYMOUS_ROLL,
  KEY,
  NAMED_ROLL,
  randomFields,
  randomPaper,
  SEGMENTS,
  settingOf,
} from "./utils/ballotsByChance.js";
import type { Connection } from "./utils/city.js";
import { deployedBox, deployedOffice, NOTICE } from "./utils/polls.js";
import { Random } from "./utils/random.js";

/** Ballots by chance, of all kinds, rules and secrecies: what anybody counts from their events is what the chain counted. */

const BALLOTS = process.env.CIVITAS_DEEP === "1" ? 400 : 30;
/** People in each segment, at places that are not side by side, so that there are several groups. */
const VOTERS = 6;
const STRIDE = 13;
const LEAVES = VOTERS * STRIDE;
const DAY = 86_400n;
const KEYS = Array.from({ length: VOTERS }, (_, person) => new Wallet(id(`voter ${person}`)));

/** The same people in each segment of a named roll. */
const tree = new LeanTree(
  namedPair,
  Array.from({ length: LEAVES }, (_, index) =>
    index % STRIDE === 0 ? namedLeaf(index, KEYS[index / STRIDE]!.address) : BigInt(index),
  ),
);

const { networkHelpers } = await network.create();

/** A box over a census that a test makes, which takes hashes for proofs. */
async function deployedBallots(connection: Connection) {
  const { ethers } = connection;
  const office = await deployedOffice(connection);
  const census = await ethers.deployContract("MockCensus");
  const verifier = await ethers.deployContract("MockBatchVerifier", [16]);
  const { box } = await deployedBox(connection, { ...office, census, verifier });
  await census.getFunction("setRoll")(NAMED_ROLL, RollKind.Named, 16, SEGMENTS);
  await census.getFunction("setRoll")(ANONYMOUS_ROLL, RollKind.Anonymous, 16, SEGMENTS);
  for (let segment = 0; segment < SEGMENTS; segment++) {
    await census.getFunction("setSegment")(NAMED_ROLL, segment, tree.root, LEAVES);
    await census.getFunction("setSegment")(ANONYMOUS_ROLL, segment, segment + 1, VOTERS);
  }
  return { ...office, box, census, provider: ethers.provider };
}

type Ballots = Awaited<ReturnType<typeof deployedBallots>>;

/** Lives through one ballot. */
class Story {
  readonly #reveals: Revealed[] = [];
  readonly #sequences = new Map<bigint, number>();

  constructor(
    readonly random: Random,
    readonly here: Ballots,
    readonly ballot: KnownBallot,
  ) {}

  get place() {
    return { chainId: 31_337n, ballotBox: this.here.box.target as string, ballotId: this.ballot.ballotId };
  }

  async recount(): Promise<Recount> {
    const { provider } = this.here;
    return recountBallot(await readBallotEvents(provider, this.place), this.place);
  }

  /** Some vote, some of them again. */
  async vote(segment: number): Promise<void> {
    const { terms } = this.ballot;
    if (terms.secrecy === Secrecy.Committed) return this.#commit(segment);
    const votes: RelayableVote[] = [];
    for (let person = 0; person < VOTERS; person++) {
      if (this.random.between(0n, 4n) === 0n) continue;
      votes.push(isNamed(terms) ? await this.#signed(segment, person) : this.#anonymous(segment, person));
    }
    const batchSize = Number(this.random.between(1n, 5n));
    const relayed = await relayVotes(this.here.box, { ...this.ballot, segment }, votes, { batchSize });
    expect(relayed.accepted.length + relayed.known.length + relayed.rejected.length).to.equal(votes.length);
    if (terms.revotes) expect(relayed.rejected).to.deep.equal([]);
  }

  async protocol(segment: number): Promise<void> {
    const { box, clerk } = this.here;
    const { terms, ballotId } = this.ballot;
    const left = terms.paperElectorate - (await this.recount()).onPaper;
    if (left === 0) return;
    const count = Number(this.random.between(0n, BigInt(left)));
    const spoilt = Number(this.random.between(0n, BigInt(left - count))) || (count === 0 ? 1 : 0);
    const entries = count === 0 ? [] : [{ payload: randomPaper(this.random, terms), count }];
    const officer = clerk.address;
    const head = { ballotId, segment, spoilt, documentHash: id("protocol"), officer };
    const protocol = { ...head, nonce: this.random.bits(256n), deadline: terms.countsUntil };
    const message = { ...protocol, entriesHash: paperEntriesHash(entries), owner: officer };
    const signature = await signProtocol({ ballotBox: box }, clerk, message);
    await box.recordProtocol(protocol, entries, signature);
  }

  /** Does whatever is to be done, and lets time pass where it must. */
  async settle(): Promise<bigint> {
    const { box } = this.here;
    const options: SettlementOptions = {
      secret: KEY.secret,
      reveals: this.#reveals.filter(() => this.random.between(0n, 3n) !== 0n),
      segments: Number(this.random.between(1n, 3n)),
      entries: Number(this.random.between(1n, 4n)),
      groups: Number(this.random.between(1n, 3n)),
      rankings: Number(this.random.between(1n, 4n)),
    };
    for (;;) {
      const { wait } = await settleBallot(box, this.ballot, options);
      if (wait.kind === "finished") return wait.state;
      if (wait.kind === "lot") await networkHelpers.mineUpTo(wait.block);
      else if (wait.for === "close") await this.#open(wait.until);
      else await networkHelpers.time.increaseTo(wait.until);
    }
  }

  async #open(until: bigint): Promise<void> {
    const { terms } = this.ballot;
    for (const segment of [...terms.segments, ...terms.segments]) {
      await this.vote(segment);
      if (terms.secrecy === Secrecy.Public) await this.protocol(segment);
    }
    expect(await compareWithChain(this.here.box, await this.recount()), "while it is open").to.deep.equal([]);
    await networkHelpers.time.increaseTo(until);
    for (const segment of terms.segments) {
      if (terms.secrecy !== Secrecy.Committed) await this.protocol(segment);
    }
  }

  #sequence(voter: bigint): number {
    const { revotes } = this.ballot.terms;
    const sequence = revotes ? (this.#sequences.get(voter) ?? 0) + Number(this.random.between(1n, 3n)) : 1;
    this.#sequences.set(voter, sequence);
    return sequence;
  }

  #placeOf(segment: number, person: number): NamedPlace {
    const index = person * STRIDE;
    return { segment, index, path: tree.pathOf(index).map((sibling) => toBeHex(sibling, 32)) };
  }

  async #signed(segment: number, person: number): Promise<RelayableVote> {
    const { terms, ballotId } = this.ballot;
    const paper = {
      payload: randomPaper(this.random, terms),
      sequence: this.#sequence(BigInt(segment * VOTERS + person)),
      deadline: terms.closesAt,
    };
    const city = { ballotBox: this.here.box };
    return signedVote(city, KEYS[person]!, ballotId, this.#placeOf(segment, person), paper);
  }

  #anonymous(segment: number, person: number): RelayableVote {
    const { terms } = this.ballot;
    const nullifier = BigInt(segment * VOTERS + person + 1);
    const payload = randomPaper(this.random, terms);
    const vote = { nullifier, sequence: this.#sequence(nullifier) };
    const proof = (paperHash: string): ProofWords => {
      const message = messageOf(placeScope(this.place), vote.sequence, paperHash);
      const words = [BigInt(segment + 1), hashSignal(placeScope(this.place)), nullifier, hashSignal(message)];
      const first = BigInt(keccak256(concat(words.map((word) => toBeHex(word, 32)))));
      return [first, 0n, 0n, 0n, 0n, 0n, 0n, 0n];
    };
    if (terms.secrecy === Secrecy.Public) {
      return { ...vote, payload, previous: 0n, proof: proof(payloadHash(payload)) };
    }
    // Some papers are spoilt: sealed for somebody else, or with what no ballot takes.
    const dice = this.random.between(0n, 9n);
    const owner = { nullifier: dice === 0n ? nullifier + 1n : nullifier, scope: placeScope(this.place) };
    const envelope = sealPaper(KEY, dice === 1n ? 1n << 255n : payload, owner);
    return { ...vote, envelope, proof: proof(envelopeHash(envelope)) };
  }

  async #commit(segment: number): Promise<void> {
    const { terms, ballotId } = this.ballot;
    const { box } = this.here;
    for (let person = 0; person < VOTERS; person++) {
      const voter = BigInt(segment * VOTERS + person);
      const again = this.#sequences.has(voter);
      if (this.random.between(0n, 3n) === 0n || (again && !terms.revotes)) continue;
      const place = this.#placeOf(segment, person);
      const payload = this.random.between(0n, 5n) === 0n ? 1n << 255n : randomPaper(this.random, terms);
      const paper = { segment, index: place.index, payload, salt: toBeHex(this.random.bits(256n), 32) };
      const [hash, sequence, deadline] = [BigInt(commitment(this.place, paper)), this.#sequence(voter), terms.closesAt];
      const message = { ballotId, segment, index: place.index, sequence, commitment: hash, deadline };
      const signature = await signCommitment({ ballotBox: box }, KEYS[person]!, message);
      await castVote(
        box,
        this.ballot,
        place,
        { payload: hash, sequence, deadline },
        { voter: KEYS[person]!, signature },
      );
      this.#reveals.push(paper);
    }
  }
}

describe("Ballots by chance", function () {
  for (let seed = 1; seed <= BALLOTS; seed++) {
    it(`are counted from their events as the chain counts them, ballot ${seed}`, async () => {
      const here = await networkHelpers.loadFixture(deployedBallots);
      const random = new Random(seed);
      // The fixture's time is over when many ballots were before this one.
      const now = BigInt(await networkHelpers.time.latest()) + DAY;
      await networkHelpers.time.setNextBlockTimestamp(now);
      const fields = randomFields(random, now);
      const minAnonymity = fields.rollId === NAMED_ROLL ? 0 : VOTERS;
      // Long enough for all votes, of which each is in a second of its own.
      const closesAt = fields.opensAt + DAY;
      const times = { closesAt, countsUntil: closesAt + DAY };
      const terms = ballotTerms({ ...fields, ...times, minAnonymity }, settingOf(fields, now));
      await here.box.publish(terms);
      const story = new Story(random, here, { ballotId: 1, terms });
      const state = await story.settle();
      const recount = await story.recount();
      expect(state).to.equal(BallotState.Final);
      expect(recount.cast).to.be.greaterThan(0);
      expect(await compareWithChain(here.box, recount)).to.deep.equal([]);
      expect(recount.result?.finalAt).to.equal((await here.box.resultOf(1)).finalAt);
    });
  }
});

/** What the box says of a ballot that is not held, or not yet, is what its events say. */
describe("Ballots without a result", function () {
  const KINDS = [
    { kind: BallotKind.Approval, options: 3 },
    { kind: BallotKind.Ranked, rule: Rule.Schulze, options: 3 },
    { kind: BallotKind.Survey, form: packForm([{ kind: "one", choices: 3 }]), options: 0 },
  ];

  async function published(here: Ballots, change: Partial<BallotFields>): Promise<KnownBallot> {
    const now = BigInt(await networkHelpers.time.latest()) + DAY;
    await networkHelpers.time.setNextBlockTimestamp(now);
    const opensAt = now + NOTICE + 11n;
    const times = { freezesAt: now + 10n, opensAt, closesAt: opensAt + DAY };
    const fields = { rollId: NAMED_ROLL, segments: [0, 1, 2], ...times, kind: BallotKind.Single, ...change };
    const texts = textHashes({ en: "Yes or no?" });
    const terms = ballotTerms({ texts, ...fields }, settingOf(fields, now));
    await here.box.publish(terms);
    return { ballotId: 1, terms };
  }

  async function expectSame(here: Ballots, ballot: KnownBallot): Promise<Recount> {
    const recount = await new Story(new Random(1), here, ballot).recount();
    expect(await compareWithChain(here.box, recount)).to.deep.equal([]);
    return recount;
  }

  for (const [number, kind] of KINDS.entries()) {
    it(`agree with the chain before and after they are withdrawn, kind ${number}`, async () => {
      const here = await networkHelpers.loadFixture(deployedBallots);
      const ballot = await published(here, kind);
      await expectSame(here, ballot);
      await networkHelpers.time.increaseTo(ballot.terms.freezesAt + 1n);
      await here.box.freeze(1, ballot.terms, 2);
      const frozen = await expectSame(here, ballot);
      expect(frozen.segments.map(({ root }) => root)).to.deep.equal([tree.root, tree.root, 0n]);
      await here.box.withdraw(1, ballot.terms, id("reason"));
      const withdrawn = await expectSame(here, ballot);
      expect(withdrawn.segments.map(({ root }) => root)).to.deep.equal([0n, 0n, 0n]);
    });
  }

  it("agree with the chain if a segment is too small", async () => {
    const here = await networkHelpers.loadFixture(deployedBallots);
    const anonymous = { rollId: ANONYMOUS_ROLL, minAnonymity: VOTERS, kind: BallotKind.Approval, options: 3 };
    const ballot = await published(here, anonymous);
    await here.census.getFunction("setSegment")(ANONYMOUS_ROLL, 2, 3, VOTERS - 1);
    await networkHelpers.time.increaseTo(ballot.terms.freezesAt + 1n);
    await here.box.freeze(1, ballot.terms, 1);
    await here.box.freeze(1, ballot.terms, 2);
    expect((await here.box.ballotOf(1, [])).state).to.equal(BallotState.Void);
    await expectSame(here, ballot);
  });

  it("are finished without the key where everybody voted on paper", async () => {
    const here = await networkHelpers.loadFixture(deployedBallots);
    const sealed = { secrecy: Secrecy.Sealed, sealX: KEY.x, sealY: KEY.y, paperElectorate: 3 };
    const anonymous = { rollId: ANONYMOUS_ROLL, minAnonymity: VOTERS, options: 2 };
    const now = BigInt(await networkHelpers.time.latest());
    const ballot = await published(here, { ...sealed, ...anonymous, countsUntil: now + NOTICE + 4n * DAY });
    const story = new Story(new Random(3), here, ballot);
    await networkHelpers.time.increaseTo(ballot.terms.freezesAt + 1n);
    await here.box.freeze(1, ballot.terms, 3);
    await networkHelpers.time.increaseTo(ballot.terms.closesAt);
    await story.protocol(1);
    await networkHelpers.time.increaseTo(ballot.terms.countsUntil + 1n);
    const { wait } = await settleBallot(here.box, ballot);
    expect(wait).to.deep.equal({ kind: "finished", state: BallotState.Final });
    await expectSame(here, ballot);
  });
});
