import { expect } from "chai";
import { HDNodeWallet, id, Wallet } from "ethers";
import { network } from "hardhat";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as files from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { MNEMONIC } from "../../scripts/e2e/client.js";
import { Door } from "../../scripts/faults/door.js";
import { liveAndDie } from "../../scripts/faults/lives.js";
import { BallotKind, RollKind } from "../../sdk/enums.js";
import { SteadyProvider } from "../../sdk/index.js";
import {
  fileStore,
  packPaper,
  placeOnRoll,
  readBallotEvents,
  recountFromChain,
  relayVotes,
  settleBallot,
  type SignedVote,
  signedVote,
  StoredVoteError,
  textHashes,
  VoteQueue,
} from "../../sdk/participation/index.js";
import type { Connection } from "./utils/city.js";
import { chanceFor, KILLS, Lives, moments, type Mortality, SEED } from "./utils/mortal.js";
import { failureOf, openNode, sentBy } from "./utils/nodes.js";
import { plain } from "./utils/plain.js";
import { deployedPolls, enrol, frozenRoll, HOUR, NOTICE, openRoll, publish, tagOf } from "./utils/polls.js";

/** The relayer of votes, killed wherever it asks its node something, with blocks that are replaced, and with a line that is cut. */

const VOTERS = 20;
const BATCH = 4;
const OPTIONS = 3;
/** Times that the votes are brought, so that kills fall everywhere on the way. */
const LIFETIMES = 10;
/** Kills of real processes, which take seconds each. */
const PROCESS_KILLS = 3;
const DAY = 86_400n;

const connection = await network.create();
const { networkHelpers, provider } = connection;

/** An open ballot that takes second thoughts, and a vote of each voter. */
async function openBallot(here: Connection) {
  const polls = await deployedPolls(here);
  const { box } = polls;
  const rollId = await openRoll(polls, RollKind.Named, 1);
  const voters = Array.from({ length: VOTERS }, (_, number) => ({
    key: new Wallet(id(`voter ${number}`)),
    tag: tagOf(number),
  }));
  await enrol(polls, rollId, 0, voters);
  const freezesAt = BigInt(await here.networkHelpers.time.latest()) + 2n * HOUR;
  const opensAt = freezesAt + NOTICE + 1n;
  const closesAt = opensAt + DAY;
  const ballot = await publish(polls, {
    ...{ rollId, segments: [0], kind: BallotKind.Single, options: OPTIONS, revotes: true },
    ...{ freezesAt, opensAt, closesAt, texts: textHashes({ en: "Who?" }) },
  });
  await here.networkHelpers.time.increaseTo(freezesAt + 1n);
  await settleBallot(box, ballot);
  await here.networkHelpers.time.increaseTo(opensAt);
  const roll = await frozenRoll(polls, RollKind.Named, rollId, freezesAt);
  const votes = await Promise.all(
    voters.map(async ({ key, tag }, number) =>
      signedVote({ ballotBox: box }, key, ballot.ballotId, placeOnRoll(roll, tag), {
        payload: packPaper(ballot.terms, { kind: "single", option: number % OPTIONS }),
        deadline: closesAt,
      }),
    ),
  );
  const [, relayer, other] = await here.ethers.getSigners();
  return { ...polls, ballot: { ...ballot, segment: 0 }, votes, relayer: relayer!, other: other!, closesAt };
}

type Open = Awaited<ReturnType<typeof openBallot>>;

/** How often each vote stands in the events, and what the count comes to, by the box and counted anew. */
async function outcomeOf({ ballot, box, closesAt, provider: chain }: Open) {
  const events = await readBallotEvents(chain, {
    ballotBox: await box.getAddress(),
    ballotId: ballot.ballotId,
    fromBlock: 0,
  });
  const cast = events.flatMap((event) => (event.name === "VoteRecorded" ? [event.voter] : []));
  if (BigInt(await networkHelpers.time.latest()) < closesAt) await networkHelpers.time.increaseTo(closesAt);
  await settleBallot(box, ballot);
  const { differences, recount } = await recountFromChain(box, ballot.ballotId);
  expect(differences).to.deep.equal([]);
  return { voters: cast.length, different: new Set(cast).size, cast: recount.cast, tallies: recount.outcome?.tallies };
}

describe(`Relayer under faults (seed ${SEED})`, function () {
  const folder = mkdtempSync(join(tmpdir(), "civitas-relayer-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const load = async (): Promise<Open> => networkHelpers.loadFixture(openBallot);
  let stores = 0;

  /** A queue on disk that has taken all votes. */
  async function fullQueue(votes: readonly SignedVote[]): Promise<string> {
    const path = join(folder, `votes-${++stores}`);
    const queue = new VoteQueue<SignedVote>(fileStore(files, path));
    for (const vote of votes) await queue.take(vote);
    return path;
  }

  const expected = { voters: VOTERS, different: VOTERS, cast: VOTERS, tallies: [7n, 7n, 6n] };
  const sent = { transactions: VOTERS / BATCH, failed: 0 };

  async function relayWith(when: Mortality) {
    const open = await load();
    const { ballot, box, relayer, votes } = open;
    const path = await fullQueue(votes);
    const first = await connection.ethers.provider.getBlockNumber();
    const lives = new Lives(provider, when);
    const relayed = await lives.live(relayer.address, async (signer) =>
      new VoteQueue<SignedVote>(fileStore(files, path)).relay(box.connect(signer), ballot, { batchSize: BATCH }),
    );
    expect(relayed.accepted.length + relayed.known.length).to.equal(VOTERS);
    return { lives, sent: await sentBy(connection, relayer.address, first), outcome: await outcomeOf(open) };
  }

  it(`brings every vote once, killed at ${KILLS} random requests`, async function () {
    const calm = await relayWith([]);
    expect([calm.outcome, calm.sent]).to.deep.equal([expected, sent]);
    let killed = 0;
    for (let lifetime = 0; lifetime < LIFETIMES; ++lifetime) {
      const when = moments(`relayer ${lifetime}`, calm.lives.requests, KILLS / LIFETIMES);
      const relayed = await relayWith(when);
      expect([relayed.outcome, relayed.sent], JSON.stringify(when)).to.deep.equal([expected, sent]);
      killed += relayed.lives.killed;
    }
    expect(killed).to.equal(KILLS);
  });

  it("brings every vote once when what it sent waits for a block while it is killed", async function () {
    const open = await load();
    const { ballot, box, relayer, votes } = open;
    const path = await fullQueue(votes);
    const first = await connection.ethers.provider.getBlockNumber();
    const lives = new Lives(provider, (_, method) => (method === "eth_sendTransaction" ? "after" : undefined));
    await provider.request({ method: "evm_setAutomine", params: [false] });
    const miner = setInterval(() => void networkHelpers.mine(), 400);
    try {
      await lives.live(relayer.address, async (signer) =>
        new VoteQueue<SignedVote>(fileStore(files, path)).relay(box.connect(signer), ballot, { batchSize: BATCH }),
      );
    } finally {
      clearInterval(miner);
      await provider.request({ method: "evm_setAutomine", params: [true] });
    }
    expect(lives.killed).to.equal(sent.transactions);
    expect([await outcomeOf(open), await sentBy(connection, relayer.address, first)]).to.deep.equal([expected, sent]);
  });

  it("brings again what was in blocks that were replaced", async function () {
    const open = await load();
    const { ballot, box, other, relayer, votes } = open;
    const queue = new VoteQueue<SignedVote>(fileStore(files, await fullQueue(votes)));
    const chance = chanceFor("relayer reorganised");
    for (let fall = 0; fall < 5; ++fall) {
      const snapshot = await networkHelpers.takeSnapshot();
      const { receipts } = await queue.relay(box.connect(relayer), ballot, { batchSize: BATCH });
      expect(receipts.length).to.be.greaterThan(0);
      await snapshot.restore();
      // Others come in their place: of a stranger, and one of the votes, brought by its voter's friend.
      await other.sendTransaction({ to: other.address, value: 1n });
      const friend = votes[chance.whole(0, VOTERS - 1)]!;
      await relayVotes(box.connect(other), ballot, [friend]);
    }
    const last = await queue.relay(box.connect(relayer), ballot, { batchSize: BATCH });
    expect(last.rejected).to.deep.equal([]);
    expect(await outcomeOf(open)).to.deep.equal(expected);
  });

  describe("as a process of its own", function () {
    let node: Awaited<ReturnType<typeof openNode>>;
    let door: Door;

    before(async function () {
      node = await openNode(provider);
      door = await Door.open(node.url);
    });

    after(async function () {
      await door.close();
      await node.close();
    });

    it(`brings every vote once, killed ${PROCESS_KILLS} times by the system`, async function () {
      const open = await load();
      const { ballot, box, relayer, votes } = open;
      const told = JSON.stringify(
        {
          url: door.url,
          box: await box.getAddress(),
          ballot,
          store: await fullQueue(votes),
          sender: relayer.address,
          batchSize: BATCH,
        },
        plain,
      );
      const first = await connection.ethers.provider.getBlockNumber();
      // In the middle of looking votes up, and around the first batches.
      const when = moments("relayer process", 40, PROCESS_KILLS);
      const { killed } = await liveAndDie("test/programs/relayerLife.ts", [told], door, when);
      expect(killed).to.equal(PROCESS_KILLS);
      expect([await outcomeOf(open), await sentBy(connection, relayer.address, first)]).to.deep.equal([expected, sent]);
    });

    it("brings every vote once over a line that is cut, silent or busy", async function () {
      const open = await load();
      const { ballot, box, relayer, votes } = open;
      const chance = chanceFor("relayer line");
      let faults = 0;
      door.judge = () => {
        if (chance.whole(0, 5) > 0) return "answer";
        faults += 1;
        return chance.pick(["cutBefore", "cutAfter", "busy", "silence"] as const);
      };
      const steady = await SteadyProvider.connect(door.url, { tries: 8, timeoutMs: 400, pauseMs: 5 });
      steady.pollingInterval = 10;
      const wallet = HDNodeWallet.fromPhrase(MNEMONIC, "", "m/44'/60'/0'/0/1").connect(steady);
      expect(wallet.address).to.equal(relayer.address);
      const first = await connection.ethers.provider.getBlockNumber();
      await relayVotes(box.connect(wallet), ballot, votes, { batchSize: BATCH });
      door.judge = undefined;
      steady.destroy();
      expect(faults).to.be.greaterThan(5);
      expect([await outcomeOf(open), await sentBy(connection, relayer.address, first)]).to.deep.equal([expected, sent]);
    });
  });

  describe("queue", function () {
    it("gives back what it took, in its order, and nothing that was cut short", async function () {
      const { votes } = await load();
      const path = await fullQueue(votes.slice(0, 2));
      const whole = readFileSync(path, "utf8");
      appendFileSync(path, whole.slice(0, 50));
      const again = new VoteQueue<SignedVote>(fileStore(files, path));
      expect(await again.votes()).to.deep.equal(votes.slice(0, 2));
      await Promise.all(votes.slice(2, 5).map(async (vote) => again.take(vote)));
      expect(await again.votes()).to.deep.equal(votes.slice(0, 5));
      expect(await new VoteQueue(fileStore(files, join(folder, "none"))).votes()).to.deep.equal([]);
    });

    it("brings every vote though others handed in what is none", async function () {
      const open = await load();
      const { ballot, box, relayer, votes } = open;
      const queue = new VoteQueue<SignedVote>(fileStore(files, join(folder, "hostile")));
      const [first, second] = votes as [SignedVote, SignedVote];
      const refused = [undefined, { ...first, payload: { whole: "no number" } }] as unknown as SignedVote[];
      for (const vote of refused) {
        const failure = await failureOf(queue.take(vote));
        expect(failure).to.be.instanceOf(StoredVoteError);
        expect(failure.message).to.match(/^what is to be stored is no vote: /);
      }
      const hostile = [
        null,
        {},
        // Of another kind, and one whose number is a string or of another type.
        { nullifier: 1n, sequence: 1, envelope: {}, proof: [] },
        { ...first, sequence: 2n },
        { ...second, sequence: "2" },
        { ...first, path: Array.from({ length: 5_000 }, () => id("sibling")) },
      ] as unknown as SignedVote[];
      for (const vote of [...hostile, ...votes]) await queue.take(vote);
      const { accepted, rejected } = await queue.relay(box.connect(relayer), ballot, { batchSize: BATCH });
      expect([accepted.length, rejected.length]).to.deep.equal([VOTERS, hostile.length]);
      expect(await outcomeOf(open)).to.deep.equal(expected);
    });

    it("says what to do where votes are sent without waiting for a block", async function () {
      const { ballot, box, relayer, votes } = await load();
      const queue = new VoteQueue<SignedVote>(fileStore(files, await fullQueue(votes)));
      const send = async () => queue.relay(box.connect(relayer), ballot, { confirmations: 0, patienceMs: 200 });
      await provider.request({ method: "evm_setAutomine", params: [false] });
      try {
        expect((await failureOf(send())).message).to.equal(
          "votes were sent and are in no block yet; the same call waits for them, and goes on",
        );
        expect((await failureOf(send())).name).to.equal("PendingError");
      } finally {
        await provider.request({ method: "evm_setAutomine", params: [true] });
        await networkHelpers.mine();
      }
      expect((await send()).known.length).to.equal(VOTERS);
    });

    it("names a line that is no vote", async function () {
      const path = join(folder, "bad");
      writeFileSync(path, "{}\nvote\n");
      const failure = await failureOf(new VoteQueue(fileStore(files, path)).votes());
      expect(failure).to.be.instanceOf(StoredVoteError);
      expect(failure.message).to.equal("line 2 of the store is no vote: vote");
    });
  });
});
