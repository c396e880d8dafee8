import { expect } from "chai";
import { type Wallet, ZeroAddress } from "ethers";
import { network } from "hardhat";

import {
  type Act,
  answersOf,
  type Calls,
  callsOf,
  CHAIN,
  inOneBlock,
  randomAct,
  randomWait,
  resolveBy,
  twoRegistries,
  type TwoRegistries,
} from "./utils/erc1056.js";
import { Random } from "./utils/random.js";

/** Random sequences of acts give the same DID documents by the suite's registry as by the reference. */

const SEQUENCES = 12;
const BLOCKS = 20;
const VERSIONS = 6;

const { networkHelpers } = await network.create({ override: CHAIN });

describe("Identities beside the reference registry", () => {
  /** How often each act was accepted and refused in all sequences. */
  const seen = new Map<string, number>();

  for (let seed = 1; seed <= SEQUENCES; seed++) {
    it(`gives the same documents after random acts, sequence ${seed}`, async () => {
      const stage = await networkHelpers.loadFixture(twoRegistries);
      const random = new Random(seed);
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
          if (act.signed) signed.push(calls);
        }
        const outcomes = await inOneBlock(
          stage,
          acts.map(({ calls }) => calls),
        );
        for (const [index, [bySuite, byReference]] of outcomes.entries()) {
          const { what } = acts[index]!;
          expect(bySuite, `${what} in round ${made}`).to.equal(byReference);
          const fate = `${what} ${bySuite ? "accepted" : "refused"}`;
          seen.set(fate, (seen.get(fate) ?? 0) + 1);
        }
        await randomWait(random, stage);
      }
      await expectSame(stage, random);

      const retired = await retireOne(stage, random);
      await expectSame(stage, random, new Set([retired]));
    });
  }

  it("tried every function often, both where it is accepted and where it is refused", () => {
    const methods = ["changeOwner", "addDelegate", "revokeDelegate", "setAttribute", "revokeAttribute"];
    for (const method of methods.flatMap((direct) => [direct, `${direct}Signed`])) {
      expect(seen.get(`${method} accepted`), `${method} accepted`).to.be.greaterThan(SEQUENCES);
      expect(seen.get(`${method} refused`), `${method} refused`).to.be.greaterThan(SEQUENCES / 4);
    }
    expect(seen.get("again refused")).to.be.greaterThan(SEQUENCES);
    expect(seen.get("again accepted")).to.equal(undefined);
  });
});

/** The owner of some identity retires it. */
async function retireOne(stage: TwoRegistries, random: Random): Promise<string> {
  const people = stage.people as [Wallet, ...Wallet[]];
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

/** Expects the same of both registries: what they answer, and what their identities' DIDs resolve to, now and before. */
async function expectSame(stage: TwoRegistries, random: Random, retired: ReadonlySet<string> = new Set()) {
  const [suite, oracle] = stage.registries;
  expect(await answersOf(stage, suite, retired)).to.deep.equal(await answersOf(stage, oracle, retired));
  const latest = BigInt(await stage.networkHelpers.time.latestBlock());
  for (const { address } of stage.people) {
    const versions = Array.from({ length: VERSIONS }, () => random.between(1n, latest));
    for (const block of [undefined, latest, ...versions]) {
      const bySuite = await resolveBy(stage, suite, address, block);
      expect(bySuite.didResolutionMetadata.error).to.equal(undefined);
      expect(bySuite).to.deep.equal(await resolveBy(stage, oracle, address, block));
    }
    const { didDocumentMetadata } = await resolveBy(stage, suite, address);
    expect(didDocumentMetadata.deactivated ?? false).to.equal(retired.has(address));
  }
}
