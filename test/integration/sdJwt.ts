import { SDJwtInstance } from "@sd-jwt/core";
import { expect } from "chai";
import { readFileSync } from "node:fs";
import { encodeBytes32String, getBytes, hexlify, id, sha256, toUtf8Bytes, Wallet, ZeroAddress } from "ethers";
import { network } from "hardhat";

import {
  type AcceptedCard,
  appointKey,
  type CardPresentation,
  type CardRequest,
  type CardTerms,
  CardVerifier,
  claimsOf,
  didOf,
  didResolver,
  Issuer,
  issueCard,
  type JwtSigner,
  MemoryNonces,
  networkOf,
  parseDid,
  presentCard,
  publicKeyEntry,
  refusalReasons,
  type RefusalReason,
  registryOf,
  SoftwareJwtKey,
  vctOf,
} from "../../sdk/identity/index.js";
import { type Connection, deployedCity } from "./utils/city.js";

/** Cards from end to end: the libraries of DIDs and SD-JWT as they are, and the contracts as they are deployed. */

const DAY = 86_400n;
const RESIDENT = "RESIDENT";
const AUDIENCE = "https://library.example";
const LIST = 3n;
const CARD = 1_000n;
const VERI_KEY = encodeBytes32String("veriKey");
const SIG_AUTH = encodeBytes32String("sigAuth");
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const { ethers, networkHelpers } = await network.create();
const { time } = networkHelpers;

type Scene = Awaited<ReturnType<typeof registryOffice>>;

/** Fixture: an accredited office that signs cards with a key in a safe, a holder, and a library that checks cards. */
async function registryOffice(chain: Connection) {
  const city = await deployedCity(chain);
  const [office, officeKey, person] = city.people;
  const until = BigInt(await chain.networkHelpers.time.latest()) + 30n * DAY;
  await appointKey(
    { credentials: city.credentials.connect(officeKey) },
    { issuer: office!.address, key: officeKey!.address, until, deadline: until, ownerSigner: office! },
  );
  await new Issuer(city, city.actors.registry).accredit(RESIDENT, office!.address, until);
  // Neither can sign a JWT with its account, as with most wallets: each has a key for it.
  const safe = new SoftwareJwtKey(id("safe"));
  const phone = new SoftwareJwtKey(id("phone"));
  await city.identities.connect(office).addDelegate(office!, VERI_KEY, safe.address, 400n * DAY);
  await city.identities.connect(person).addDelegate(person!, SIG_AUTH, phone.address, 400n * DAY);
  return { ...city, office: office!, officeKey: officeKey!, person: person!, safe, phone, until };
}

async function setUp(): Promise<Scene> {
  return networkHelpers.loadFixture(registryOffice);
}

async function now(): Promise<bigint> {
  return BigInt(await time.latest());
}

async function terms({ office, person, until }: Scene): Promise<CardTerms> {
  return {
    type: RESIDENT,
    issuer: office.address,
    holder: person.address,
    issuedAt: await now(),
    until,
    list: LIST,
    card: CARD,
    claims: { over18: true, district: 4, familyName: "Ebner" },
  };
}

/** The library at the chain's time, with a nonce to be answered. */
async function library(scene: Scene) {
  const clockTime = await now();
  const nonces = new MemoryNonces(300n, () => clockTime);
  const verifier = new CardVerifier(scene, { audience: AUDIENCE, nonces, clock: () => clockTime });
  return { verifier, nonces, nonce: nonces.give() };
}

interface Attempt {
  readonly card?: string;
  readonly holderKey?: JwtSigner;
  readonly presentation?: Partial<CardPresentation>;
  readonly request?: Partial<CardRequest>;
  /** What somebody does to the presentation on its way. */
  alter?(presented: string): string;
}

/** Issues a card unless there is one, shows it to the library, and lets the library check it. */
async function attempt(scene: Scene, { card, holderKey, presentation, request, alter }: Attempt = {}) {
  const { verifier, nonce } = await library(scene);
  const shown = await presentCard(
    card ?? (await issueCard(scene, scene.safe, await terms(scene))),
    holderKey ?? scene.phone,
    { reveal: ["over18"], audience: AUDIENCE, nonce, presentedAt: await now(), ...presentation },
  );
  return verifier.verify(alter?.(shown) ?? shown, { type: RESIDENT, ...request });
}

async function accept(scene: Scene, details: Attempt = {}): Promise<AcceptedCard> {
  const verdict = await attempt(scene, details);
  if (!verdict.accepted) expect.fail(verdict.message);
  return verdict;
}

async function refuse(scene: Scene, reason: RefusalReason, details: Attempt = {}): Promise<string> {
  const verdict = await attempt(scene, details);
  if (verdict.accepted) expect.fail(`accepted, not refused as ${reason}`);
  expect(verdict.reason, verdict.message).to.equal(reason);
  return verdict.message;
}

/** A value, or JSON as it stands. */
function base64url(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

function parse(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
}

/** Signs a JWT as the standard says, apart from the SDK. */
function jwt(key: SoftwareJwtKey, header: object, payload: object | string): string {
  const text = `${base64url(header)}.${base64url(payload)}`;
  const signature = getBytes(key.sign(sha256(toUtf8Bytes(text)))).subarray(0, 64);
  return `${text}.${Buffer.from(signature).toString("base64url")}`;
}

/** The same card with other fields, signed again by the office's own key. */
function restate(card: string, key: SoftwareJwtKey, payload: object, header: object = {}): string {
  const [issued = "", ...rest] = card.split("~");
  const [oldHeader = "", oldPayload = ""] = issued.split(".");
  return [jwt(key, { ...parse(oldHeader), ...header }, { ...parse(oldPayload), ...payload }), ...rest].join("~");
}

/** Digest of a disclosure. */
function digestOf(disclosure: string): string {
  return Buffer.from(getBytes(sha256(toUtf8Bytes(disclosure)))).toString("base64url");
}

/** Shows a card with any disclosures, signed by the holder apart from the SDK. */
function showing(key: SoftwareJwtKey, card: string, disclosures: readonly string[], aud: unknown = AUDIENCE) {
  return (shown: string): string => {
    const [header = "", payload = ""] = shown.split("~").at(-1)!.split(".");
    const text = [card.split("~")[0], ...disclosures, ""].join("~");
    return text + jwt(key, parse(header), { ...parse(payload), aud, sd_hash: digestOf(text) });
  };
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.fail("the call did not fail"),
    (error: unknown) => error,
  );
}

describe("Cards", () => {
  describe("that are good", () => {
    it("are issued off chain, held, shown in part, and accepted", async () => {
      const scene = await setUp();
      const block = await ethers.provider.getBlockNumber();
      const card = await issueCard(scene, scene.safe, await terms(scene));
      expect(await claimsOf(card)).to.deep.equal({ over18: true, district: 4, familyName: "Ebner" });
      const verdict = await accept(scene, { card, request: { claims: ["over18"] } });
      expect(verdict).to.deep.equal({
        accepted: true,
        typeId: encodeBytes32String(RESIDENT),
        issuer: scene.office.address,
        holder: scene.person.address,
        claims: { over18: true },
        issuedAt: verdict.issuedAt,
        until: scene.until,
        list: LIST,
        card: CARD,
      });
      expect(await ethers.provider.getBlockNumber()).to.equal(block);
    });

    it("have the form of the W3C data model and of SD-JWT VC, which other verifiers read", async () => {
      const scene = await setUp();
      const { safe, office, person, credentials } = scene;
      const stated = { ...(await terms(scene)), openClaims: { category: "adult" }, decoyCount: 5 };
      const card = await issueCard(scene, safe, stated);
      const [issued = ""] = card.split("~");
      const [header = "", payload = ""] = issued.split(".");
      const [issuerDid, holderDid] = [didOf(office.address, 31_337n), didOf(person.address, 31_337n)];
      expect(parse(header)).to.deep.equal({ typ: "vc+sd-jwt", alg: "ES256K", kid: `${issuerDid}#controller` });
      const { credentialSubject, credentialStatus, "@context": contexts, ...rest } = parse(payload);
      const date = (seconds: bigint) => new Date(Number(seconds) * 1_000).toISOString();
      expect(rest).to.deep.equal({
        type: ["VerifiableCredential", RESIDENT],
        vct: `eip155:31337:${await credentials.getAddress()}?type=RESIDENT`,
        iss: issuerDid,
        issuer: issuerDid,
        iat: Number(stated.issuedAt),
        exp: Number(stated.until),
        validFrom: date(stated.issuedAt),
        validUntil: date(stated.until),
        cnf: { kid: holderDid },
        _sd_alg: "sha-256",
      });
      expect((contexts as string[])[0]).to.equal("https://www.w3.org/ns/credentials/v2");
      const { _sd: digests, ...open } = credentialSubject as Record<string, unknown>;
      expect(open).to.deep.equal({ id: holderDid, category: "adult" });
      expect(digests).to.have.lengthOf(3 + 5);
      expect(credentialStatus).to.have.lengthOf(2);
      expect(card).not.to.include(Buffer.from("Ebner").toString("base64url").slice(0, 4));

      // The library by itself, with nothing of the SDK but the key's address.
      const verifier = async (text: string, signature: string) => {
        const bytes = Buffer.from(signature, "base64url");
        const digest = sha256(toUtf8Bytes(text));
        const { recoverAddress } = await import("ethers");
        return [27, 28].some((v) => {
          const sides = { r: hexlify(bytes.subarray(0, 32)), s: hexlify(bytes.subarray(32)), v };
          return recoverAddress(digest, sides) === safe.address;
        });
      };
      const other = new SDJwtInstance({
        hasher: (data) => getBytes(sha256(typeof data === "string" ? toUtf8Bytes(data) : new Uint8Array(data))),
        verifier,
      });
      const read = await other.verify(card, { currentDate: Number(stated.issuedAt) });
      expect((read.payload as { credentialSubject: object }).credentialSubject).to.deep.equal({
        id: holderDid,
        category: "adult",
        ...stated.claims,
      });
      expect((await accept(scene, { card, presentation: { reveal: [] } })).claims).to.deep.equal({ category: "adult" });
    });

    it("are signed by the controllers of the DIDs themselves, or by modules that give the upper s", async () => {
      const scene = await setUp();
      const { identities, office, person, safe, phone } = scene;
      const upper = (key: SoftwareJwtKey): JwtSigner => ({
        sign: async (digest) => {
          const signature = key.sign(digest);
          const s = ORDER - BigInt(`0x${signature.slice(66, 130)}`);
          return `${signature.slice(0, 66)}${s.toString(16).padStart(64, "0")}`;
        },
      });
      const card = await issueCard(scene, upper(safe), await terms(scene));
      await accept(scene, { card, holderKey: upper(phone) });

      const [controller, owner] = [new SoftwareJwtKey(id("controller")), new SoftwareJwtKey(id("owner"))];
      await identities.connect(office).changeOwner(office, controller.address);
      await identities.connect(person).changeOwner(person, owner.address);
      await accept(scene, {
        card: await issueCard(scene, controller, await terms(scene)),
        holderKey: owner,
      });
    });

    it("are signed by a key that the issuer published as an attribute", async () => {
      const scene = await setUp();
      const { identities, office } = scene;
      const published = new Wallet(id("published"));
      const name = encodeBytes32String("did/pub/Secp256k1/veriKey/hex");
      await identities.connect(office).setAttribute(office, name, published.signingKey.compressedPublicKey, 400n * DAY);
      const key = new SoftwareJwtKey(published.privateKey);
      await accept(scene, { card: await issueCard(scene, key, await terms(scene)) });
    });

    it("are checked through a resolver of the verifier's own", async () => {
      const scene = await setUp();
      const { nonces, nonce } = await library(scene);
      const clockTime = await now();
      const asked: string[] = [];
      const resolver = didResolver([await networkOf(scene.identities)]);
      const verifier = new CardVerifier(scene, {
        audience: AUDIENCE,
        nonces,
        clock: () => clockTime,
        resolver: {
          resolve: async (did, options) => {
            asked.push(did);
            return resolver.resolve(did, options);
          },
        },
      });
      const card = await issueCard(scene, scene.safe, await terms(scene));
      const presentation = { reveal: [], audience: AUDIENCE, nonce, presentedAt: clockTime };
      const verdict = await verifier.verify(await presentCard(card, scene.phone, presentation), { type: RESIDENT });
      expect(verdict.accepted).to.equal(true);
      expect(asked).to.deep.equal([didOf(scene.office.address, 31_337n), didOf(scene.person.address, 31_337n)]);
    });
  });

  describe("whose issuer", () => {
    it("revokes them on chain, are refused", async () => {
      const scene = await setUp();
      const card = await issueCard(scene, scene.safe, await terms(scene));
      await accept(scene, { card });
      const office = new Issuer(scene, scene.officeKey);
      await office.suspendCards(LIST, [CARD]);
      expect(await refuse(scene, "CardSuspended", { card })).to.match(/suspended by its issuer: card 1000 of list 3/);
      await office.restoreCards(LIST, [CARD]);
      await accept(scene, { card });
      await office.revokeCards(LIST, [CARD]);
      expect(await refuse(scene, "CardRevoked", { card })).to.match(/revoked by its issuer, for good: card 1000/);
      const neighbour = await issueCard(scene, scene.safe, { ...(await terms(scene)), card: CARD + 1n });
      await accept(scene, { card: neighbour });
    });

    it("was never accredited, are refused: they are forged", async () => {
      const scene = await setUp();
      const forger = new SoftwareJwtKey(id("forger"));
      const card = await issueCard(scene, forger, { ...(await terms(scene)), issuer: forger.address });
      expect(await refuse(scene, "NotAccredited", { card })).to.include(forger.address);
    });

    it("is a name that somebody else wrote, are refused: they are forged", async () => {
      const scene = await setUp();
      const forger = new SoftwareJwtKey(id("forger"));
      const forged = await issueCard(scene, forger, await terms(scene));
      await refuse(scene, "ForgedSignature", { card: forged });
      const card = await issueCard(scene, scene.safe, await terms(scene));
      const restated = card.replace(/^[^.]*\.[^.]*/, forged.split(".").slice(0, 2).join("."));
      await refuse(scene, "ForgedSignature", { card: restated, presentation: { reveal: [] } });
      const unsigned = card.replace(/^([^.]*\.[^.]*)\.[^~]*/, "$1.AAAA");
      await refuse(scene, "ForgedSignature", { card: unsigned });
      const foreignKey = { kid: `${didOf(forger.address, 31_337n)}#controller` };
      await refuse(scene, "ForgedSignature", { card: restate(card, scene.safe, {}, foreignKey) });
    });

    it("published a key of another kind, are refused when its bytes are used as a secret: everybody knows them", async () => {
      const scene = await setUp();
      const { identities, office, person, safe } = scene;
      const edwards = id("public key of an Ed25519 key");
      const forger = new SoftwareJwtKey(edwards);
      for (const name of ["did/pub/Ed25519/veriKey/hex", "did/pub/Secp256k1/veriKey/hex", "did/pub/Secp256k1"]) {
        await identities.connect(office).setAttribute(office, encodeBytes32String(name), edwards, 400n * DAY);
      }
      await refuse(scene, "ForgedSignature", { card: await issueCard(scene, forger, await terms(scene)) });

      const login = publicKeyEntry({ algorithm: "Ed25519", purpose: "sigAuth" }, edwards);
      await identities.connect(person).setAttribute(person, login.name, login.value, 400n * DAY);
      const card = await issueCard(scene, safe, await terms(scene));
      await refuse(scene, "NotTheHolder", { card, holderKey: forger });
    });

    it("changes its key, are refused with the old signature and accepted with the new", async () => {
      const scene = await setUp();
      const { identities, office, safe } = scene;
      const newSafe = new SoftwareJwtKey(id("new safe"));
      const oldCard = await issueCard(scene, safe, await terms(scene));
      const newCard = await issueCard(scene, newSafe, await terms(scene));
      await accept(scene, { card: oldCard });
      await refuse(scene, "ForgedSignature", { card: newCard });
      await identities.connect(office).addDelegate(office, VERI_KEY, newSafe.address, 400n * DAY);
      await accept(scene, { card: oldCard });
      await accept(scene, { card: newCard });
      await identities.connect(office).revokeDelegate(office, VERI_KEY, safe.address);
      await refuse(scene, "ForgedSignature", { card: oldCard });
      await accept(scene, { card: newCard });
    });

    it("changes its controller, are refused with the old one's signature, unless it stays a delegate", async () => {
      const scene = await setUp();
      const { identities, actors, person } = scene;
      const first = new Wallet(id("first controller"), ethers.provider);
      await networkHelpers.setBalance(first.address, 10n ** 18n);
      await new Issuer(scene, actors.registry).accredit(RESIDENT, first.address, scene.until);
      const [oldKey, newKey] = [new SoftwareJwtKey(first.privateKey), new SoftwareJwtKey(id("second controller"))];
      const stated = { ...(await terms(scene)), issuer: first.address };
      const oldCard = await issueCard(scene, oldKey, stated);
      await accept(scene, { card: oldCard });
      await identities.connect(first).addDelegate(first, VERI_KEY, oldKey.address, 7n * DAY);
      await identities.connect(first).changeOwner(first, newKey.address);
      await accept(scene, { card: await issueCard(scene, newKey, stated) });
      await accept(scene, { card: oldCard });
      await time.increase(7n * DAY + 1n);
      await refuse(scene, "ForgedSignature", { card: oldCard });
      expect(await identities.identityOwner(first)).to.equal(newKey.address);
      expect(parseDid(didOf(person.address, 31_337n)).address).to.equal(person.address);
    });

    it("loses its accreditation, are refused with the reason", async () => {
      const scene = await setUp();
      const { office, until } = scene;
      const registry = new Issuer(scene, scene.actors.registry);
      const card = await issueCard(scene, scene.safe, { ...(await terms(scene)), until: until + 90n * DAY });
      await accept(scene, { card });
      await time.increaseTo(until + 1n);
      expect(await refuse(scene, "AccreditationLapsed", { card })).to.include(office.address);
      await registry.accredit(RESIDENT, office.address, until + 60n * DAY);
      await accept(scene, { card });
      await registry.withdrawAccreditation(RESIDENT, office.address);
      expect(await refuse(scene, "AccreditationWithdrawn", { card })).to.include(office.address);
    });

    it("is retired, are refused", async () => {
      const scene = await setUp();
      const card = await issueCard(scene, scene.safe, await terms(scene));
      await scene.identities.connect(scene.office).changeOwner(scene.office, ZeroAddress);
      expect(await refuse(scene, "IssuerDeactivated", { card })).to.include(didOf(scene.office.address, 31_337n));
    });

    it("has a DID that nobody can resolve, are refused with the resolver's own error", async () => {
      const scene = await setUp();
      const card = await issueCard(scene, scene.safe, await terms(scene));
      for (const [iss, error] of [
        [didOf(scene.office.address, 1n), "unknownNetwork"],
        ["did:ethr:0x7a69:0x1234", "invalidDid"],
        ["did:web:city.example", "unsupportedDidMethod"],
        ["the city", "invalidDid"],
        ["did:constructor:city", "unsupportedDidMethod"],
        [`did:ethr:constructor:${scene.office.address}`, "notFound"],
        [`${didOf(scene.office.address, 31_337n)}?versionId=1`, "no identity of chain 31337"],
        [didOf(scene.office.address, 31_337n).toLowerCase(), "no identity of chain 31337"],
      ] as const) {
        const message = await refuse(scene, "UnknownIssuer", {
          card: restate(card, scene.safe, { iss, issuer: iss }, { kid: undefined }),
        });
        expect(message).to.include(error);
      }
    });
  });

  describe("that a holder shows", () => {
    it("are accepted once", async () => {
      const scene = await setUp();
      const { verifier, nonce } = await library(scene);
      const card = await issueCard(scene, scene.safe, await terms(scene));
      const presentation = { reveal: ["district"], audience: AUDIENCE, nonce, presentedAt: await now() };
      const shown = await presentCard(card, scene.phone, presentation);
      const verdicts = await Promise.all([1, 2].map(async () => verifier.verify(shown, { type: RESIDENT })));
      const refused = verdicts.filter((verdict) => !verdict.accepted);
      expect(refused.map(({ reason }) => reason)).to.deep.equal(["Replayed"]);
    });

    it("are refused with a nonce that was not given, or long ago", async () => {
      const scene = await setUp();
      await refuse(scene, "WrongNonce", { presentation: { nonce: "guess" } });
      let clockTime = 1_000n;
      const nonces = new MemoryNonces(10n, () => clockTime);
      const [late, early] = [nonces.give(), nonces.give()];
      clockTime = 1_010n;
      expect(nonces.take(early)).to.equal("fresh");
      expect(nonces.take(early)).to.equal("used");
      clockTime = 1_011n;
      expect(nonces.take(late)).to.equal("unknown");
      expect(nonces.give()).to.match(/^[\w-]{22}$/);
      expect(nonces.take(early)).to.equal("unknown");
    });

    it("are refused at another verifier, and when they were not made just now", async () => {
      const scene = await setUp();
      await refuse(scene, "WrongAudience", { presentation: { audience: "https://casino.example" } });
      const at = await now();
      await accept(scene, { presentation: { presentedAt: at - 300n } });
      await refuse(scene, "StaleProof", { presentation: { presentedAt: at - 302n } });
      await refuse(scene, "StaleProof", { presentation: { presentedAt: at + 62n } });
    });

    it("are refused from anybody else's hands", async () => {
      const scene = await setUp();
      const thief = new SoftwareJwtKey(id("thief"));
      await refuse(scene, "NotTheHolder", { holderKey: thief });
      const bare = await refuse(scene, "NotTheHolder", {
        alter: (shown) => shown.slice(0, shown.lastIndexOf("~") + 1),
      });
      expect(bare).to.match(/nobody signed the presentation/);
    });

    it("are refused with a key that the holder has for statements only", async () => {
      const scene = await setUp();
      const { identities, person } = scene;
      const veriKey = new SoftwareJwtKey(id("person's veriKey"));
      await identities.connect(person).addDelegate(person, VERI_KEY, veriKey.address, 400n * DAY);
      await refuse(scene, "NotTheHolder", { holderKey: veriKey });
    });

    it("outlive a lost phone, whose key then shows nothing", async () => {
      const scene = await setUp();
      const { identities, person, phone } = scene;
      const card = await issueCard(scene, scene.safe, await terms(scene));
      const newPhone = new SoftwareJwtKey(id("new phone"));
      await identities.connect(person).revokeDelegate(person, SIG_AUTH, phone.address);
      await identities.connect(person).addDelegate(person, SIG_AUTH, newPhone.address, 400n * DAY);
      await refuse(scene, "NotTheHolder", { card });
      await accept(scene, { card, holderKey: newPhone });
    });

    it("are refused of a holder who is retired, or whom nobody can resolve", async () => {
      const scene = await setUp();
      const card = await issueCard(scene, scene.safe, await terms(scene));
      const abroad = didOf(scene.person.address, 5n);
      const subject = parse(card.split("~")[0]!.split(".")[1]!).credentialSubject as object;
      const emigrant = restate(card, scene.safe, {
        cnf: { kid: abroad },
        credentialSubject: { ...subject, id: abroad },
      });
      expect(await refuse(scene, "UnknownHolder", { card: emigrant })).to.include("unknownNetwork");
      await scene.identities.connect(scene.person).changeOwner(scene.person, ZeroAddress);
      await refuse(scene, "HolderDeactivated", { card });
    });

    it("show what the holder signed and nothing else", async () => {
      const scene = await setUp();
      const card = await issueCard(scene, scene.safe, await terms(scene));
      const disclosures = card.split("~").slice(1, -1);
      const parts = (shown: string) => shown.split("~");
      // Hidden by somebody on the way, added, and of another card.
      await refuse(scene, "AlteredPresentation", {
        card,
        alter: (shown) => [parts(shown)[0], parts(shown).at(-1)].join("~"),
      });
      await refuse(scene, "AlteredPresentation", {
        card,
        alter: (shown) => {
          const extra = disclosures.find((disclosure) => !shown.includes(disclosure))!;
          return [parts(shown)[0], extra, ...parts(shown).slice(1)].join("~");
        },
      });
      // A disclosure that the issuer never made, which the holder signed with the rest: the library alone drops it and
      // accepts what is left.
      const foreign = base64url(["salt", "over18", false]);
      const message = await refuse(scene, "Malformed", {
        card,
        alter: (shown) => {
          const [header = "", payload = ""] = parts(shown).at(-1)!.split(".");
          const text = `${[parts(shown)[0], foreign, ...parts(shown).slice(1, -1)].join("~")}~`;
          const digest = Buffer.from(getBytes(sha256(toUtf8Bytes(text)))).toString("base64url");
          return text + jwt(scene.phone, parse(header), { ...parse(payload), sd_hash: digest });
        },
      });
      expect(message).to.equal("this is no card: of 2 disclosures, 1 are the card's");
    });

    it("show no claim under a name that means something else", async () => {
      const scene = await setUp();
      const { safe, phone, person } = scene;
      const holder = { id: didOf(person.address, 31_337n) };
      for (const name of ["id", "_sd", "_sd_alg", "...", "__proto__"]) {
        const disclosure = base64url(["salt", name, { over18: true }]);
        const credentialSubject = { ...holder, _sd: [digestOf(disclosure)] };
        const card = restate(await issueCard(scene, safe, await terms(scene)), safe, { credentialSubject });
        const presentation = { reveal: [] };
        const message = await refuse(scene, "Malformed", {
          presentation,
          alter: showing(phone, card, [disclosure]),
        });
        expect(message, name).to.match(/is disclosed|1 disclosures, 0|differ/);
      }
      const disclosure = base64url(["salt", "over18", true]);
      const twice = { ...holder, _sd: [digestOf(disclosure), digestOf(disclosure)] };
      const card = restate(await issueCard(scene, safe, await terms(scene)), safe, { credentialSubject: twice });
      const alter = showing(phone, card, [disclosure]);
      expect(await refuse(scene, "Malformed", { presentation: { reveal: [] }, alter })).to.match(/without repetition/);
    });

    it("are refused at once when their disclosures name one another, which doubles with each", async () => {
      const scene = await setUp();
      let disclosure = base64url(["salt", "a", true]);
      const disclosures = [disclosure];
      for (let depth = 0; depth < 22; depth += 1) {
        const digest = digestOf(disclosure);
        disclosure = base64url(["salt", "a", depth % 2 === 0 ? { _sd: [digest, digest] } : [{ "...": digest }]]);
        disclosures.push(disclosure);
      }
      const credentialSubject = { id: didOf(scene.person.address, 31_337n), _sd: [digestOf(disclosure)] };
      const genuine = await issueCard(scene, scene.safe, await terms(scene));
      const card = restate(genuine, scene.safe, { credentialSubject });
      const presentation = { reveal: [] };
      const message = await refuse(scene, "Malformed", {
        presentation,
        alter: showing(scene.phone, card, disclosures),
      });
      const words = "digests of disclosures stand elsewhere than in its subject";
      expect(message).to.equal(`this is no card: ${words}`);
      // A wallet that is offered such a card is not held up either.
      const offered = [card.split("~")[0], ...disclosures, ""].join("~");
      expect(String(await failureOf(claimsOf(offered)))).to.include(words);
    });

    it("show every claim that is asked for", async () => {
      const scene = await setUp();
      const message = await refuse(scene, "MissingClaim", { request: { claims: ["over18", "district"] } });
      expect(message).to.equal("a claim that was asked for is not shown: district");
      const everything = { reveal: ["over18", "district"] };
      const { claims } = await accept(scene, { presentation: everything, request: { claims: everything.reveal } });
      expect(claims).to.deep.equal({ over18: true, district: 4 });
    });
  });

  describe("by their form", () => {
    it("are refused before and after their time", async () => {
      const scene = await setUp();
      const stated = await terms(scene);
      const until = stated.issuedAt + 1_000n;
      const card = await issueCard(scene, scene.safe, { ...stated, until });
      await time.increaseTo(until);
      await accept(scene, { card });
      await time.increaseTo(until + 1n);
      await refuse(scene, "Expired", { card });
      const later = await issueCard(scene, scene.safe, { ...stated, issuedAt: (await now()) + 120n });
      await refuse(scene, "NotYetValid", { card: later });
      const embargo = restate(await issueCard(scene, scene.safe, stated), scene.safe, { nbf: Number(scene.until) });
      await refuse(scene, "NotYetValid", { card: embargo });
    });

    it("are refused as another type, or of another city", async () => {
      const scene = await setUp();
      expect(await refuse(scene, "WrongType", { request: { type: "BATTERY_TESTER" } })).to.match(/RESIDENT instead of/);
      const card = await issueCard(scene, scene.safe, await terms(scene));
      const registry = await registryOf(scene);
      const elsewhere = vctOf({ ...registry, contract: await scene.lease.getAddress() }, RESIDENT);
      await refuse(scene, "WrongType", { card: restate(card, scene.safe, { vct: elsewhere }) });
    });

    it("are refused when a field is missing or wrong, whoever signed it", async () => {
      const scene = await setUp();
      const { safe } = scene;
      const card = await issueCard(scene, safe, await terms(scene));
      const payload = parse(card.split("~")[0]!.split(".")[1]!);
      const [revocation, suspension] = payload.credentialStatus as Record<string, string>[];
      const elsewhere = (from: string, to: string) => [
        { ...revocation, statusListCredential: revocation!.statusListCredential!.replace(from, to) },
        suspension,
      ];
      const digests = (payload.credentialSubject as { _sd: string[] })._sd;
      const faults: object[] = [
        { issuer: didOf(safe.address, 31_337n) },
        { vct: undefined },
        { vct: { toString: 1, valueOf: 1 } },
        { exp: "tomorrow" },
        { exp: undefined },
        { iat: 0.5 },
        { nbf: "now" },
        { cnf: undefined },
        { cnf: { kid: didOf(safe.address, 31_337n) } },
        { type: ["Credential"] },
        { credentialSubject: undefined },
        { _sd_alg: "sha-512" },
        { credentialSubject: { ...(payload.credentialSubject as object), over18: true } },
        { credentialSubject: payload.credentialSubject, _sd: digests },
        { credentialStatus: undefined },
        { credentialStatus: [revocation] },
        { credentialStatus: [revocation, revocation] },
        { credentialStatus: [revocation, suspension, suspension] },
        { credentialStatus: [revocation, { ...suspension, statusListIndex: "1001" }] },
        { credentialStatus: [revocation, { ...suspension, statusListIndex: "-1" }] },
        { credentialStatus: [revocation, { ...suspension, type: "StatusList2021Entry" }] },
        { credentialStatus: [{ ...revocation, statusPurpose: "suspension" }, suspension] },
        { credentialStatus: [{ ...revocation, statusListCredential: "https://city.example/1" }, suspension] },
        { credentialStatus: elsewhere("eip155:31337", "eip155:1") },
        { credentialStatus: elsewhere(await scene.credentials.getAddress(), await scene.lease.getAddress()) },
        { credentialStatus: elsewhere("list=3", "list=4") },
        { credentialStatus: [revocation, suspension].map((entry) => ({ ...entry, statusListIndex: `${1n << 64n}` })) },
        {
          credentialStatus: [revocation, suspension].map((entry) => ({
            ...entry,
            statusListCredential: entry!.statusListCredential!.replace(scene.office.address, scene.person.address),
          })),
        },
      ];
      for (const fault of faults) {
        const alter = (shown: string) => restate(shown, safe, fault);
        const verdict = await attempt(scene, { card, alter });
        expect(verdict, JSON.stringify(fault)).to.have.property("reason").that.equals("Malformed");
      }
      for (const header of [{ alg: "none" }, { alg: "ES256" }, { typ: "JWT" }, { crit: ["exp"] }]) {
        await refuse(scene, "Malformed", { card, alter: (shown) => restate(shown, safe, {}, header) });
      }
      const { verifier } = await library(scene);
      for (const text of [
        undefined,
        "",
        "~",
        "a.b.c~",
        "e30.e30.e30~~e30.e30.e30",
        "x".repeat(65_537),
        "null.null.null~",
      ]) {
        const verdict = await verifier.verify(text!, { type: RESIDENT });
        expect(verdict, String(text).slice(0, 20)).to.have.property("reason").that.equals("Malformed");
      }
    });

    it("are refused with a key binding of another form", async () => {
      const scene = await setUp();
      const rebind = (header: object, payload: object) => (shown: string) => {
        const parts = shown.split("~");
        const [oldHeader = "", oldPayload = ""] = parts.at(-1)!.split(".");
        const binding = jwt(scene.phone, { ...parse(oldHeader), ...header }, { ...parse(oldPayload), ...payload });
        return [...parts.slice(0, -1), binding].join("~");
      };
      await refuse(scene, "Malformed", { alter: rebind({ typ: "JWT" }, {}) });
      await refuse(scene, "Malformed", { alter: rebind({ alg: "none" }, {}) });
      await refuse(scene, "Malformed", { alter: rebind({}, { nonce: "" }) });
      await refuse(scene, "Malformed", { alter: rebind({}, { iat: "now" }) });
      await refuse(scene, "WrongAudience", { alter: rebind({}, { aud: [AUDIENCE] }) });
      // So deep that it can be read but not written.
      const deep = (shown: string) => {
        const parts = shown.split("~");
        const [header = "", payload = ""] = parts.at(-1)!.split(".");
        const text = JSON.stringify({ ...parse(payload), aud: 0 });
        const binding = text.replace('"aud":0', `"aud":${"[".repeat(9_000)}${"]".repeat(9_000)}`);
        return [...parts.slice(0, -1), jwt(scene.phone, parse(header), binding)].join("~");
      };
      await refuse(scene, "WrongAudience", { alter: deep });
      await refuse(scene, "AlteredPresentation", { alter: rebind({}, { sd_hash: "x" }) });
    });

    it("are not issued with names or times that would not come back", async () => {
      const scene = await setUp();
      const stated = await terms(scene);
      const issue = async (change: Partial<CardTerms>) => issueCard(scene, scene.safe, { ...stated, ...change });
      for (const change of [
        { claims: { id: 1 } },
        { claims: { _sd: 1 } },
        { claims: { "a.b": 1 } },
        { claims: { address: { _sd: [] } } },
        { openClaims: { addresses: [{ "...": "" }] } },
        { claims: { over18: true }, openClaims: { over18: true } },
        { until: 1n << 60n },
        { issuedAt: 0n },
        { list: 1n << 32n },
        { card: -1n },
        { type: "" },
      ]) {
        expect(await failureOf(issue(change)), Object.keys(change).join()).to.be.instanceOf(RangeError);
      }
      const short: JwtSigner = { sign: () => "0x1234" };
      expect(String(await failureOf(issueCard(scene, short, stated)))).to.match(/2 bytes is too short/);
      const card = await issueCard(scene, scene.safe, stated);
      const presentation = { reveal: ["income"], audience: AUDIENCE, nonce: "n" };
      const failure = await failureOf(presentCard(card, scene.phone, presentation));
      expect(failure).to.be.instanceOf(RangeError);
      expect(String(failure)).to.match(/no claim income to show; it has district, familyName, over18/);
    });

    it("let a fault of the chain through as an error, not as a verdict", async () => {
      const scene = await setUp();
      const offline = { credentials: scene.credentials.connect(null) };
      expect(String(await failureOf(registryOf(offline)))).to.match(/bound to no provider/);
    });
  });

  it("are refused for each reason in some test of this file", () => {
    const source = readFileSync(new URL(import.meta.url), "utf8");
    const tested = refusalReasons.filter((reason) => source.includes(`"${reason}"`));
    expect(tested).to.deep.equal(refusalReasons);
  });
});
