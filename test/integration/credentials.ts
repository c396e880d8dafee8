import { expect } from "chai";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { encodeBytes32String, id, Wallet, ZeroHash } from "ethers";
import { network } from "hardhat";

import { typeIdOf } from "../../ignition/credentials.js";
import {
  appointKey,
  type AttributeProof,
  AttributeTree,
  bitOf,
  checkCredential,
  credentialTypeId,
  credentialTypeName,
  Issuer,
  MAX_GRANTS,
  MAX_LIST_LENGTH,
  MIN_LIST_LENGTH,
  parseStatusListUrl,
  placesOf,
  positionOf,
  predicateIdOf,
  predicateLeaf,
  present,
  randomAttributeSalt,
  readStatusList,
  signAttribute,
  Standing,
  standingInWords,
  StatusList,
  statusEntries,
  statusListCredential,
  statusListUrl,
  verifyAttribute,
  wordsOf,
} from "../../sdk/identity/index.js";
import {
  buildAccreditationGrant,
  buildIssuance,
  digestOf,
  explainRevert,
  type MessageSigner,
  NO_SIGNATURE,
  p256AccountOf,
  signAccreditationGrant,
  signAccreditationWithdrawal,
  signIssuance,
  signStandingChange,
  withNonce,
} from "../../sdk/index.js";
import { SoftwareP256Key } from "../../sdk/p256Keys.js";
import { type Connection, deployedCity } from "./utils/city.js";
import { FOREVER } from "./utils/credentials.js";
import { killedAtEachSend } from "./utils/mortal.js";
import { sentBy } from "./utils/nodes.js";
import { Random } from "./utils/random.js";

const DAY = 86_400n;
const RESIDENT = "RESIDENT";
const TESTER = "BATTERY_TESTER";
const LIST = 7n;
const PURPOSE = id("library card");
/** Example of W3C Bitstring Status List 1.0: 131,072 entries, none set. */
const W3C_EXAMPLE = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";

const connection = await network.create();
const { networkHelpers } = connection;
const { time } = networkHelpers;

type Office = Awaited<ReturnType<typeof office>>;

/** Fixture: an office whose identity's key lies in a safe, with an issuing key, accredited for two types. */
async function office(chain: Connection) {
  const city = await deployedCity(chain);
  const [key, relayer, verifier, stranger, newKey] = city.people;
  const safe = new Wallet(id("office"));
  const until = BigInt(await chain.networkHelpers.time.latest()) + 365n * DAY;
  const deadline = until;
  await appointKey(
    { credentials: city.credentials.connect(key) },
    { issuer: safe.address, key: key!.address, until, deadline, ownerSigner: safe },
  );
  const registry = new Issuer(city, city.actors.registry);
  const accreditor = new Issuer(city, city.actors.accreditor);
  await registry.accredit(RESIDENT, safe.address, until, true);
  await accreditor.accredit(TESTER, safe.address, until);
  return {
    ...city,
    safe,
    key: key!,
    relayer: relayer!,
    verifier: verifier!,
    stranger: stranger!,
    newKey: newKey!,
    until,
    deadline,
    registry,
    accreditor,
    issuer: new Issuer(city, key!),
    person: new Wallet(id("person")),
    otherPerson: new Wallet(id("other person")),
  };
}

async function setUp(): Promise<Office> {
  return networkHelpers.loadFixture(office);
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.fail("the call did not fail"),
    (error: unknown) => error,
  );
}

describe("SDK of credentials", () => {
  describe("names", () => {
    it("number the standings as the contract does, and put each in words", () => {
      const source = readFileSync(new URL("../../contracts/identity/ICredentials.sol", import.meta.url), "utf8");
      const body = /enum Standing \{([^}]*)\}/.exec(source.replace(/\/\/.*$/gm, ""))![1]!;
      const names = body.split(",").map((name) => name.trim());
      expect(Standing).to.deep.equal(Object.fromEntries(names.map((name, index) => [name, BigInt(index)])));
      const words = new Set(Object.values(Standing).map(standingInWords));
      expect(words.size).to.equal(names.length);
      expect(standingInWords(Standing.IssuerLapsed)).to.match(/lapsed/);
      expect(standingInWords(99n)).to.match(/unknown standing 99/);
    });

    it("stand in the words of a revert", async () => {
      const { accreditor, credentials, until, relayer, person } = await setUp();
      await accreditor.accredit(TESTER, relayer.address, until);
      await accreditor.withdrawAccreditation(TESTER, relayer.address);
      const key = { issuer: relayer.address, key: relayer.address, until, nonce: 0n, deadline: until };
      await credentials.connect(relayer).appointKey(key, NO_SIGNATURE, NO_SIGNATURE);
      const issuer = new Issuer({ credentials }, relayer);
      const unaccredited = explainRevert(await failureOf(issuer.issue(TESTER, { subject: person.address, until })));
      expect(unaccredited?.name).to.equal("CredentialsNotAccredited");
      expect(unaccredited?.message).to.match(/standing IssuerWithdrawn$/);
      const late = explainRevert(await failureOf(accreditor.accredit(TESTER, person.address, 1n)));
      expect(late?.message).to.match(/^credentials already over: until 1 \(1970-01-01T00:00:01.000Z\), timestamp/);
    });

    it("turn a type into the id that the city registers, and back", () => {
      expect(credentialTypeId(RESIDENT)).to.equal(typeIdOf(RESIDENT));
      expect(credentialTypeName(typeIdOf(RESIDENT))).to.equal(RESIDENT);
      const hash = id("no text");
      expect(credentialTypeId(hash)).to.equal(hash);
      expect(credentialTypeName(hash)).to.equal(hash);
      expect(predicateIdOf("over-18")).to.equal(encodeBytes32String("over-18"));
      expect(credentialTypeId("x".repeat(31))).to.equal(encodeBytes32String("x".repeat(31)));
    });

    it("refuse what does not fit", () => {
      expect(() => credentialTypeId("")).to.throw(RangeError, /credential type "" is not 1 to 31/);
      expect(() => credentialTypeId("x".repeat(32))).to.throw(RangeError, /1 to 31/);
      expect(() => credentialTypeId("Bürger")).to.throw(RangeError, /printable ASCII/);
      expect(() => predicateIdOf("over 18")).to.throw(RangeError, /predicate "over 18"/);
    });
  });

  describe("issuing keys", () => {
    it("are appointed by the owner's signature and the key's own call", async () => {
      const { credentials, safe, key, until } = await setUp();
      expect(await credentials.issuingKeyOf(safe)).to.deep.equal([key.address, until]);
      expect(await credentials.issuerOf(key)).to.equal(safe.address);
    });

    it("are replaced through a relay by two signatures, and the new key can revoke what the old one issued", async () => {
      const scene = await setUp();
      const { credentials, issuer, safe, key, newKey, relayer, until, deadline, person } = scene;
      await issuer.issue(RESIDENT, { subject: person.address, until });
      await appointKey(
        { credentials: credentials.connect(relayer) },
        { issuer: safe.address, key: newKey.address, until, deadline, ownerSigner: safe, keySigner: newKey },
      );
      await expect(issuer.revoke(RESIDENT, person.address))
        .to.be.revertedWithCustomError(credentials, "CredentialsNoIssuingKey")
        .withArgs(key.address, 0);
      await new Issuer(scene, newKey).revoke(RESIDENT, person.address);
      expect((await checkCredential(scene, { type: RESIDENT, subject: person.address })).standing).to.equal(
        Standing.Revoked,
      );
    });
  });

  describe("security modules", () => {
    it("issue with a P-256 key that has no account, through anybody", async () => {
      const scene = await setUp();
      const { credentials, safe, relayer, until, deadline, person } = scene;
      const verifier = await scene.p256Verifier.getAddress();
      const signer = { verifier, key: new SoftwareP256Key(id("security module")) };
      const key = p256AccountOf(signer);
      const byRelayer = credentials.connect(relayer);
      await appointKey(
        { credentials: byRelayer },
        { issuer: safe.address, key, until, deadline, ownerSigner: safe, keySigner: signer },
      );
      const typeId = credentialTypeId(RESIDENT);
      const issuance = buildIssuance({ key, typeId, subject: person.address, until, deadline });
      await byRelayer.issueBySig(issuance, await signIssuance(scene, signer, issuance));
      expect((await credentials.credentialOf(typeId, person)).issuer).to.equal(safe.address);
    });
  });

  describe("issuing", () => {
    it("tells how a credential stands through its whole life", async () => {
      const scene = await setUp();
      const { issuer, identities, until, person, stranger } = scene;
      const subject = stranger.address;
      const standing = async (account?: string) => {
        const question = account === undefined ? {} : { account };
        return checkCredential(scene, { type: RESIDENT, subject, ...question });
      };
      expect(await standing()).to.deep.equal({
        current: false,
        standing: Standing.None,
        reason: "nobody said this of the subject",
      });
      await issuer.issue(RESIDENT, { subject, until });
      expect(await standing()).to.deep.equal({
        current: true,
        standing: Standing.Current,
        reason: "the credential is current",
      });
      expect((await standing(subject)).current).to.equal(true);
      expect((await standing(person.address)).standing).to.equal(Standing.WrongAccount);
      await issuer.suspend(RESIDENT, subject);
      expect((await standing()).standing).to.equal(Standing.Suspended);
      await issuer.restore(RESIDENT, subject);
      expect((await standing()).current).to.equal(true);
      await identities.connect(stranger).changeOwner(subject, `0x${"00".repeat(20)}`);
      expect((await standing(subject)).standing).to.equal(Standing.SubjectRetired);
      await time.setNextBlockTimestamp(until + 1n);
      await networkHelpers.mine();
      expect((await standing()).standing).to.equal(Standing.Expired);
      expect((await checkCredential(scene, { type: "NO_SUCH_TYPE", subject })).standing).to.equal(Standing.UnknownType);
    });

    it("tells a withdrawn accreditation from a lapsed one", async () => {
      const scene = await setUp();
      const { issuer, accreditor, safe, until, person } = scene;
      await issuer.issue(TESTER, { subject: person.address, until: FOREVER });
      const question = { type: TESTER, subject: person.address };
      await time.increaseTo(until + 1n);
      expect((await checkCredential(scene, question)).reason).to.match(/has lapsed/);
      await accreditor.accredit(TESTER, safe.address, until + DAY);
      expect((await checkCredential(scene, question)).current).to.equal(true);
      await accreditor.withdrawAccreditation(TESTER, safe.address);
      expect((await checkCredential(scene, question)).reason).to.match(/was withdrawn/);
    });

    it("splits many credentials by the limit of the contract", async () => {
      const { credentials, issuer, until } = await setUp();
      const grants = Array.from({ length: MAX_GRANTS + 1 }, (_, index) => {
        const subject = new Wallet(id(`resident ${index}`)).address;
        return index === 0 ? { subject, until, attributesRoot: id("root") } : { subject, until };
      });
      const counts: number[] = [];
      const receipts = await issuer.issueMany(TESTER, grants, (count) => counts.push(count));
      expect(counts).to.deep.equal([MAX_GRANTS, MAX_GRANTS + 1]);
      expect(receipts.map(({ logs }) => logs.length)).to.deep.equal([MAX_GRANTS, 1]);
      expect(await credentials.holds(credentialTypeId(TESTER), grants.at(-1)!.subject)).to.equal(true);
      const { attributesRoot } = await credentials.credentialOf(credentialTypeId(TESTER), grants[0]!.subject);
      expect(attributesRoot).to.equal(id("root"));
      expect(await failureOf(issuer.issueMany(TESTER, []))).to.be.instanceOf(RangeError);
      const again: number[] = [];
      expect(await issuer.issueMany(TESTER, grants, (count) => again.push(count))).to.deep.equal([]);
      expect(again).to.deep.equal(counts);
    });

    it("issues nothing twice where it is killed while a transaction waits for a block", async () => {
      const scene = await setUp();
      const { credentials, key, until } = scene;
      const grants = Array.from({ length: MAX_GRANTS + 2 }, (_, index) => {
        return { subject: new Wallet(id(`resident ${index}`)).address, until, attributesRoot: id(`root ${index}`) };
      });
      const first = await connection.ethers.provider.getBlockNumber();
      const counts: number[] = [];
      const { killed, last } = await killedAtEachSend(connection, key.address, async (signer) =>
        new Issuer(scene, signer).issueMany(TESTER, grants, (count) => counts.push(count)),
      );
      expect([killed, last]).to.deep.equal([2, []]);
      expect(counts).to.deep.equal([MAX_GRANTS, MAX_GRANTS, MAX_GRANTS + 2]);
      expect(await sentBy(connection, key.address, first)).to.deep.equal({ transactions: 2, failed: 0 });
      expect(await credentials.holds(credentialTypeId(TESTER), grants.at(-1)!.subject)).to.equal(true);
    });

    it("issues again what is not current as it is granted", async () => {
      const { credentials, issuer, until, person, otherPerson } = await setUp();
      const grants = [person, otherPerson].map(({ address }) => ({ subject: address, until }));
      const issued = async (changed = grants) => (await issuer.issueMany(TESTER, changed)).length;
      expect([await issued(), await issued()]).to.deep.equal([1, 0]);
      const [one, two] = grants as [(typeof grants)[0], (typeof grants)[0]];
      expect(await issued([one, { ...two, until: until - 1n }])).to.equal(1);
      expect(await issued()).to.equal(1);
      const rooted = [one, { ...two, attributesRoot: id("root") }];
      expect([await issued(rooted), await issued(rooted)]).to.deep.equal([1, 0]);
      await issuer.suspend(TESTER, person.address);
      expect([await issued(rooted), await issued(rooted)]).to.deep.equal([1, 0]);
      expect(await credentials.check(credentialTypeId(TESTER), person)).to.equal(Standing.Current);
    });

    it("gives a person's number to another identity", async () => {
      const scene = await setUp();
      const { credentials, issuer, until, person, otherPerson } = scene;
      await issuer.issue(RESIDENT, { subject: person.address, until });
      const { index } = await credentials.credentialOf(credentialTypeId(RESIDENT), person);
      await issuer.replace(RESIDENT, person.address, {
        subject: otherPerson.address,
        until,
        attributesRoot: id("root"),
      });
      const replaced = await credentials.credentialOf(credentialTypeId(RESIDENT), otherPerson);
      expect(replaced.index).to.equal(index);
      expect(replaced.attributesRoot).to.equal(id("root"));
      expect((await checkCredential(scene, { type: RESIDENT, subject: person.address })).standing).to.equal(
        Standing.Revoked,
      );
    });

    it("works by signatures that anybody relays", async () => {
      const scene = await setUp();
      const { credentials, actors, key, relayer, until, deadline, person, stranger, safe } = scene;
      const typeId = credentialTypeId(RESIDENT);
      const byRelayer = credentials.connect(relayer);
      const issuance = buildIssuance({ key: key.address, typeId, subject: person.address, until, deadline });
      expect(issuance.attributesRoot).to.equal(ZeroHash);
      await byRelayer.issueBySig(issuance, await signIssuance(scene, key, issuance));
      expect(await credentials.holds(typeId, person)).to.equal(true);

      const change = withNonce({
        key: key.address,
        typeId,
        subject: person.address,
        standing: Standing.Suspended,
        deadline,
      });
      await byRelayer.changeStandingBySig(change, await signStandingChange(scene, key, change));
      expect(await credentials.check(typeId, person)).to.equal(Standing.Suspended);

      const grant = buildAccreditationGrant({
        key: actors.registry.address,
        typeId,
        issuer: stranger.address,
        until,
        deadline,
      });
      expect(grant.mayAccredit).to.equal(false);
      await byRelayer.accreditBySig(grant, await signAccreditationGrant(scene, actors.registry, grant));
      expect(await credentials.accreditationStanding(typeId, stranger)).to.equal(Standing.Current);

      const withdrawal = withNonce({ key: actors.registry.address, typeId, issuer: safe.address, deadline });
      const signature = await signAccreditationWithdrawal(scene, actors.registry, withdrawal);
      await byRelayer.withdrawAccreditationBySig(withdrawal, signature);
      expect(await credentials.accreditationStanding(typeId, safe)).to.equal(Standing.IssuerWithdrawn);
    });
  });

  it("signs for the organisation behind a key, or for the one that is named", async () => {
    const scene = await setUp();
    const { credentials, key, relayer, until, deadline, person, stranger, safe } = scene;
    const fields = { key: key.address, typeId: credentialTypeId(RESIDENT), subject: person.address, until, deadline };
    const [byRelayer, issuance] = [credentials.connect(relayer), buildIssuance(fields)];
    const forStranger = await signIssuance(scene, key, { ...issuance, issuer: stranger.address });
    await expect(byRelayer.issueBySig(issuance, forStranger))
      .to.be.revertedWithCustomError(credentials, "SignedInvalidSignature")
      .withArgs(key.address, await digestOf(credentials, "Issuance", { ...issuance, issuer: safe.address }));
    const forOffice = await signIssuance(scene, key, { ...issuance, issuer: safe.address });
    expect(await signIssuance(scene, key, issuance)).to.deep.equal(forOffice);
    await byRelayer.issueBySig(issuance, forOffice);
    expect(await credentials.holds(issuance.typeId, person)).to.equal(true);
  });

  describe("attributes", () => {
    it("have the leaf that the contract computes, whatever they state", async () => {
      const { credentials } = await setUp();
      const random = new Random(31);
      for (let run = 0; run < 64; run += 1) {
        const subject = new Wallet(id(`subject ${random.bits(64n)}`)).address;
        const predicate = `0x${random.bits(256n).toString(16).padStart(64, "0")}`;
        const salt = run % 2 === 0 ? randomAttributeSalt() : id(`salt ${random.bits(64n)}`);
        const leaf = await credentials.attributeLeaf(subject, predicate, salt);
        expect(predicateLeaf(subject, predicate, salt), `run ${run}`).to.equal(leaf);
      }
    });

    it("have salts of 16 random bytes", () => {
      const salts = Array.from({ length: 16 }, randomAttributeSalt);
      expect(new Set(salts).size).to.equal(16);
      for (const salt of salts) expect(salt).to.match(/^0x[\da-f]{32}0{32}$/);
    });

    it("of many people stand under one root, and each shows its own", async () => {
      const { credentials, issuer, until, person, otherPerson } = await setUp();
      const crowd = Array.from({ length: 30 }, (_, index) => ({
        subject: new Wallet(id(`crowd ${index}`)).address,
        predicate: "over-18",
      }));
      const tree = new AttributeTree([
        ...crowd,
        { subject: person.address, predicate: "over-18" },
        { subject: person.address, predicate: "district-4" },
        { subject: otherPerson.address, predicate: "district-4" },
      ]);
      await issuer.issueMany(RESIDENT, [
        { subject: person.address, until, attributesRoot: tree.root },
        { subject: otherPerson.address, until, attributesRoot: tree.root },
      ]);
      const typeId = credentialTypeId(RESIDENT);
      const proves = async ({ subject, predicate, salt, proof }: AttributeProof) =>
        credentials.proveAttribute(typeId, subject, predicate, salt, [...proof]);

      const proofs = tree.proofsOf(person.address.toLowerCase());
      expect(proofs.map(({ predicate }) => predicate).sort()).to.deep.equal(
        ["district-4", "over-18"].map(predicateIdOf).sort(),
      );
      for (const proof of proofs) {
        expect(await proves(proof)).to.equal(true);
        expect(verifyAttribute(tree.root, proof)).to.equal(true);
        const borrowed = { ...proof, subject: otherPerson.address };
        expect(await proves(borrowed)).to.equal(false);
        expect(verifyAttribute(tree.root, borrowed)).to.equal(false);
        expect(await proves({ ...proof, salt: randomAttributeSalt() })).to.equal(false);
      }
      expect(() => tree.prove(otherPerson.address, "over-18")).to.throw(RangeError, /over-18 is not stated of 0x/);
    });

    it("refuse an empty tree and a statement made twice", () => {
      const statement = { subject: new Wallet(id("person")).address, predicate: "over-18" };
      expect(() => new AttributeTree([])).to.throw(RangeError, /at least 1/);
      expect(() => new AttributeTree([statement, statement])).to.throw(RangeError, /attribute 1 is stated twice/);
    });

    it("are shown to one verifier, once", async () => {
      const scene = await setUp();
      const { credentials, issuer, until, deadline, person, verifier, stranger } = scene;
      const tree = new AttributeTree([{ subject: person.address, predicate: "over-18" }]);
      await issuer.issue(RESIDENT, { subject: person.address, until, attributesRoot: tree.root });
      const typeId = credentialTypeId(RESIDENT);
      const signed = await signAttribute(scene, person, tree.prove(person.address, "over-18"), {
        typeId,
        verifier: verifier.address,
        purpose: PURPOSE,
        deadline,
      });
      await expect(present({ credentials: credentials.connect(stranger) }, signed))
        .to.be.revertedWithCustomError(credentials, "CredentialsNotVerifier")
        .withArgs(verifier.address, stranger.address);
      const atVerifier = { credentials: credentials.connect(verifier) };
      await expect(present(atVerifier, signed))
        .to.emit(credentials, "AttributePresented")
        .withArgs(typeId, person.address, verifier.address, PURPOSE, predicateIdOf("over-18"));
      await expect(present(atVerifier, signed))
        .to.be.revertedWithCustomError(credentials, "SignedNonceUsed")
        .withArgs(person.address, signed.presentation.nonce);
    });
  });

  describe("status lists", () => {
    it("place cards as the contract does", async () => {
      const { credentials, key, safe } = await setUp();
      const random = new Random(41);
      for (let run = 0; run < 64; run += 1) {
        const [list, card] = [random.edgy(32n), random.edgy(64n)];
        const position = positionOf({ list, card });
        const { revoked } = await credentials.cardsOf(safe, position);
        if ((revoked & bitOf(card)) === 0n) await credentials.connect(key).revokeCards(position, bitOf(card));
        expect(await credentials.cardStatus(safe, list, card), `${list} ${card}`).to.deep.equal([true, false]);
        expect(placesOf({ position, cards: bitOf(card) })).to.deep.equal([{ list, card }]);
      }
    });

    it("group cards into words, and take them apart again", () => {
      const random = new Random(42);
      for (let run = 0; run < 64; run += 1) {
        const list = random.edgy(32n);
        const cards = [...new Set(Array.from({ length: 20 }, () => random.between(0n, 2_000n)))];
        const words = wordsOf(list, [...cards, cards[0]!]);
        expect(words.length).to.equal(new Set(cards.map((card) => card / 256n)).size);
        expect(words.flatMap(placesOf)).to.deep.equal(
          cards.sort((left, right) => Number(left - right)).map((card) => ({ list, card })),
        );
      }
      expect(wordsOf(0n, [])).to.deep.equal([]);
      expect(() => positionOf({ list: 1n << 32n, card: 0n })).to.throw(RangeError, /list 4294967296 is out of range/);
      expect(() => bitOf(-1n)).to.throw(RangeError, /card -1 is out of range/);
    });

    it("revoke, suspend and restore any number of cards", async () => {
      const scene = await setUp();
      const { credentials, issuer, safe, stranger } = scene;
      const statusOf = async (card: bigint) => [...(await credentials.cardStatus(safe, LIST, card))];
      expect(await issuer.revokeCards(LIST, [1n, 255n, 256n])).to.have.lengthOf(2);
      expect(await issuer.revokeCards(LIST, [1n, 300n])).to.have.lengthOf(1);
      expect(await issuer.revokeCards(LIST, [1n])).to.have.lengthOf(0);
      expect(await issuer.suspendCards(LIST, [1n, 2n])).to.have.lengthOf(1);
      expect(await issuer.suspendCards(LIST, [3n])).to.have.lengthOf(1);
      expect(await issuer.suspendCards(LIST, [3n])).to.have.lengthOf(0);
      expect(await issuer.restoreCards(LIST, [2n, 9n])).to.have.lengthOf(1);
      expect(await issuer.restoreCards(LIST, [2n])).to.have.lengthOf(0);
      expect(await statusOf(0n)).to.deep.equal([false, false]);
      expect(await statusOf(1n)).to.deep.equal([true, true]);
      expect(await statusOf(2n)).to.deep.equal([false, false]);
      expect(await statusOf(3n)).to.deep.equal([false, true]);
      expect(await statusOf(300n)).to.deep.equal([true, false]);
      const nobody = new Issuer(scene, stranger);
      expect(String(await failureOf(nobody.revokeCards(LIST, [1n])))).to.match(/is nobody's issuing key/);
    });

    it("lose no change of cards in one word that are asked for at once", async () => {
      const { credentials, issuer, safe } = await setUp();
      const statusOf = async (card: bigint) => [...(await credentials.cardStatus(safe, LIST, card))];
      await issuer.suspendCards(LIST, [9n]);
      const done = await Promise.all([
        issuer.suspendCards(LIST, [1n]),
        failureOf(issuer.suspendCards(1n << 32n, [2n])),
        issuer.suspendCards(LIST, [3n, 300n]),
        issuer.restoreCards(LIST, [9n]),
        issuer.revokeCards(LIST, [3n]),
      ]);
      expect(done.map((one) => (one as unknown[]).length)).to.deep.equal([1, undefined, 2, 1, 1]);
      expect(done[1]).to.be.instanceOf(RangeError);
      for (const [card, status] of [
        [1n, [false, true]],
        [2n, [false, false]],
        [3n, [true, true]],
        [9n, [false, false]],
        [300n, [false, true]],
      ] as const) {
        expect(await statusOf(card), `card ${card}`).to.deep.equal(status);
      }
    });

    it("go on after a change that failed", async () => {
      const { credentials, issuer, key, safe, relayer } = await setUp();
      const typed = { issuer: safe.address, key: relayer.address, until: FOREVER, deadline: FOREVER };
      const appoint = async (address: string, keySigner?: MessageSigner) =>
        appointKey(
          { credentials: credentials.connect(relayer) },
          { ...typed, key: address, ownerSigner: safe, ...(keySigner === undefined ? {} : { keySigner }) },
        );
      await appoint(relayer.address);
      const failed = failureOf(issuer.suspendCards(LIST, [1n]));
      expect(String(await failed)).to.match(/is nobody's issuing key/);
      await appoint(key.address, key);
      expect(await issuer.suspendCards(LIST, [1n])).to.have.lengthOf(1);
    });

    it("lose no change that waits for a block when its issuer is killed", async () => {
      const scene = await setUp();
      const { credentials, key, safe } = scene;
      const statusOf = async (card: bigint) => [...(await credentials.cardStatus(safe, LIST, card))];
      let life = 0n;
      // Every life suspends another card of the same word, and dies as soon as it has sent that; the last one has nothing to do.
      const { killed } = await killedAtEachSend(connection, key.address, async (signer) => {
        life += 1n;
        return new Issuer(scene, signer).suspendCards(LIST, [life < 4n ? life : 1n]);
      });
      expect(killed).to.equal(3);
      for (const card of [1n, 2n, 3n]) expect(await statusOf(card), `card ${card}`).to.deep.equal([false, true]);
    });

    it("wait as long as their issuer is told to", async () => {
      const scene = await setUp();
      const patient = new Issuer(scene, scene.key, { confirmations: 2, patienceMs: 100 });
      expect(String(await failureOf(patient.suspendCards(LIST, [1n])))).to.match(/timeout/i);
      const grant = { subject: scene.person.address, until: scene.until };
      expect(String(await failureOf(patient.issueMany(TESTER, [grant])))).to.match(/timeout/i);
    });

    it("are exported as W3C bitstrings of what the chain says", async () => {
      const scene = await setUp();
      const { issuer, safe, credentials } = scene;
      const random = new Random(43);
      const cards = Array.from({ length: 12 }, () => random.between(0n, 1_023n));
      await issuer.revokeCards(LIST, cards);
      await issuer.suspendCards(LIST, [5n]);
      const query = { issuer: safe.address, list: LIST, cardCount: 1_000 };
      const revoked = await readStatusList(scene, { ...query, purpose: "revocation" });
      const suspended = await readStatusList(scene, { ...query, purpose: "suspension" });
      const published = await StatusList.decode(await revoked.encode());
      expect(published.length).to.equal(MIN_LIST_LENGTH);
      for (let card = 0; card < 1_024; card += 1) {
        expect(published.has(card), `card ${card}`).to.equal(cards.includes(BigInt(card)));
        expect(suspended.has(card), `card ${card}`).to.equal(card === 5);
      }
      const atStart = await readStatusList(scene, {
        ...query,
        purpose: "revocation",
        blockTag: (await connection.ethers.provider.getBlockNumber()) - 5,
      });
      expect(atStart.has(Number(cards[0]))).to.equal(false);

      const url = statusListUrl(
        { chainId: 31_337n, contract: await credentials.getAddress(), issuer: safe.address, list: LIST },
        "revocation",
      );
      const fields = { issuer: "did:ethr:0x7a69:0x00", url, purpose: "revocation", validFrom: 1_700_000_000n } as const;
      expect(await statusListCredential(revoked, fields)).to.deep.equal({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        id: url,
        type: ["VerifiableCredential", "BitstringStatusListCredential"],
        issuer: fields.issuer,
        validFrom: "2023-11-14T22:13:20.000Z",
        credentialSubject: {
          id: `${url}#list`,
          type: "BitstringStatusList",
          statusPurpose: "revocation",
          encodedList: await revoked.encode(),
        },
      });
    });

    it("read the standard's own example", async () => {
      const list = await StatusList.decode(W3C_EXAMPLE);
      expect(list.length).to.equal(MIN_LIST_LENGTH);
      for (let card = 0; card < MIN_LIST_LENGTH; card += 1) if (list.has(card)) expect.fail(`card ${card} is set`);
      const first = StatusList.ofWords([1n << 255n, 1n]);
      expect([0, 1, 510, 511, 512].filter((card) => first.has(card))).to.deep.equal([0, 511]);
    });

    it("refuse lists that are too short, too long or no lists", async () => {
      const encode = (bytes: number) => `u${gzipSync(new Uint8Array(bytes)).toString("base64url")}`;
      for (const [text, type, message] of [
        [encode(MIN_LIST_LENGTH / 8 - 1), RangeError, /out of range/],
        [encode(MAX_LIST_LENGTH / 8 + 1), RangeError, /unpacks to more/],
        [W3C_EXAMPLE.slice(1), TypeError, /not multibase/],
        [`${W3C_EXAMPLE}=`, TypeError, /not multibase/],
        ["uAAAA", TypeError, /GZIP/],
      ] as const) {
        const failure = await failureOf(StatusList.decode(text));
        expect(failure).to.be.instanceOf(type);
        expect(String(failure)).to.match(message);
      }
      const { safe, credentials } = await setUp();
      const query = { issuer: safe.address, list: LIST, purpose: "revocation", cardCount: -1 } as const;
      expect(await failureOf(readStatusList({ credentials }, query))).to.be.instanceOf(RangeError);
      expect(() => StatusList.ofWords([1n << 256n])).to.throw(RangeError, /word 0/);
      expect(() => StatusList.ofWords([]).has(MIN_LIST_LENGTH)).to.throw(RangeError, /there is no entry 131072/);
      expect(() => StatusList.ofWords([]).has(0.5)).to.throw(RangeError, /there is no entry 0.5/);
    });

    it("have URLs that name chain, contract, issuer, list and purpose", async () => {
      const { safe, credentials } = await setUp();
      const place = { chainId: 31_337n, contract: await credentials.getAddress(), issuer: safe.address, list: LIST };
      const entries = statusEntries(place, 12n);
      expect(entries.map(({ statusPurpose }) => statusPurpose)).to.deep.equal(["revocation", "suspension"]);
      for (const { type, statusPurpose, statusListIndex, statusListCredential: url } of entries) {
        expect(type).to.equal("BitstringStatusListEntry");
        expect(statusListIndex).to.equal("12");
        expect(new URL(url).href).to.equal(url);
        expect(parseStatusListUrl(url)).to.deep.equal({ ...place, purpose: statusPurpose });
        for (const wrong of [
          `${url}x`,
          url.slice(1),
          url.replace("list=7", `list=${1n << 32n}`),
          "https://a.example",
        ]) {
          expect(parseStatusListUrl(wrong), wrong).to.equal(undefined);
        }
      }
      expect(() => statusEntries(place, 1n << 64n)).to.throw(RangeError, /card/);
    });
  });
});
