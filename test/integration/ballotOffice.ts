import { expect } from "chai";
import { encodeBytes32String, id, type TransactionRequest, Wallet, ZeroAddress, ZeroHash } from "ethers";
import { network } from "hardhat";

import { BallotKind, RollKind } from "../../sdk/enums.js";
import { PendingError } from "../../sdk/index.js";
import {
  accountLeaf,
  addToRoll,
  applyToRoll,
  BallotTermsError,
  MAX_ENTRANTS,
  publishBallot,
  readBallot,
  readBallotEvents,
  readFrozenRoll,
  recountFromChain,
  RecountError,
  RegistrationError,
  RunnerError,
  settleBallot,
  textHashes,
} from "../../sdk/participation/index.js";
import { BallotBox__factory, Census__factory } from "../../typechain-types/index.js";
import type { Connection } from "./utils/city.js";
import { FOREVER } from "./utils/credentials.js";
import { killedAtEachSend } from "./utils/mortal.js";
import { behind, failureOf, instead, sentBy } from "./utils/nodes.js";
import { deployedPolls, NOTICE, tagOf } from "./utils/polls.js";

/** What an election office does through the SDK, as it is called: registration, publication, and what anybody reads of it. */

const DAY = 86_400n;
const person = (number: number): Wallet => new Wallet(id(`applicant ${number}`));
const connection = await network.create();
const { networkHelpers, provider: node } = connection;

/** Rolls by tags, by tags with a second registrar, by credentials, and anonymous by tags, with a second registrar at hand. */
async function office(connection: Connection) {
  const polls = await deployedPolls(connection);
  const { census, clerk, credentials } = polls;
  const [, second] = await connection.ethers.getSigners();
  await credentials.issue(encodeBytes32String("CENSUS_REGISTRAR"), second!, FOREVER, ZeroHash);
  const terms = { kind: RollKind.Named, depth: 16, segments: 2, growthBp: 0, growthLeast: 0 };
  await census.openRoll({ ...terms, credentialed: false, cosigned: false });
  await census.openRoll({ ...terms, credentialed: false, cosigned: true });
  await census.openRoll({ ...terms, credentialed: true, cosigned: false });
  await census.openRoll({ ...terms, kind: RollKind.Anonymous, credentialed: false, cosigned: false });
  return { ...polls, clerk, second: second! };
}

const load = async () => networkHelpers.loadFixture(office);
const [OPEN, COSIGNED, CREDENTIALED, ANONYMOUS] = [1, 2, 3, 4];

describe("Election office", function () {
  describe("applications", () => {
    const untagged = { rollId: OPEN, segment: 0, deadline: FOREVER };
    const wish = { ...untagged, tag: tagOf(0) };

    it("name the applicant's own account unless they say otherwise, and count how often it was added", async () => {
      const { census } = await load();
      const application = await applyToRoll({ census }, person(0), wish);
      const { consent, ...rest } = application;
      expect(rest).to.deep.equal({
        ...wish,
        holder: person(0).address,
        leaf: accountLeaf(person(0).address),
        times: 0,
      });
      expect(consent.key).to.equal("0x");
      await addToRoll({ census }, [application]);
      expect((await applyToRoll({ census }, person(0), wish)).times).to.equal(1);
      const other = { ...wish, holder: person(2).address, leaf: 5n };
      expect(await applyToRoll({ census }, person(1), other)).to.deep.include({ leaf: 5n, holder: person(2).address });
    });

    it("need a number or a tag, and a holder where the signer has no address", async () => {
      const { census } = await load();
      await expectFault(
        applyToRoll({ census }, person(0), { ...untagged, rollId: CREDENTIALED }),
        RegistrationError,
        `${person(0).address} holds no numbered credential, and a tag was not given`,
      );
      const signer = { signTypedData: async () => Promise.resolve("0x") };
      await expectFault(
        applyToRoll({ census }, signer, wish),
        RegistrationError,
        "the signer has no address, and a holder was not given",
      );
    });

    it("need a commitment where the roll is anonymous", async () => {
      const { census } = await load();
      const secret = { ...wish, rollId: ANONYMOUS };
      const none = "roll 4 is anonymous, and an identity commitment was not given";
      await expectFault(applyToRoll({ census }, person(0), secret), RegistrationError, none);
      expect((await applyToRoll({ census }, person(0), { ...secret, leaf: 9n })).leaf).to.equal(9n);
    });
  });

  describe("registrars", () => {
    it("add somebody once who applies twice", async () => {
      const { census } = await load();
      const wish = { rollId: OPEN, segment: 0, tag: tagOf(0), deadline: FOREVER };
      const first = await applyToRoll({ census }, person(0), wish);
      const again = await applyToRoll({ census }, person(0), { ...wish, deadline: FOREVER - 1n });
      const elsewhere = await applyToRoll({ census }, person(0), { ...wish, segment: 1 });
      const other = await applyToRoll({ census }, person(1), { ...wish, tag: tagOf(1) });
      const { added, known } = await addToRoll({ census }, [first, again, elsewhere, other]);
      expect(added).to.deep.equal([first, other]);
      expect(known).to.deep.equal([again, elsewhere]);
    });

    it("add people of several segments in as many calls as it takes, and go on where they stopped", async () => {
      const { census } = await load();
      const applications = [];
      for (let number = 0; number <= MAX_ENTRANTS.named + 1; number++) {
        const segment = number === 0 ? 1 : 0;
        const wish = { rollId: OPEN, segment, tag: tagOf(number), deadline: FOREVER };
        applications.push(await applyToRoll({ census }, person(number), wish));
      }
      const few = await addToRoll({ census }, applications.slice(0, 3));
      expect([few.added.length, few.known.length, few.receipts.length]).to.deep.equal([3, 0, 2]);
      const rest = await addToRoll({ census }, applications);
      expect([rest.added.length, rest.known, rest.receipts.length]).to.deep.equal([
        MAX_ENTRANTS.named - 1,
        applications.slice(0, 3),
        1,
      ]);
      expect(await census.membersOf(OPEN)).to.equal(MAX_ENTRANTS.named + 2);
      expect(await addToRoll({ census }, [])).to.deep.equal({ added: [], known: [], receipts: [] });
    });

    it("are not sent twice where a registrar is killed while they wait for a block", async () => {
      const { census, clerk } = await load();
      const applications = await Promise.all(
        [0, 1].map(async (segment) => {
          const wish = { rollId: OPEN, segment, tag: tagOf(segment), deadline: FOREVER };
          return applyToRoll({ census }, person(segment), wish);
        }),
      );
      const first = await connection.ethers.provider.getBlockNumber();
      const { killed, last } = await killedAtEachSend(connection, clerk.address, async (signer) =>
        addToRoll({ census: census.connect(signer) }, applications),
      );
      expect([killed, last.added, last.known]).to.deep.equal([2, [], applications]);
      expect(await sentBy(connection, clerk.address, first)).to.deep.equal({ transactions: 2, failed: 0 });
    });

    it("wait as long as they are told to, and say so where that is not at all", async () => {
      const { census } = await load();
      const wish = { rollId: OPEN, segment: 0, tag: tagOf(0), deadline: FOREVER };
      const application = await applyToRoll({ census }, person(0), wish);
      const late = failureOf(addToRoll({ census }, [application], {}, { confirmations: 2, patienceMs: 100 }));
      expect(String(await late)).to.match(/timeout/i);
      await node.request({ method: "evm_setAutomine", params: [false] });
      try {
        const other = await applyToRoll({ census }, person(1), { ...wish, tag: tagOf(1) });
        const unsure = await failureOf(addToRoll({ census }, [other], {}, { confirmations: 0 }));
        expect(unsure).to.be.instanceOf(PendingError);
        expect(unsure.message).to.match(/^Transaction 0x\w{64} was sent and is in no block yet\. The same call waits/);
        const stuck = await failureOf(addToRoll({ census }, [other], {}, { patienceMs: 100 }));
        expect(stuck).to.be.instanceOf(PendingError);
      } finally {
        await node.request({ method: "evm_setAutomine", params: [true] });
        await networkHelpers.mine();
      }
    });

    it("have a second one sign, until the first deadline unless they say otherwise", async () => {
      const { census, clerk, second } = await load();
      const now = BigInt(await networkHelpers.time.latest());
      const applications = await Promise.all(
        [0, 1].map(async (number) => {
          const wish = { rollId: COSIGNED, segment: 0, tag: tagOf(number), deadline: now + DAY * BigInt(2 - number) };
          return applyToRoll({ census }, person(number), wish);
        }),
      );
      await expect(addToRoll({ census }, applications))
        .to.be.revertedWithCustomError(census, "CensusBadCosigner")
        .withArgs(ZeroAddress);
      const cosigner = { identity: second.address, signer: second };
      const late = addToRoll({ census }, applications, { cosigner, deadline: now });
      await expect(late).to.be.revertedWithCustomError(census, "CensusConsentExpired");
      const { added, receipts } = await addToRoll({ census }, applications, { cosigner, registrar: clerk.address });
      expect(added).to.deep.equal(applications);
      const call = census.interface.parseTransaction(await receipts[0]!.getTransaction());
      expect(call?.args.getValue("deadline")).to.equal(now + DAY);
    });

    it("are told of applications to different rolls, and of a census that nobody is connected to", async () => {
      const { census, provider } = await load();
      const [one, two] = await Promise.all(
        [OPEN, COSIGNED].map(async (rollId) =>
          applyToRoll({ census }, person(0), { rollId, segment: 0, tag: tagOf(0), deadline: FOREVER }),
        ),
      );
      await expectFault(addToRoll({ census }, [one!, two!]), RegistrationError, "an application is for roll 2, not 1");
      const reader = Census__factory.connect(await census.getAddress(), provider);
      const none = "the census is connected to nobody who sends";
      await expectFault(addToRoll({ census: reader }, [one!]), RunnerError, none);
    });
  });

  describe("clerks", () => {
    const fieldsAt = (now: bigint) => {
      const freezesAt = now + 3_600n;
      const opensAt = freezesAt + NOTICE + 1n;
      const times = { freezesAt, opensAt, closesAt: opensAt + DAY };
      return {
        ...times,
        rollId: OPEN,
        segments: [0],
        kind: BallotKind.Single,
        options: 2,
        texts: textHashes({ en: "?" }),
      };
    };

    it("publish what anybody reads from the chain, roll and count included", async () => {
      const { box, census, provider } = await load();
      await addToRoll({ census }, [
        await applyToRoll({ census }, person(0), { rollId: OPEN, segment: 0, tag: tagOf(0), deadline: FOREVER }),
      ]);
      const fields = fieldsAt(BigInt(await networkHelpers.time.latest()));
      const { ballotId, receipt, terms } = await publishBallot(box, fields);
      expect(await readBallot(box, ballotId, receipt.blockNumber)).to.deep.equal({ ballotId, terms });
      // As long as the number of the latest block is known from before.
      const late = behind(provider, receipt.blockNumber - 1);
      const source = { ballotBox: await box.getAddress(), ballotId };
      expect((await readBallotEvents(late, source)).map(({ name }) => name)).to.deep.equal(["BallotPublished"]);
      expect(await readBallotEvents(late, { ...source, toBlock: receipt.blockNumber - 1 })).to.deep.equal([]);
      await networkHelpers.time.increaseTo(fields.freezesAt + 1n);
      await box.freeze(ballotId, terms, 1);
      const roll = await readFrozenRoll(box, { ballotId, terms });
      expect(roll.placeOf(tagOf(0))).to.deep.equal({ segment: 0, index: 0, leaf: accountLeaf(person(0).address) });
      const { differences, recount } = await recountFromChain(box, ballotId, receipt.blockNumber);
      expect([differences, recount.electorate, recount.cast]).to.deep.equal([[], 1, 0]);
    });

    it("publish as surely as they say", async () => {
      const { box } = await load();
      const fields = fieldsAt(BigInt(await networkHelpers.time.latest()));
      const late = failureOf(publishBallot(box, fields, { confirmations: 2, patienceMs: 100 }));
      expect(String(await late)).to.match(/timeout/i);
    });

    it("are told of what the box would not take before they send it", async () => {
      const { box } = await load();
      const fields = fieldsAt(BigInt(await networkHelpers.time.latest()));
      await expectFault(publishBallot(box, { ...fields, options: 1 }), BallotTermsError);
      await expectFault(publishBallot(box, { ...fields, freezesAt: 1n }), BallotTermsError);
    });

    it("are told of a box without a chain, and of ballots that are not there", async () => {
      const { box, census } = await load();
      const adrift = BallotBox__factory.connect(await census.getAddress());
      const terms = fieldsAt(0n) as never;
      const unconnected = `contract ${await census.getAddress()} is bound to no provider`;
      await expectFault(publishBallot(adrift, fieldsAt(0n)), RunnerError, unconnected);
      await expectFault(readBallot(adrift, 1), RunnerError, unconnected);
      await expectFault(readFrozenRoll(adrift, { ballotId: 1, terms }), RunnerError, unconnected);
      await expectFault(recountFromChain(adrift, 1), RunnerError, unconnected);
      await expectFault(readBallot(box, 9), RunnerError, "no ballot 9 is published from block 0 on");
      await expectFault(recountFromChain(box, 9), RecountError, "ballot 9 is not published in these events");
    });
  });

  describe("settling", () => {
    /** A ballot of two segments whose census is past. */
    async function dueBallot() {
      const scene = await load();
      const freezesAt = BigInt(await networkHelpers.time.latest()) + 3_600n;
      const opensAt = freezesAt + NOTICE + 1n;
      const { ballotId, terms } = await publishBallot(scene.box, {
        ...{ rollId: OPEN, segments: [0, 1], kind: BallotKind.Single, options: 2, texts: textHashes({ en: "?" }) },
        ...{ freezesAt, opensAt, closesAt: opensAt + DAY },
      });
      await networkHelpers.time.increaseTo(freezesAt + 1n);
      const first = await connection.ethers.provider.getBlockNumber();
      return { ...scene, ballot: { ballotId, terms }, opensAt, first };
    }

    it("sends nothing twice where it is killed while a step waits for a block", async () => {
      const { ballot, box, clerk, first } = await dueBallot();
      const { killed, last } = await killedAtEachSend(connection, clerk.address, async (signer) =>
        settleBallot(box.connect(signer), ballot, { segments: 1 }),
      );
      expect([killed, last.acts, last.wait.kind]).to.deep.equal([2, [], "time"]);
      expect(await sentBy(connection, clerk.address, first)).to.deep.equal({ transactions: 2, failed: 0 });
    });

    it("goes on where somebody else did the step in the same block", async () => {
      const { ballot, box, clerk, first, opensAt, second } = await dueBallot();
      await node.request({ method: "evm_setAutomine", params: [false] });
      // Sent after it, and mined before it.
      const faster = instead(clerk, {
        sendTransaction: async (request: TransactionRequest) => {
          const sent = await clerk.sendTransaction(request);
          const maxPriorityFeePerGas = 50_000_000_000n;
          const ahead = { gasLimit: 1_000_000n, maxPriorityFeePerGas, maxFeePerGas: 2n * maxPriorityFeePerGas };
          await box.connect(second).freeze(ballot.ballotId, ballot.terms, 2, ahead);
          await networkHelpers.mine();
          return sent;
        },
      });
      try {
        const { acts, receipts, wait } = await settleBallot(box.connect(faster), ballot);
        expect([acts, receipts]).to.deep.equal([[], []]);
        expect(wait).to.deep.equal({ kind: "time", for: "opening", until: opensAt });
      } finally {
        await node.request({ method: "evm_setAutomine", params: [true] });
      }
      expect(await sentBy(connection, clerk.address, first)).to.deep.equal({ transactions: 1, failed: 1 });
      expect(await sentBy(connection, second.address, first)).to.deep.equal({ transactions: 1, failed: 0 });
    });

    it("fails as the step fails that nobody else did, and sends it once", async () => {
      const { ballot, box, clerk, first } = await dueBallot();
      const stingy = instead(clerk, {
        sendTransaction: async (request: TransactionRequest) => {
          // Hardhat tells of a failure as it is sent, unless the block comes later.
          await node.request({ method: "evm_setAutomine", params: [false] });
          const sent = await clerk.sendTransaction({ ...request, gasLimit: 45_000n });
          await node.request({ method: "evm_setAutomine", params: [true] });
          await networkHelpers.mine();
          return sent;
        },
      });
      const failure = await failureOf(settleBallot(box.connect(stingy), ballot));
      expect((failure as Error & { code: string }).code).to.equal("CALL_EXCEPTION");
      expect(await sentBy(connection, clerk.address, first)).to.deep.equal({ transactions: 1, failed: 1 });
    });

    it("is not sure of a step that is in no block", async () => {
      const { ballot, box, clerk, first } = await dueBallot();
      await node.request({ method: "evm_setAutomine", params: [false] });
      try {
        expect(await failureOf(settleBallot(box, ballot, { confirmations: 0 }))).to.be.instanceOf(PendingError);
        expect(await failureOf(settleBallot(box, ballot, { patienceMs: 100 }))).to.be.instanceOf(PendingError);
      } finally {
        await node.request({ method: "evm_setAutomine", params: [true] });
        await networkHelpers.mine();
      }
      expect((await settleBallot(box, ballot)).acts).to.deep.equal([]);
      expect(await sentBy(connection, clerk.address, first)).to.deep.equal({ transactions: 1, failed: 0 });
    });
  });
});

/** Fails unless a call throws an error of this class with these words. */
async function expectFault(
  call: Promise<unknown>,
  fault: new (...args: never[]) => Error,
  words?: string,
): Promise<void> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).to.be.instanceOf(fault);
  if (words !== undefined) expect((error as Error).message).to.equal(words);
}
