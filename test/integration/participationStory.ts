import { Identity } from "@semaphore-protocol/identity";
import { expect } from "chai";
import { id, MaxUint256, N as CURVE_ORDER, SigningKey, toBeHex, Wallet, ZeroHash } from "ethers";
import { network } from "hardhat";
import { createRequire } from "node:module";
import { dirname } from "node:path";

import { BallotKind, BallotState, RollKind, Rule, Secrecy, VoteFault } from "../../sdk/enums.js";
import {
  type AnonymousVote,
  type AnonymousVoter,
  anonymousVote,
  type BallotFields,
  ballotPlace,
  castVote,
  checkLot,
  commitment,
  endProving,
  type KnownBallot,
  type NamedPlace,
  nextStep,
  nullifierOf,
  packForm,
  packPaper,
  type Paper,
  placeOnRoll,
  readBallotEvents,
  type Recount,
  recountFromChain,
  relayVotes,
  type Revealed,
  type Roll,
  sealKeyPair,
  sealVote,
  settleBallot,
  type Settlement,
  type SignedVote,
  signedVote,
  type SurveyQuestions,
  textHashes,
  TieRule,
  voterGroup,
} from "../../sdk/participation/index.js";
import { digestOf } from "../../sdk/typedData/messages.js";
import { paperEntriesHash, signCommitment, signProtocol, signVote } from "../../sdk/typedData/participation.js";
import type { BallotBox } from "../../typechain-types/index.js";
import {
  deployedPolls,
  enrol,
  frozenRoll,
  HOUR,
  NOTICE,
  openRoll,
  PROOF_DEPTH,
  type Polls,
  publish,
  tagOf,
} from "./utils/polls.js";

/** Ballots of a town from their publication to a result that is counted anew, with fresh proofs. */

const artifacts = dirname(createRequire(import.meta.url).resolve("@zk-kit/semaphore-artifacts/package.json"));
const DAY = 86_400n;
/** People who vote by name: four in segment 0, three in segment 1. */
const NAMED = 7;
const FIRST_SEGMENT = 4;
const ANONYMOUS = 5;
const KEYS = Array.from({ length: NAMED }, (_, person) => new Wallet(id(`resident ${person}`)));
const SEAL = sealKeyPair((length) => new Uint8Array(length).fill(7));
const texts = textHashes({ de: "Soll die Stadt ...?", en: "Shall the city ...?" });
const SURVEY: SurveyQuestions = [
  { kind: "one", choices: 3 },
  { kind: "many", choices: 4, onlyIf: { question: 0, choice: 2 } },
  { kind: "scale", grades: 5 },
  { kind: "number", bits: 7 },
];

/** All ballots, published on one day, with the census frozen and all of them open. */
async function openBallots(connection: Awaited<ReturnType<typeof network.create>>) {
  const { networkHelpers } = connection;
  const polls = await deployedPolls(connection);
  const identities = Array.from({ length: ANONYMOUS }, (_, person) => new Identity(`neighbour ${person}`));
  const namedRoll = await openRoll(polls, RollKind.Named, 2);
  const anonymousRoll = await openRoll(polls, RollKind.Anonymous, 1);
  const named = KEYS.map((key, person) => ({ key, tag: tagOf(person) }));
  await enrol(polls, namedRoll, 0, named.slice(0, FIRST_SEGMENT));
  await enrol(polls, namedRoll, 1, named.slice(FIRST_SEGMENT));
  await enrol(
    polls,
    anonymousRoll,
    0,
    identities.map(({ commitment: leaf }, person) => ({ key: KEYS[person]!, tag: tagOf(person), commitment: leaf })),
  );
  const freezesAt = BigInt(await networkHelpers.time.latest()) + 2n * HOUR;
  const opensAt = freezesAt + NOTICE + 1n;
  const times = { freezesAt, opensAt, closesAt: opensAt + DAY, countsUntil: opensAt + 2n * DAY, texts };
  const byName = { ...times, rollId: namedRoll, segments: [0, 1] };
  const secretly = { ...times, rollId: anonymousRoll, segments: [0], minAnonymity: ANONYMOUS };
  const fields = {
    /** With a blank option, second thoughts and votes on paper. */
    mayor: {
      ...byName,
      kind: BallotKind.Single,
      options: 4,
      blankLast: true,
      revotes: true,
      paperElectorate: 3,
      turnoutBp: 5_000,
      approvalBp: 4_000,
      segmentsBp: 5_001,
      objectionPeriod: 7n * DAY,
    },
    /** In groups. */
    square: { ...byName, kind: BallotKind.Single, options: 2, approvalBp: 5_000, ofElectorate: true },
    survey: { ...byName, kind: BallotKind.Survey, form: packForm(SURVEY), minCell: 3 },
    council: { ...byName, kind: BallotKind.Quadratic, options: 3, limit: 25, secrecy: Secrecy.Committed },
    ranked: { ...secretly, kind: BallotKind.Ranked, rule: Rule.InstantRunoff, options: 4, tieRule: TieRule.Lot },
    sealed: {
      ...secretly,
      kind: BallotKind.Approval,
      options: 5,
      limit: 3,
      revotes: true,
      secrecy: Secrecy.Sealed,
      sealX: SEAL.x,
      sealY: SEAL.y,
    },
  } satisfies Readonly<Record<string, BallotFields>>;
  const ballots = {} as Record<keyof typeof fields, KnownBallot>;
  for (const name of Object.keys(fields) as (keyof typeof fields)[]) ballots[name] = await publish(polls, fields[name]);
  expect((await nextStep(polls.box, ballots.mayor)).kind, "before the census").to.equal("time");
  await networkHelpers.time.increaseTo(freezesAt + 1n);
  for (const ballot of Object.values(ballots)) {
    const { acts, wait } = await settleBallot(polls.box, ballot, { segments: 1 });
    expect(acts.length, "calls that freeze").to.equal(ballot.terms.segments.length);
    expect(wait).to.deep.equal({ kind: "time", for: "opening", until: opensAt });
  }
  await networkHelpers.time.increaseTo(opensAt);
  const rolls = {
    named: await frozenRoll(polls, RollKind.Named, namedRoll, freezesAt),
    anonymous: await frozenRoll(polls, RollKind.Anonymous, anonymousRoll, freezesAt),
  };
  return { ...polls, ballots, identities, rolls, times, networkHelpers };
}

type Town = Awaited<ReturnType<typeof openBallots>>;

const placeIn = (roll: Roll, person: number): NamedPlace => placeOnRoll(roll, tagOf(person));

function voter({ identities, rolls }: Town, person: number): AnonymousVoter {
  const group = voterGroup(rolls.anonymous.treeOf(0));
  return { identity: identities[person]!, group, depth: PROOF_DEPTH, artifacts };
}

/** Counts a ballot anew, and checks that the chain says the same. */
async function recounted({ box }: Polls, { ballotId }: KnownBallot): Promise<Recount> {
  const { recount, differences } = await recountFromChain(box, ballotId);
  expect(differences).to.deep.equal([]);
  return recount;
}

/** Settles a ballot, and checks that counting anew comes to the same. */
async function settled(town: Town, ballot: KnownBallot, options = {}): Promise<[Recount, Settlement]> {
  const settlement = await settleBallot(town.box, ballot, options);
  expect(settlement.wait).to.deep.equal({ kind: "finished", state: BallotState.Final });
  const recount = await recounted(town, ballot);
  expect(recount.result?.order, "result in the events").to.equal((await town.box.resultOf(ballot.ballotId)).order);
  return [recount, settlement];
}

describe("Ballots of a town", function () {
  after(endProving);

  const town = async (): Promise<Town> => {
    const connection = await network.create();
    return connection.networkHelpers.loadFixture(openBallots);
  };

  it("elect a mayor, with second thoughts and votes on paper", async function () {
    const here = await town();
    const { box, ballots, clerk, networkHelpers, provider, rolls, times } = here;
    const { ballotId, terms } = ballots.mayor;
    const deadline = terms.closesAt;
    const paper = (option: number) => packPaper(terms, { kind: "single", option });
    // The first sends it, the second's is brought, others' go in batches.
    const own = box.connect(KEYS[0]!.connect(provider));
    await clerk.sendTransaction({ to: KEYS[0]!.address, value: 10n ** 18n });
    await castVote(own, ballots.mayor, placeIn(rolls.named, 0), { payload: paper(1), deadline });
    const second = { payload: paper(3), deadline };
    const place = placeIn(rolls.named, 1);
    const signature = await signVote({ ballotBox: box }, KEYS[1]!, { ...second, ballotId, sequence: 1, ...place });
    await castVote(box, ballots.mayor, place, second, { voter: KEYS[1]!, signature });
    await castVote(own, ballots.mayor, placeIn(rolls.named, 0), {
      payload: paper(0),
      previous: paper(1),
      sequence: 2,
      deadline,
    });
    const sign = async (person: number, option: number, sequence = 1) =>
      signedVote({ ballotBox: box }, KEYS[person]!, ballotId, placeIn(rolls.named, person), {
        payload: paper(option),
        sequence,
        deadline,
      });
    const segment = 0;
    // The third votes twice before anything is brought, the second again without a word of what stands.
    const votes = [await sign(2, 2), await sign(2, 0, 2), await sign(1, 0, 2)];
    const stranger = { ...(await sign(3, 1)), index: 2 };
    const relayed = await relayVotes(box, { ...ballots.mayor, segment }, [...votes, stranger], { batchSize: 2 });
    const told = (list: readonly { index: number; sequence: number }[]) =>
      list.map(({ index, sequence }) => [index, sequence]).sort();
    expect(told(relayed.accepted)).to.deep.equal([
      [1, 2],
      [2, 2],
    ]);
    expect(relayed.rejected.map(({ vote, fault }) => [vote.index, vote.sequence, fault])).to.deep.equal([
      [2, 1, VoteFault.StaleSequence],
      [2, 1, VoteFault.StaleSequence],
    ]);
    const again = await relayVotes(box, { ...ballots.mayor, segment }, votes, { batchSize: 2 });
    expect([told(again.known), told(again.accepted), again.receipts.length]).to.deep.equal([
      [
        [1, 2],
        [2, 2],
      ],
      [],
      0,
    ]);
    const others = [await sign(4, 1), await sign(5, 1), await sign(6, 3)];
    const elsewhere = await relayVotes(box, { ...ballots.mayor, segment: 1 }, others);
    expect(elsewhere.accepted.length).to.equal(3);

    await networkHelpers.time.increaseTo(times.closesAt);
    const waiting = await nextStep(box, ballots.mayor);
    expect(waiting).to.deep.equal({ kind: "time", for: "protocols", until: terms.countsUntil + 1n });
    const entries = [{ payload: paper(0), count: 2 }];
    const head = { ballotId, segment: 1, spoilt: 1, documentHash: id("protocol"), officer: clerk.address };
    const protocol = { ...head, nonce: 1n, deadline: terms.countsUntil };
    const message = { ...protocol, entriesHash: paperEntriesHash(entries), owner: clerk.address };
    await box
      .connect(own.runner)
      .recordProtocol(protocol, entries, await signProtocol({ ballotBox: box }, clerk, message));

    const [recount] = await settled(here, ballots.mayor);
    // Segment 0: three for the first. Segment 1: two by name for the second and a blank one, two on paper for the first, who is
    // ahead in one segment of two, which is not more than half.
    expect(recount.outcome).to.deep.include({ tallies: [5n, 2n, 0n, 1n], tied: false, decided: false, passed: false });
    expect([recount.electorate, recount.cast, recount.valid, recount.spoilt, recount.onPaper]).to.deep.equal([
      10, 9, 8, 1, 3,
    ]);
  });

  it("ask about a square in groups of 64 accounts", async function () {
    const here = await town();
    const { box, ballots, networkHelpers, provider, clerk, rolls, times } = here;
    const { ballotId, terms } = ballots.square;
    const own = async (person: number, option: number) => {
      await clerk.sendTransaction({ to: KEYS[person]!.address, value: 10n ** 18n });
      const payload = packPaper(terms, { kind: "single", option });
      const mine = box.connect(KEYS[person]!.connect(provider));
      await castVote(mine, ballots.square, placeIn(rolls.named, person), { payload, deadline: 0n });
    };
    await own(0, 0);
    const deadline = terms.closesAt;
    const votes = await Promise.all(
      [0, 1, 2].map(async (person) =>
        signedVote({ ballotBox: box }, KEYS[person]!, ballotId, placeIn(rolls.named, person), {
          payload: 0n,
          deadline,
        }),
      ),
    );
    const forged = { ...votes[2]!, signature: votes[1]!.signature, index: 3 };
    const late = { ...votes[1]!, index: 3, deadline: 1n };
    const one = await relayVotes(box, { ...ballots.square, segment: 0 }, [...votes, forged], { random: () => 0 });
    expect(one.known).to.deep.equal([votes[0]]);
    expect([...one.accepted].sort((a, b) => a.index - b.index)).to.deep.equal(votes.slice(1));
    expect(one.rejected).to.deep.equal([{ vote: forged, fault: VoteFault.NotInCensus }]);
    const two = await relayVotes(box, { ...ballots.square, segment: 0 }, [late]);
    expect(two.rejected).to.deep.equal([{ vote: late, fault: VoteFault.Expired }]);
    await own(5, 1);
    await recounted(here, ballots.square);

    await networkHelpers.time.increaseTo(times.closesAt);
    const [recount, { acts }] = await settled(here, ballots.square);
    expect(acts.map(({ kind }) => kind)).to.deep.equal(["addUp", "addUp", "finalise"]);
    // Three of seven are no half of the electorate.
    expect(recount.outcome).to.deep.include({ order: [0, 1], tallies: [3n, 1n], decided: false });
    expect([...recount.segments[0]!.groups.values()].map(({ votes: counted }) => counted)).to.deep.equal([
      [3, 0, 0, 0],
    ]);
  });

  it("are relayed, whatever else is handed in under others' names", async function () {
    const { box, ballots, rolls } = await town();
    const { ballotId, terms } = ballots.square;
    const deadline = terms.closesAt;
    const sign = async (person: number, payload: bigint, sequence = 1) =>
      signedVote({ ballotBox: box }, KEYS[person]!, ballotId, placeIn(rolls.named, person), {
        payload,
        sequence,
        deadline,
      });
    const votes = [await sign(0, 0n), await sign(1, 1n), await sign(2, 0n), await sign(3, 1n)];
    const [first, second, third, fourth] = votes as [SignedVote, SignedVote, SignedVote, SignedVote];
    const hostile: [SignedVote, bigint][] = [
      // Before the voter's own, or seemingly newer.
      [{ ...first, payload: 1n }, VoteFault.NotInCensus],
      [{ ...first, signature: second.signature }, VoteFault.NotInCensus],
      [{ ...second, sequence: 2 ** 32 - 1 }, VoteFault.NotInCensus],
      [await sign(2, 1n, 2), VoteFault.StaleSequence],
      // No signatures, and what cannot be put into a call.
      [{ ...third, signature: { r: toBeHex(5n, 32), vs: ZeroHash } }, VoteFault.BadSignature],
      [{ ...third, signature: { r: ZeroHash, vs: toBeHex(MaxUint256) } }, VoteFault.BadSignature],
      [{ ...third, signature: { ...third.signature, vs: toBeHex(MaxUint256) } }, VoteFault.BadSignature],
      [await signedByNobody(box, ballotId, third), VoteFault.BadSignature],
      [{ ...third, sequence: 2 ** 32 }, VoteFault.BadSignature],
      [{ ...fourth, previous: -1n }, VoteFault.BadSignature],
      [{ ...fourth, payload: 9n }, VoteFault.NotInCensus],
      [{ ...fourth, path: Array<string>(33).fill(ZeroHash) }, VoteFault.NotInCensus],
    ];
    const all = [...hostile.map(([vote]) => vote), ...votes];
    const relayed = await relayVotes(box, { ...ballots.square, segment: 0 }, all);
    expect([...relayed.accepted].sort((a, b) => a.index - b.index)).to.deep.equal(votes);
    expect(relayed.receipts.length).to.equal(1);
    expect(relayed.rejected.length).to.equal(hostile.length);
    for (const [vote, fault] of hostile) {
      expect(relayed.rejected.find((other) => other.vote === vote)?.fault).to.equal(fault);
    }
  });

  it("are relayed for accounts that have code meanwhile, also if others write their names on votes", async function () {
    const { box, ballots, networkHelpers, rolls } = await town();
    const { ballotId, terms } = ballots.square;
    const vote = await signedVote({ ballotBox: box }, KEYS[0]!, ballotId, placeIn(rolls.named, 0), {
      payload: 0n,
      deadline: terms.closesAt,
    });
    // Code that reverts, and so confirms no signature. The key is the account's as before.
    await networkHelpers.setCode(KEYS[0]!.address, "0x5f5ffd");
    const forged = { ...vote, payload: 1n };
    const relayed = await relayVotes(box, { ...ballots.square, segment: 0 }, [forged, vote]);
    expect(relayed.accepted).to.deep.equal([vote]);
    expect(relayed.rejected).to.deep.equal([{ vote: forged, fault: VoteFault.NotInCensus }]);
  });

  it("put questions, and hide what few answered", async function () {
    const here = await town();
    const { box, ballots, networkHelpers, rolls, times } = here;
    const { ballotId, terms } = ballots.survey;
    const answers: Extract<Paper, { kind: "survey" }>["answers"][] = [
      [2, [1, 3], 5, 30],
      [2, [3], 4, 44],
      [2, null, 4],
      [1, null, 1, 12],
      [2, [1], null, 99],
      [2, [1, 4], 4],
      [3],
    ];
    for (const segment of [0, 1]) {
      const people = [...answers.keys()].filter((person) => (person < FIRST_SEGMENT ? 0 : 1) === segment);
      const votes = [];
      for (const person of people) {
        const payload = packPaper(terms, { kind: "survey", answers: answers[person]! });
        const paper = { payload, deadline: terms.closesAt };
        votes.push(await signedVote({ ballotBox: box }, KEYS[person]!, ballotId, placeIn(rolls.named, person), paper));
      }
      expect((await relayVotes(box, { ...ballots.survey, segment }, votes)).accepted.length).to.equal(votes.length);
    }
    await networkHelpers.time.increaseTo(times.closesAt);
    const [recount] = await settled(here, ballots.survey);
    expect(recount.cells).to.deep.equal([
      [1n, 5n, 1n],
      [3n, 0n, 2n, 1n],
      [1n, 0n, 0n, 3n, 1n],
      [4n, 185n],
    ]);
    expect(recount.shownCells[0]).to.deep.equal([null, null, null]);
    expect(recount.shownCells[3]).to.deep.equal([4n, 185n]);
    expect(recount.result?.order).to.equal(0n);
  });

  it("let a council commit and reveal", async function () {
    const here = await town();
    const { box, ballots, networkHelpers, rolls, times } = here;
    const { ballotId, terms } = ballots.council;
    const place = await ballotPlace(box, ballotId);
    const votes: Revealed[] = [
      [3, 4],
      [0, 5],
      [5, 1],
      [1, 2, 2],
    ].map((counts, person) => {
      const { segment, index } = placeIn(rolls.named, person);
      // The third has more credits than there are, which nobody sees before.
      const payload = counts.reduce((word, count, option) => word | (BigInt(count) << BigInt(8 * option)), 0n);
      return { segment, index, payload, salt: id(`salt ${person}`) };
    });
    for (const [person, vote] of votes.entries()) {
      const hash = commitment(place, vote);
      expect(hash).to.equal(await box.commitmentOf(ballotId, vote.segment, vote.index, vote.payload, vote.salt));
      const { segment, index } = vote;
      const message = { ballotId, segment, index, sequence: 1, commitment: BigInt(hash), deadline: terms.closesAt };
      const signature = await signCommitment({ ballotBox: box }, KEYS[person]!, message);
      const paper = { payload: BigInt(hash), deadline: terms.closesAt };
      await castVote(box, ballots.council, placeIn(rolls.named, person), paper, { voter: KEYS[person]!, signature });
    }
    await networkHelpers.time.increaseTo(times.closesAt);
    // The last does not reveal, and a reveal that nobody committed to is left aside.
    const stray = { ...votes[0]!, salt: ZeroHash };
    const { acts, wait } = await settleBallot(box, ballots.council, { reveals: [stray, ...votes.slice(0, 3)] });
    expect(acts.map(({ kind }) => kind)).to.deep.equal(["reveal"]);
    expect(wait).to.deep.equal({ kind: "time", for: "reveals", until: terms.countsUntil + 1n });
    await networkHelpers.time.increaseTo(terms.countsUntil + 1n);
    const [recount] = await settled(here, ballots.council);
    expect(recount.outcome).to.deep.include({ order: [1, 0, 2], tallies: [3n, 9n, 0n], decided: true, passed: false });
    expect([recount.cast, recount.valid, recount.spoilt, recount.hidden]).to.deep.equal([4, 2, 1, 1]);
  });

  it("rank in secret who voted, and draw lots between equals", async function () {
    const here = await town();
    const { box, ballots, networkHelpers, provider, times } = here;
    const { ballotId, terms } = ballots.ranked;
    const place = await ballotPlace(box, ballotId);
    const orders = [[0, 1], [1, 0], [2, 1], [3, 0], []];
    const votes: AnonymousVote[] = [];
    for (const [person, order] of orders.entries()) {
      const payload = packPaper(terms, { kind: "ranked", levels: order.map((option) => [option]) });
      votes.push(await anonymousVote(place, voter(here, person), { payload }));
    }
    expect(votes.map(({ nullifier }) => nullifier)).to.deep.equal(
      here.identities.map((identity) => nullifierOf(identity, place)),
    );
    const changed = { ...votes[4]!, payload: 2n };
    const first = await relayVotes(box, { ...ballots.ranked, segment: 0 }, [...votes.slice(0, 4), changed], {
      batchSize: 3,
    });
    expect([first.accepted.length, first.receipts.length]).to.deep.equal([4, 2]);
    expect(first.rejected).to.deep.equal([{ vote: changed, fault: VoteFault.BadProof }]);
    // So many proofs that fail that no transaction has gas to find them all, and one that seems to be newer than the voter's own.
    const forged = Array.from({ length: 79 }, (_, name) => ({ ...votes[4]!, nullifier: BigInt(name + 1) }));
    forged.push({ ...votes[4]!, sequence: 2 ** 32 - 1 });
    const rest = await relayVotes(box, { ...ballots.ranked, segment: 0 }, [...forged, ...votes]);
    expect([rest.known.length, rest.accepted]).to.deep.equal([4, [votes[4]]]);
    expect(rest.rejected.map(({ fault }) => fault)).to.deep.equal(forged.map(() => VoteFault.BadProof));

    await networkHelpers.time.increaseTo(times.closesAt);
    const { acts, wait } = await settleBallot(box, ballots.ranked);
    expect(acts.map(({ kind }) => kind)).to.deep.equal(["drawLot"]);
    expect(wait.kind).to.equal("lot");
    await networkHelpers.mine(8);
    // Two rankings in a call, so that the count goes through several.
    const [recount, settlement] = await settled(here, ballots.ranked, { rankings: 2 });
    expect(settlement.acts.filter(({ kind }) => kind === "countRounds").length).to.be.greaterThan(2);
    expect(recount.outcome?.rounds[0]).to.deep.include({ tallies: [1n, 1n, 1n, 1n], exhausted: 1n, tied: true });
    expect(await checkLot(provider, await readBallotEvents(provider, place), place)).to.equal(true);
  });

  it("seal papers until the close", async function () {
    const here = await town();
    const { box, ballots, networkHelpers, times } = here;
    const { ballotId, terms } = ballots.sealed;
    const place = await ballotPlace(box, ballotId);
    const approvals = [[0, 1], [1], [1, 2, 3], [4]];
    const paper = (approved: readonly number[]) => packPaper(terms, { kind: "approval", approved });
    const votes = [];
    for (const [person, approved] of approvals.entries()) {
      votes.push(await sealVote(place, SEAL, voter(here, person), { payload: paper(approved) }));
    }
    // One thinks again, and one approves of more than it may.
    const again = await sealVote(place, SEAL, voter(here, 0), { payload: paper([0, 4]), sequence: 2 });
    const greedy = await sealVote(place, SEAL, voter(here, 4), { payload: 0b11111n });
    const segment = 0;
    await relayVotes(box, { ...ballots.sealed, segment }, votes);
    const relayed = await relayVotes(box, { ...ballots.sealed, segment }, [greedy, again, votes[0]!, votes[1]!]);
    expect([relayed.accepted.length, relayed.known.length, relayed.rejected.length]).to.deep.equal([2, 1, 1]);
    const copy = { ...votes[1]!, nullifier: votes[2]!.nullifier, sequence: 2 };
    const refused = await relayVotes(box, { ...ballots.sealed, segment }, [copy]);
    expect(refused.rejected).to.deep.equal([{ vote: copy, fault: VoteFault.BadProof }]);

    await networkHelpers.time.increaseTo(times.closesAt);
    await recounted(here, ballots.sealed);
    const wrong = await settleBallot(box, ballots.sealed, { secret: SEAL.secret + 1n });
    expect(wrong.wait).to.deep.equal({ kind: "time", for: "key", until: terms.countsUntil + 1n });
    const [recount, { acts }] = await settled(here, ballots.sealed, { secret: SEAL.secret, entries: 2 });
    expect(acts.map(({ kind }) => kind)).to.deep.equal(["releaseKey", "open", "open", "open", "finalise"]);
    expect(recount.outcome).to.deep.include({ order: [1, 4, 0, 2, 3], tallies: [1n, 2n, 1n, 1n, 2n], tied: true });
    expect([recount.cast, recount.valid, recount.spoilt, recount.segments[0]!.entries]).to.deep.equal([5, 4, 1, 6]);
  });
});

/** A vote whose signature leads to no key at all, but only together with what is signed. */
async function signedByNobody(box: BallotBox, ballotId: number, vote: SignedVote): Promise<SignedVote> {
  const { index, sequence, payload, deadline } = vote;
  const message = { ballotId, segment: 0, index, sequence, payload, deadline };
  const digest = BigInt(await digestOf(box, "Vote", message));
  // With the nonce 1 r is the generator's x. With s = digest the key would be zero; of s and its twin one counts.
  const key = SigningKey.computePublicKey(toBeHex(1n, 32), true);
  const s = digest % CURVE_ORDER;
  const odd = BigInt(key.slice(0, 4)) === 3n;
  const [lower, parity] = s * 2n > CURVE_ORDER ? [CURVE_ORDER - s, !odd] : [s, odd];
  const vs = toBeHex(((parity ? 1n : 0n) << 255n) | lower, 32);
  return { ...vote, signature: { r: toBeHex(`0x${key.slice(4)}`, 32), vs } };
}
