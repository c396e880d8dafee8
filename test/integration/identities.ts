import { expect } from "chai";
import type { DIDDocument } from "did-resolver";
import { hexlify, id, toUtf8Bytes, Wallet, ZeroAddress } from "ethers";
import { network } from "hardhat";

import {
  accountOfKey,
  didOf,
  didResolver,
  entry,
  Identity,
  networkOf,
  parseDid,
  publicKeyEntry,
  serviceEntry,
  SIG_AUTH,
  VERI_KEY,
  wordOf,
} from "../../sdk/identity/index.js";
import {
  buildGuardianPlan,
  guardianPlanHash,
  NO_GUARDIANS,
  NO_SIGNATURE,
  p256AccountOf,
  p256KeyOf,
  toSignedApproval,
} from "../../sdk/index.js";
import { Identities__factory } from "../../typechain-types/index.js";
import { type InhabitedCity, inhabitedCity, refusal, spans, START } from "./utils/identities.js";

const { networkHelpers } = await network.create({ override: { initialDate: START } });

async function load(): Promise<InhabitedCity> {
  return networkHelpers.loadFixture(inhabitedCity);
}

async function deadline(): Promise<bigint> {
  return BigInt(await networkHelpers.time.latest()) + spans.day;
}

/** What a DID document says, without what every one has. */
function documentOf(did: string, changes: Partial<DIDDocument> & { readonly methods: object[] }) {
  const { methods, ...others } = changes;
  return {
    "@context": [
      "https://www.w3.org/ns/did/v1",
      "https://w3id.org/security/suites/secp256k1recovery-2020/v2",
      "https://w3id.org/security/v3-unstable",
    ],
    id: did,
    verificationMethod: methods.map((method) => ({ controller: did, ...method })),
    authentication: [`${did}#controller`],
    assertionMethod: [`${did}#controller`],
    ...others,
  };
}

describe("SDK for identities", () => {
  describe("didOf and parseDid", () => {
    const address = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

    it("name a chain and an address", () => {
      const did = didOf(address.toLowerCase(), 31_337n);
      expect(did).to.equal(`did:ethr:0x7a69:${address}`);
      expect(parseDid(did)).to.deep.equal({ chainId: 31_337n, address });
      expect(parseDid(didOf(address, 10))).to.deep.equal({ chainId: 10n, address });
    });

    it("take Ethereum for the chain of a DID that names none", () => {
      expect(parseDid(`did:ethr:${address}`)).to.deep.equal({ chainId: 1n, address });
    });

    it("find the address of a DID that names a public key", () => {
      const { address: account, signingKey } = new Wallet(id("key"));
      const publicKey = signingKey.compressedPublicKey;
      const did = `did:ethr:0xa:${publicKey}`;
      expect(parseDid(did)).to.deep.equal({ chainId: 10n, address: account, publicKey });
    });

    for (const [what, did] of [
      ["another method", `did:web:${address}`],
      ["a network by name", `did:ethr:sepolia:${address}`],
      ["a chain number that is none", `did:ethr:0x07a69:${address}`],
      ["a short address", `did:ethr:0x7a69:${address.slice(0, -1)}`],
      ["a wrong checksum", `did:ethr:0x7a69:${address.replace("F", "f")}`],
      ["a key beside the curve", `did:ethr:0x7a69:0x02${"00".repeat(32)}`],
      ["a query", `did:ethr:0x7a69:${address}?versionId=1`],
      ["nothing", ""],
    ] as const) {
      it(`refuse ${what}`, () => {
        expect(() => parseDid(did)).to.throw(TypeError, did);
      });
    }

    it("refuse what is no address and no chain", () => {
      expect(() => didOf("0x12", 1n)).to.throw(TypeError, "invalid address");
      expect(() => didOf(address, 0n)).to.throw(RangeError, "chain number 0 is below 1");
    });
  });

  describe("accountOfKey", () => {
    it("is the account that the contracts know a key by", async () => {
      const { p256Signer } = await load();
      const signer = p256Signer("card");
      expect(accountOfKey(p256KeyOf(signer))).to.equal(p256AccountOf(signer));
    });

    it("refuses a key that is only a verifier", () => {
      expect(() => accountOfKey(`0x${"11".repeat(20)}`)).to.throw(RangeError, "more than 20 bytes, not 20");
    });
  });

  describe("entries", () => {
    it("are named by up to 32 bytes", () => {
      expect(wordOf("veriKey")).to.equal(`0x766572694b6579${"00".repeat(25)}`);
      const { name } = publicKeyEntry({ algorithm: "Secp256k1", encoding: "base64" }, "0x02");
      expect(name).to.equal(hexlify(toUtf8Bytes("did/pub/Secp256k1/veriKey/base64")));
      expect(() => wordOf("é".repeat(17))).to.throw(RangeError, "34 bytes, more than 32");
    });

    it("hold bytes, and endpoints as text or JSON", () => {
      expect(entry("a", Uint8Array.of(1, 2)).value).to.equal("0x0102");
      expect(serviceEntry("Home", "https://home.example").value).to.equal(hexlify(toUtf8Bytes("https://home.example")));
      expect(serviceEntry("Home", { uri: "x" }).value).to.equal(hexlify(toUtf8Bytes('{"uri":"x"}')));
      expect(() => entry("a", "text")).to.throw(TypeError, "invalid BytesLike value");
      expect(() => serviceEntry("Home page", "x")).to.throw(TypeError, 'service type "Home page"');
    });
  });

  describe("buildGuardianPlan", () => {
    const [low, high] = [`0x${"11".repeat(20)}`, `0x${"22".repeat(20)}`] as const;

    it("sorts the guardians, and has the contract's hash", async () => {
      const { city } = await load();
      const plan = buildGuardianPlan([high, low], 2n, spans.day);
      expect(plan).to.deep.equal({ guardians: [low, high], threshold: 2n, delay: spans.day });
      for (const any of [plan, NO_GUARDIANS]) {
        const { guardians, ...terms } = any;
        const hash = await city.identities.guardianPlanHash({ guardians: [...guardians], ...terms });
        expect(guardianPlanHash(any)).to.equal(hash);
      }
    });

    it("accepts exactly what the contract accepts", async () => {
      const { city, ada } = await load();
      const identity = new Identity(city.identities.connect(ada), ada.address);
      const crowd = (count: number) => Array.from({ length: count }, (_, index) => new Wallet(id(`${index}`)).address);
      for (const [count, threshold, delay] of [
        [1, 1n, spans.day],
        [16, 16n, spans.year],
      ] as const) {
        const plan = buildGuardianPlan(crowd(count), threshold, delay);
        await identity.setGuardians(plan);
        expect(await city.identities.guardiansOf(ada)).to.equal(guardianPlanHash(plan));
      }
      for (const [guardians, threshold, delay, said] of [
        [[], 1n, spans.day, "1 to 16 guardians, not 0"],
        [crowd(17), 1n, spans.day, "1 to 16 guardians, not 17"],
        [[low, low], 1n, spans.day, `${low} is zero or named twice`],
        [[low, ZeroAddress], 1n, spans.day, `${ZeroAddress} is zero or named twice`],
        [[low, high], 0n, spans.day, "threshold 0 is not from 1 to 2"],
        [[low, high], 3n, spans.day, "threshold 3 is not from 1 to 2"],
        [[low], 1n, spans.day - 1n, "delay 86399 is not from 86400 to 31536000"],
        [[low], 1n, spans.year + 1n, "delay 31536001 is not from 86400 to 31536000"],
      ] as const) {
        expect(() => buildGuardianPlan(guardians, threshold, delay)).to.throw(RangeError, said);
        const plan = { guardians: [...guardians].sort(), threshold, delay };
        const reason = await refusal(identity.setGuardians(plan));
        expect(reason).to.match(/^Identities(TooManyGuardians|Bad(Guardian|Threshold|Delay))$/);
      }
    });
  });

  describe("toSignedApproval", () => {
    it("refuses who is no guardian", () => {
      const plan = buildGuardianPlan([`0x${"11".repeat(20)}`], 1n, spans.day);
      const stranger = `0x${"22".repeat(20)}`;
      const act = () => toSignedApproval(plan, stranger, { nonce: 0n, deadline: 0n }, NO_SIGNATURE);
      expect(act).to.throw(RangeError, `${stranger} is none of the guardians`);
    });
  });

  describe("networkOf", () => {
    it("asks for the chain, and needs a provider", async () => {
      const { city, chainId, addresses, ethers } = await load();
      expect(await networkOf(city.identities.connect(ethers.provider))).to.deep.equal({
        chainId,
        provider: ethers.provider,
        registry: addresses.identities,
      });
      const unbound = Identities__factory.connect(addresses.identities);
      const failure = await networkOf(unbound).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(TypeError).with.property("message").that.includes("bound to no provider");
    });
  });
});

describe("DID resolution", () => {
  describe("a DID that cannot be resolved", () => {
    const address = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
    for (const [what, did, error] of [
      ["on an unknown chain", `did:ethr:0x1234:${address}`, "unknownNetwork"],
      ["on a network known by no name", `did:ethr:atlantis:${address}`, "unknownNetwork"],
      ["on Ethereum, which is not configured", `did:ethr:${address}`, "unknownNetwork"],
      ["of another method", `did:web:example.org`, "unsupportedDidMethod"],
      ["of a method named like a property", `did:constructor:${address}`, "unsupportedDidMethod"],
      ["with a short address", `did:ethr:0x7a69:${address.slice(0, -2)}`, "invalidDid"],
      ["with a word for an address", "did:ethr:0x7a69:ada", "invalidDid"],
      ["with a key beside the curve", `did:ethr:0x7a69:0x02${"00".repeat(32)}`, "notFound"],
      ["with a wrong checksum", `did:ethr:0x7a69:${address.replace("F", "f")}`, "notFound"],
      ["as of a block to come", `did:ethr:0x7a69:${address}?versionId=1000000`, "notFound"],
      ["that is no DID", "ada@example.org", "invalidDid"],
      ["that is empty", "", "invalidDid"],
    ] as const) {
      it(`gives ${error} for one ${what}`, async () => {
        const { city } = await load();
        const resolver = didResolver([await networkOf(city.identities)]);
        const { didDocument, didDocumentMetadata, didResolutionMetadata } = await resolver.resolve(did);
        expect(didResolutionMetadata.error).to.equal(error);
        expect(didDocument).to.equal(null);
        expect(didDocumentMetadata).to.deep.equal({});
      });
    }

    it("gives notFound where no registry stands, and an error for a form it does not speak", async () => {
      const { city, ada } = await load();
      const there = await networkOf(city.identities);
      const nowhere = didResolver([{ ...there, registry: ada.address }]);
      const did = didOf(ada.address, there.chainId);
      expect((await nowhere.resolve(did)).didResolutionMetadata.error).to.equal("notFound");
      const { didResolutionMetadata } = await didResolver([there]).resolve(did, { accept: "text/plain" });
      expect(didResolutionMetadata.error).to.equal("unsupportedFormat");
    });

    it("needs a network, and lets the first of two count", async () => {
      const { city, ada } = await load();
      expect(() => didResolver([])).to.throw(RangeError, "at least one network");
      const there = await networkOf(city.identities);
      const resolver = didResolver([
        { ...there, name: "town" },
        { ...there, registry: ada.address },
      ]);
      for (const network of ["town", "0x7a69"]) {
        const { didDocument } = await resolver.resolve(`did:ethr:${network}:${ada.address}`);
        expect(didDocument?.id).to.equal(`did:ethr:${network}:${ada.address}`);
      }
    });
  });

  describe("the states of an identity", () => {
    const prepare = async () => {
      const scene = await load();
      const { city, ada, chainId } = scene;
      const identity = new Identity(city.identities.connect(ada), ada.address);
      const did = didOf(ada.address, chainId);
      const account = (address: string) => `eip155:${chainId}:${address}`;
      const controller = (address: string) => {
        const type = "EcdsaSecp256k1RecoveryMethod2020";
        return { id: `${did}#controller`, type, blockchainAccountId: account(address) };
      };
      return { ...scene, identity, did, account, controller };
    };

    it("is its own controller when it is fresh, at no cost", async () => {
      const { identity, did, controller, ada } = await prepare();
      expect(await identity.did()).to.equal(did);
      expect(await identity.owner()).to.equal(ada.address);
      expect(await identity.resolve()).to.deep.equal({
        didDocumentMetadata: {},
        didResolutionMetadata: { contentType: "application/did+ld+json" },
        didDocument: documentOf(did, { methods: [controller(ada.address)] }),
      });
    });

    it("shows keys, delegates and services, and those that ended no more", async () => {
      const { identity, did, account, controller, ada, ben, cid } = await prepare();
      const key = publicKeyEntry({ algorithm: "Ed25519" }, id("key"));
      const service = serviceEntry("Inbox", { uri: "https://inbox.example" });
      await identity.setAttribute(key, spans.long);
      await identity.addDelegate(SIG_AUTH, ben.address, spans.long);
      await identity.addDelegate(VERI_KEY, cid.address, spans.short);
      await identity.setAttribute(service, spans.long);
      const { didDocument } = await identity.resolve();
      const shown = documentOf(did, {
        methods: [
          controller(ada.address),
          { id: `${did}#delegate-1`, type: "Ed25519VerificationKey2018", publicKeyHex: key.value.slice(2) },
          {
            id: `${did}#delegate-2`,
            type: "EcdsaSecp256k1RecoveryMethod2020",
            blockchainAccountId: account(ben.address),
          },
        ],
        authentication: [`${did}#controller`, `${did}#delegate-2`],
        assertionMethod: [`${did}#controller`, `${did}#delegate-1`, `${did}#delegate-2`],
        service: [{ id: `${did}#service-1`, type: "Inbox", serviceEndpoint: { uri: "https://inbox.example" } }],
      });
      expect(didDocument).to.deep.equal(shown);
      expect(await identity.hasDelegate(SIG_AUTH, ben.address)).to.equal(true);

      await identity.revokeDelegate(SIG_AUTH, ben.address);
      await identity.revokeAttribute(key);
      await identity.revokeAttribute(service);
      expect(await identity.hasDelegate(SIG_AUTH, ben.address)).to.equal(false);
      expect((await identity.resolve()).didDocument).to.deep.equal(
        documentOf(did, { methods: [controller(ada.address)] }),
      );
    });

    it("has a new controller when it was rotated, and had the old one before", async () => {
      const { identity, did, controller, city, chainId, ada, ben } = await prepare();
      await identity.setAttribute(entry("device/note", "0x01"), spans.long);
      const before = await networkHelpers.time.latestBlock();
      await identity.rotate(ben.address);
      expect(await identity.owner()).to.equal(ben.address);
      expect((await identity.resolve()).didDocument).to.deep.equal(
        documentOf(did, { methods: [controller(ben.address)] }),
      );
      const resolver = didResolver([await networkOf(city.identities)]);
      const { didDocument, didDocumentMetadata } = await resolver.resolve(
        `${didOf(ada.address, chainId)}?versionId=${before}`,
      );
      expect(didDocument).to.deep.equal(documentOf(did, { methods: [controller(ada.address)] }));
      expect(didDocumentMetadata).to.include({ versionId: `${before}`, nextVersionId: `${before + 1}` });
      expect(await refusal(identity.rotate(ada.address))).to.equal("IdentitiesNotOwner");
    });

    it("is deactivated for ever when it was retired", async () => {
      const { identity, did, ada } = await prepare();
      await identity.retire();
      expect(await identity.owner()).to.equal(ZeroAddress);
      const resolved = await identity.resolve();
      expect(resolved.didDocumentMetadata.deactivated).to.equal(true);
      expect(resolved.didDocument).to.deep.equal(
        documentOf(did, { methods: [], authentication: [], assertionMethod: [] }),
      );
      expect(await refusal(identity.rotate(ada.address))).to.equal("IdentitiesRetired");
      expect(await identity.resolve()).to.deep.equal(resolved);
    });

    it("is not disturbed by the suite's own events, in blocks of their own and with others", async () => {
      const { identity, city, did, account, controller, ada, ben, cid, relayer, ethers } = await prepare();
      const plan = buildGuardianPlan([ben.address, cid.address], 1n, spans.day);
      await identity.setAttribute(serviceEntry("Home", "https://home.example"), spans.long);
      const [shown, changed] = [await identity.resolve(), await city.identities.changed(ada)];

      await identity.setGuardians(plan);
      const approval = await identity.approveRecovery(relayer.address, plan, ben, { deadline: await deadline() });
      await identity.startRecovery(relayer.address, plan, [approval]);
      await identity.vetoRecovery();
      expect(await city.identities.changed(ada)).to.equal(changed);
      expect(await identity.resolve()).to.deep.equal(shown);

      // Guardians and a delegate in one block.
      await ethers.provider.send("evm_setAutomine", [false]);
      const gas = { gasLimit: 500_000n };
      const byAda = city.identities.connect(ada);
      await byAda.setGuardians(ada, { guardians: [], threshold: 0n, delay: 0n }, gas);
      await byAda.addDelegate(ada, wordOf(VERI_KEY), cid, spans.long, gas);
      await networkHelpers.mine();
      await ethers.provider.send("evm_setAutomine", [true]);
      expect((await ethers.provider.getBlock("latest"))!.transactions).to.have.length(2);
      const { didDocument } = await identity.resolve();
      const delegate = { type: "EcdsaSecp256k1RecoveryMethod2020", blockchainAccountId: account(cid.address) };
      expect(didDocument).to.deep.equal(
        documentOf(did, {
          methods: [controller(ada.address), { id: `${did}#delegate-1`, ...delegate }],
          assertionMethod: [`${did}#controller`, `${did}#delegate-1`],
          service: [{ id: `${did}#service-1`, type: "Home", serviceEndpoint: "https://home.example" }],
        }),
      );
    });
  });
});
