import { expect } from "chai";
import type { DIDDocument } from "did-resolver";
import { encodeBytes32String, type Wallet, ZeroAddress, ZeroHash } from "ethers";
import { network } from "hardhat";

import { Identities__factory } from "../../typechain-types/index.js";
import {
  type AbiEntry,
  type Act,
  answersOf,
  type Calls,
  callsOf,
  CHAIN,
  everyDeed,
  inOneBlock,
  randomAct,
  randomWait,
  reference,
  refusalOf,
  resolveBy,
  twoRegistries,
  type TwoRegistries,
} from "./utils/erc1056.js";
import { Random } from "./utils/random.js";

/** Random sequences of acts give the same DID documents by the suite's registry as by the reference. */

const GROUPS = process.env.CIVITAS_DEEP === "1" ? 40 : 2;
/** Sequences of a group. */
const SEQUENCES = 6;
/** Blocks of a sequence, with up to three acts each. */
const BLOCKS = 20;
/** Blocks as of which an identity is looked at after a sequence. */
const VERSIONS = 6;
/** Parts of a document that the sequences must bring about, and what every document has of them. */
const LEAST = { verificationMethod: 1, authentication: 1, assertionMethod: 1, keyAgreement: 0, service: 0 } as const;
const SHOWN = Object.keys(LEAST) as (keyof typeof LEAST)[];
const DAY = 86_400n;
const YEAR = 365n * DAY;
const OTHER_CHAIN = 31_338;

const { networkHelpers } = await network.create({ override: CHAIN });

describe("Identities beside the reference registry", () => {
  describe("ABI", () => {
    const entries = reference.abi.filter(({ type }) => type === "function" || type === "event");

    it("has functions and events to compare", () => {
      expect(entries.filter(({ type }) => type === "function")).to.have.length(16);
      expect(entries.filter(({ type }) => type === "event")).to.have.length(3);
    });

    for (const entry of entries) {
      it(`has ${entry.type} ${entry.name} in the same form`, () => {
        const own = (Identities__factory.abi as readonly AbiEntry[]).filter(
          ({ type, name }) => type === entry.type && name === entry.name,
        );
        expect(own).to.have.length(1);
        const { inputs, outputs, stateMutability, anonymous } = own[0]!;
        expect({ stateMutability, anonymous }).to.deep.equal({
          stateMutability: entry.stateMutability,
          anonymous: entry.anonymous,
        });
        expect(formOf(inputs, entry.inputs)).to.deep.equal(formOf(entry.inputs, entry.inputs));
        expect(formOf(outputs, entry.outputs)).to.deep.equal(formOf(entry.outputs, entry.outputs));
      });
    }
  });

  describe("random acts", () => {
    for (let group = 0; group < GROUPS; group++) {
      const first = group * SEQUENCES + 1;
      it(`give the same documents, sequences ${first} to ${first + SEQUENCES - 1}`, async () => {
        const seen = new Map<string, number>();
        for (let seed = first; seed < first + SEQUENCES; seed++) {
          const stage = await networkHelpers.loadFixture(twoRegistries);
          await rehearse(stage, new Random(seed), `sequence ${seed}`, seen);
        }
        // Every function, both where it is accepted and where it is refused, and every part of a document.
        const functions = everyDeed.flatMap(({ method }) => [method, `${method}Signed`]);
        const fates = functions.flatMap((called) => [`${called} accepted`, `${called} refused`]);
        for (const what of [...fates, "again refused", ...SHOWN]) {
          expect(seen.get(what) ?? 0, what).to.be.greaterThan(0);
        }
        expect(seen.get("again accepted")).to.equal(undefined);
      });
    }
  });

  describe("retirement", () => {
    const retired = async (owner: "self" | "another") => {
      const stage = await networkHelpers.loadFixture(twoRegistries);
      const [self, another] = stage.people as [Wallet, Wallet, ...Wallet[]];
      const identity = self.address;
      const delegate = stage.people[2]!.address;
      const grant = { method: "addDelegate", delegateType: "veriKey", delegate, validity: 1_000_000n } as const;
      const acts: Act[] = [{ ...grant, identity, actor: self, signed: false }];
      if (owner === "another") {
        acts.push({ method: "changeOwner", newOwner: another.address, identity, actor: self, signed: false });
      }
      const last = owner === "self" ? self : another;
      acts.push({ method: "changeOwner", newOwner: ZeroAddress, identity, actor: last, signed: true });
      for (const act of acts) {
        expect(await inOneBlock(stage, [await callsOf(stage, act)])).to.deep.equal([[true, true]]);
      }
      return { stage, identity, self, last, delegate };
    };

    for (const owner of ["self", "another"] as const) {
      for (const deed of everyDeed) {
        for (const signed of [false, true]) {
          const how = signed ? "by signature" : "directly";
          it(`ends ${deed.method} ${how} for ever where the owner was ${owner}; the reference takes it`, async () => {
            const { stage, identity, self, last } = await retired(owner);
            const again = await callsOf(stage, { ...deed, identity, actor: self, signed });
            expect(await refusalOf(stage, again[0])).to.equal("IdentitiesRetired");
            // To the reference, the identity belongs to its first key again.
            expect(await inOneBlock(stage, [again])).to.deep.equal([[false, true]]);
            await stage.networkHelpers.time.increase(YEAR);
            const later = await callsOf(stage, { ...deed, identity, actor: last, signed });
            expect(await refusalOf(stage, later[0])).to.equal("IdentitiesRetired");
          });
        }
      }
    }

    it("leaves the identity without owner and delegates, and its DID deactivated", async () => {
      const { stage, identity, self, delegate } = await retired("self");
      const [suite, oracle] = stage.registries;
      const word = encodeBytes32String("veriKey");
      const block = await stage.networkHelpers.time.latestBlock();
      const before = await resolveBy(stage, suite, identity);
      expect(before.didDocumentMetadata).to.include({ deactivated: true, versionId: `${block}` });
      expect(before.didDocument).to.deep.include({ verificationMethod: [], authentication: [], assertionMethod: [] });

      for (const deed of everyDeed) {
        await inOneBlock(stage, [await callsOf(stage, { ...deed, identity, actor: self, signed: false })]);
      }
      expect(await suite.contract.identityOwner(identity)).to.equal(ZeroAddress);
      expect(await suite.contract.validDelegate(identity, word, delegate)).to.equal(false);
      expect(await suite.contract.changed(identity)).to.equal(block);
      expect(await resolveBy(stage, suite, identity)).to.deep.equal(before);
      expect(await oracle.contract.validDelegate(identity, word, delegate)).to.equal(true);
      expect(await oracle.contract.changed(identity)).to.be.greaterThan(block);
    });

    it("takes no signature that is none for the owner that is none", async () => {
      const { stage, identity, self } = await retired("self");
      const { contract } = stage.registries[0];
      const { interface: abi } = contract;
      const data = abi.encodeFunctionData("changeOwnerSigned", [identity, 0, ZeroHash, ZeroHash, self.address]);
      const call = { sender: stage.relayer, to: await contract.getAddress(), data };
      expect(await refusalOf(stage, call)).to.equal("IdentitiesRetired");
    });
  });

  describe("signatures of the reference's form", () => {
    for (const deed of everyDeed) {
      describe(deed.method, () => {
        const prepare = async () => {
          const stage = await networkHelpers.loadFixture(twoRegistries);
          const [actor] = stage.people;
          return { stage, act: { ...deed, identity: actor.address, actor, signed: true } satisfies Act };
        };

        it("serves once", async () => {
          const { stage, act } = await prepare();
          const calls = await callsOf(stage, act);
          expect(await inOneBlock(stage, [calls])).to.deep.equal([[true, true]]);
          expect(await refusalOf(stage, calls[0])).to.equal("IdentitiesBadSignature");
          expect(await inOneBlock(stage, [calls])).to.deep.equal([[false, false]]);
        });

        it("serves until the end of the day after; the reference's for ever", async () => {
          const { stage, act } = await prepare();
          const { time } = stage.networkHelpers;
          const lastSecond = (BigInt(await time.latest()) / DAY + 2n) * DAY - 1n;
          const calls = await callsOf(stage, act);
          await time.setNextBlockTimestamp(lastSecond + 1n);
          await stage.networkHelpers.mine();
          expect(await refusalOf(stage, calls[0])).to.equal("IdentitiesBadSignature");
          expect(await inOneBlock(stage, [calls])).to.deep.equal([[false, true]]);
        });

        it("is accepted in the last second of the day after", async () => {
          const { stage, act } = await prepare();
          const { time } = stage.networkHelpers;
          const lastSecond = (BigInt(await time.latest()) / DAY + 2n) * DAY - 1n;
          const calls = await callsOf(stage, act);
          await time.setNextBlockTimestamp(lastSecond);
          expect(await inOneBlock(stage, [calls])).to.deep.equal([[true, true]]);
        });

        it("serves on its own chain; the reference's on every one", async () => {
          const { stage, act } = await prepare();
          const elsewhere = await twoRegistries(await network.create({ override: { ...CHAIN, chainId: OTHER_CHAIN } }));
          const calls = await callsOf(elsewhere, act);
          const here = calls.map((call) => ({ ...call, sender: stage.relayer })) as unknown as Calls;
          expect(here.map(({ to }) => to)).to.deep.equal((await callsOf(stage, act)).map(({ to }) => to));
          expect(await refusalOf(stage, here[0])).to.equal("IdentitiesBadSignature");
          expect(await inOneBlock(stage, [here])).to.deep.equal([[false, true]]);
        });

        it("serves at its own contract", async () => {
          const { stage, act } = await prepare();
          const [bySuite, byReference] = await callsOf(stage, act);
          const crossed: Calls = [
            { ...bySuite, data: byReference.data },
            { ...byReference, data: bySuite.data },
          ];
          expect(await inOneBlock(stage, [crossed])).to.deep.equal([[false, false]]);
        });
      });
    }
  });
});

/** Plays one random sequence on both registries, and counts in `seen` what happened. */
async function rehearse(stage: TwoRegistries, random: Random, name: string, seen: Map<string, number>) {
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  const signed: Calls[] = [];
  for (let made = 0; made < BLOCKS; made++) {
    const acts: { readonly what: string; readonly calls: Calls }[] = [];
    for (let left = random.between(1n, 3n); left > 0n; left--) {
      const [first, ...others] = signed;
      if (first !== undefined && random.between(1n, 8n) === 1n) {
        acts.push({ what: "again", calls: random.pick([first, ...others]) });
      }
      const act = await randomAct(random, stage);
      const calls = await callsOf(stage, act);
      acts.push({ what: `${act.method}${act.signed ? "Signed" : ""}`, calls });
    }
    const outcomes = await inOneBlock(
      stage,
      acts.map(({ calls }) => calls),
    );
    for (const [index, [bySuite, byReference]] of outcomes.entries()) {
      const { what } = acts[index]!;
      expect(bySuite, `${name}, round ${made}, ${what}`).to.equal(byReference);
      count(`${what} ${bySuite ? "accepted" : "refused"}`);
      if (bySuite && what.endsWith("Signed")) signed.push(acts[index]!.calls);
    }
    await randomWait(random, stage);
  }
  for (const document of await expectSame(stage, random, name)) {
    for (const what of SHOWN.filter((part) => (document[part]?.length ?? 0) > LEAST[part])) count(what);
  }
  const retired = await retireOne(stage, random);
  await expectSame(stage, random, name, new Set([retired]));
}

/** The owner of some identity retires it. */
async function retireOne(stage: TwoRegistries, random: Random): Promise<string> {
  const { people } = stage;
  const { address: identity } = random.pick(people);
  const owner = await stage.registries[1].contract.identityOwner(identity);
  const actor = people.find(({ address }) => address === owner)!;
  const act: Act = {
    method: "changeOwner",
    newOwner: ZeroAddress,
    identity,
    actor,
    signed: random.pick([true, false]),
  };
  expect(await inOneBlock(stage, [await callsOf(stage, act)])).to.deep.equal([[true, true]]);
  return identity;
}

/**
 * Expects the same of both registries: what they answer, and what their identities' DIDs resolve to, now and before.
 * Gives the documents.
 */
async function expectSame(
  stage: TwoRegistries,
  random: Random,
  name: string,
  retired: ReadonlySet<string> = new Set(),
): Promise<DIDDocument[]> {
  const [suite, oracle] = stage.registries;
  expect(await answersOf(stage, suite, retired), name).to.deep.equal(await answersOf(stage, oracle, retired));
  const latest = BigInt(await stage.networkHelpers.time.latestBlock());
  const documents: DIDDocument[] = [];
  for (const { address } of stage.people) {
    const versions = Array.from({ length: VERSIONS }, () => random.between(1n, latest));
    for (const block of [undefined, latest, ...versions]) {
      const bySuite = await resolveBy(stage, suite, address, block);
      const about = `${name}, ${address} as of block ${block ?? "now"}`;
      expect(bySuite.didResolutionMetadata.error, about).to.equal(undefined);
      expect(bySuite, about).to.deep.equal(await resolveBy(stage, oracle, address, block));
      documents.push(bySuite.didDocument!);
    }
    const { didDocumentMetadata } = await resolveBy(stage, suite, address);
    expect(didDocumentMetadata.deactivated ?? false, name).to.equal(retired.has(address));
  }
  return documents;
}

/** Parameters as a client needs them. Where the reference leaves a name out, the suite may give one. */
function formOf(parameters: AbiEntry["inputs"], named: AbiEntry["inputs"]) {
  return parameters?.map(({ name, type, indexed }, index) => {
    return { type, indexed, name: named?.[index]?.name === "" ? "" : name };
  });
}
