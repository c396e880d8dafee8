import { expect } from "chai";
import { encodeBytes32String, id, Wallet, ZeroAddress, ZeroHash } from "ethers";
import { network } from "hardhat";

import { BallotKind, RollKind } from "../../sdk/enums.js";
import {
  accountLeaf,
  addToRoll,
  applyToRoll,
  BallotTermsError,
  MAX_ENTRANTS,
  publishBallot,
  readBallot,
  readFrozenRoll,
  recountFromChain,
  RecountError,
  RegistrationError,
  RunnerError,
  textHashes,
} from "../../sdk/participation/index.js";
import { BallotBox__factory, Census__factory } from "../../typechain-types/index.js";
import type { Connection } from "./utils/city.js";
import { FOREVER } from "./utils/credentials.js";
import { deployedPolls, NOTICE, tagOf } from "./utils/polls.js";

/** What an election office does through the SDK, as it is called: registration, publication, and what anybody reads of it. */

const DAY = 86_400n;
const person = (number: number): Wallet => new Wallet(id(`applicant ${number}`));
const { networkHelpers } = await network.create();

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
      const { box, census } = await load();
      await addToRoll({ census }, [
        await applyToRoll({ census }, person(0), { rollId: OPEN, segment: 0, tag: tagOf(0), deadline: FOREVER }),
      ]);
      const fields = fieldsAt(BigInt(await networkHelpers.time.latest()));
      const { ballotId, receipt, terms } = await publishBallot(box, fields);
      expect(await readBallot(box, ballotId, receipt.blockNumber)).to.deep.equal({ ballotId, terms });
      await networkHelpers.time.increaseTo(fields.freezesAt + 1n);
      await box.freeze(ballotId, terms, 1);
      const roll = await readFrozenRoll(box, { ballotId, terms });
      expect(roll.placeOf(tagOf(0))).to.deep.equal({ segment: 0, index: 0, leaf: accountLeaf(person(0).address) });
      const { differences, recount } = await recountFromChain(box, ballotId, receipt.blockNumber);
      expect([differences, recount.electorate, recount.cast]).to.deep.equal([[], 1, 0]);
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
      const unconnected = "the ballot box is connected to no chain";
      await expectFault(publishBallot(adrift, fieldsAt(0n)), RunnerError, unconnected);
      await expectFault(readBallot(adrift, 1), RunnerError, unconnected);
      await expectFault(readFrozenRoll(adrift, { ballotId: 1, terms }), RunnerError, unconnected);
      await expectFault(recountFromChain(adrift, 1), RunnerError, unconnected);
      await expectFault(readBallot(box, 9), RunnerError, "no ballot 9 is published from block 0 on");
      await expectFault(recountFromChain(box, 9), RecountError, "ballot 9 is not published in these events");
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
