import { Group } from "@semaphore-protocol/group";
import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { expect } from "chai";
import {
  type BaseContract,
  encodeBytes32String,
  type Filter,
  type HDNodeWallet,
  id,
  type Provider,
  toBeHex,
  Wallet,
  ZeroAddress,
} from "ethers";
import { network } from "hardhat";

import { RollKind } from "../../sdk/enums.js";
import {
  accountLeaf,
  anonymousTree,
  isCommitment,
  LEAST_TAG,
  namedLeaf,
  namedPair,
  parseRollLog,
  readRollEvents,
  Roll,
  rollAt,
  RollError,
} from "../../sdk/participation/census.js";
import { LeanTree, LeanTreeError } from "../../sdk/participation/leanTree.js";
import { poseidonPair, SCALAR_FIELD } from "../../sdk/participation/poseidon.js";
import { NO_SIGNATURE, type Signature } from "../../sdk/typedData/messages.js";
import { type RollEntry, signRollEntries, signRollEntry, signRollRemoval } from "../../sdk/typedData/participation.js";
import { Census__factory, Credentials__factory } from "../../typechain-types/index.js";
import type { Connection } from "./utils/city.js";
import { FOREVER } from "./utils/credentials.js";
import { behind } from "./utils/nodes.js";
import { Random } from "./utils/random.js";

const CENSUS_REGISTRAR = encodeBytes32String("CENSUS_REGISTRAR");
const SEGMENTS = 3;
const NAMED = 1;
const ANONYMOUS = 2;
const COSIGNED = 3;
const ROLLS = [NAMED, ANONYMOUS, COSIGNED];
const STEPS = 25;

/** A person on one of the rolls. */
interface Person {
  readonly key: HDNodeWallet | Wallet;
  readonly tag: bigint;
  readonly commitment: bigint;
}

/** A census by itself, whose deployer is everything, with two registrars. */
async function deployedCensus({ ethers }: Connection) {
  const [deployer, second] = await ethers.getSigners();
  const manager = await ethers.deployContract("AccessManager", [deployer]);
  const identities = await ethers.deployContract("Identities");
  const credentials = Credentials__factory.connect(
    await (await ethers.deployContract("Credentials", [manager, identities])).getAddress(),
    deployer,
  );
  const PoseidonT3 = await ethers.deployContract("PoseidonT3");
  const voters = encodeBytes32String("RESIDENT");
  const census = Census__factory.connect(
    await (
      await ethers.deployContract("Census", [manager, credentials, identities, voters], { libraries: { PoseidonT3 } })
    ).getAddress(),
    deployer,
  );
  await credentials.registerType(CENSUS_REGISTRAR, deployer!, true, false, "");
  const appointment = { issuer: deployer!, key: deployer!, until: FOREVER, nonce: 0n, deadline: FOREVER };
  await credentials.appointKey(appointment, NO_SIGNATURE, NO_SIGNATURE);
  await credentials.accredit(CENSUS_REGISTRAR, deployer!, FOREVER, false);
  for (const registrar of [deployer!, second!]) {
    await credentials.issue(CENSUS_REGISTRAR, registrar, FOREVER, id("attributes"));
  }
  for (const rollId of ROLLS) {
    await census.openRoll({
      kind: rollId === NAMED ? RollKind.Named : RollKind.Anonymous,
      credentialed: false,
      cosigned: rollId === COSIGNED,
      depth: 16,
      segments: SEGMENTS,
      growthBp: 100,
      growthLeast: 10,
    });
  }
  return { census, clerk: deployer!, second: second!, provider: ethers.provider };
}

type Fixture = Awaited<ReturnType<typeof deployedCensus>>;

function kindOf(rollId: number): bigint {
  return rollId === NAMED ? RollKind.Named : RollKind.Anonymous;
}

/** Adds and takes out people of a roll, through the SDK. */
class Office {
  readonly people: Person[] = [];

  constructor(
    readonly fixture: Fixture,
    readonly rollId: number,
  ) {}

  get #contract(): { census: BaseContract } {
    return { census: this.fixture.census };
  }

  newcomer(random: Random): Person {
    const key = new Wallet(toBeHex(random.between(1n, 1n << 200n), 32));
    const tag = LEAST_TAG + random.bits(255n);
    const person = { key, tag, commitment: random.between(1n, SCALAR_FIELD - 1n) };
    this.people.push(person);
    return person;
  }

  async add(segment: number, people: readonly Person[]): Promise<void> {
    const { census, clerk, second } = this.fixture;
    const entries: RollEntry[] = [];
    for (const { key, tag, commitment } of people) {
      const leaf = this.rollId === NAMED ? accountLeaf(key.address) : commitment;
      const times = Number((await census.memberOf(this.rollId, tag)).times);
      entries.push({ rollId: this.rollId, segment, tag, leaf, times, deadline: FOREVER });
    }
    const entrants = [];
    for (const [i, entry] of entries.entries()) {
      const { key } = people[i]!;
      const consent = await signRollEntry(this.#contract, key, entry);
      entrants.push({ holder: key.address, tag: entry.tag, leaf: entry.leaf, deadline: entry.deadline, consent });
    }
    const [cosigner, cosignature] = await this.#second(async () =>
      signRollEntries(this.#contract, second, { entries, deadline: FOREVER }),
    );
    await census.addMembers(this.rollId, segment, entrants, clerk, cosigner, FOREVER, cosignature);
  }

  async remove(roll: Roll, tag: bigint): Promise<void> {
    const { census, clerk, second } = this.fixture;
    const times = Number((await census.memberOf(this.rollId, tag)).times);
    const [cosigner, cosignature] = await this.#second(async () =>
      signRollRemoval(this.#contract, second, { rollId: this.rollId, tag, times, deadline: FOREVER }),
    );
    const { leaf } = roll.placeOf(tag);
    const removal = { tag, leaf, registrar: clerk, cosigner, deadline: FOREVER, holder: ZeroAddress };
    await census.removeMember(this.rollId, removal, roll.pathOf(tag), cosignature);
  }

  async read(): Promise<Roll> {
    const { census, provider } = this.fixture;
    const events = await readRollEvents(provider, { census: await census.getAddress(), rollId: this.rollId });
    return new Roll(kindOf(this.rollId), events);
  }

  async #second(sign: () => Promise<Signature>): Promise<[string, Signature]> {
    if (this.rollId !== COSIGNED) return [ZeroAddress, NO_SIGNATURE];
    return [this.fixture.second.address, await sign()];
  }
}

describe("Census", () => {
  describe("trees", () => {
    it("are those of Semaphore's groups", () => {
      const random = new Random(1);
      const group = new Group();
      const tree = new LeanTree(poseidonPair);
      for (let step = 0; step < 40; step++) {
        if (tree.size > 0 && random.between(0n, 2n) === 0n) {
          const index = Number(random.between(0n, BigInt(tree.size - 1)));
          if (tree.leaves[index] === 0n) continue;
          tree.clear(index);
          group.removeMember(index);
        } else {
          const added = Array.from({ length: Number(random.between(1n, 7n)) }, () =>
            random.between(1n, SCALAR_FIELD - 1n),
          );
          tree.insert(added);
          group.addMembers(added);
        }
        expect(tree.root).to.equal(group.root);
        expect(tree.depth).to.equal(group.depth);
        const index = Number(random.between(0n, BigInt(tree.size - 1)));
        expect(tree.proofOf(index)).to.deep.equal(group.generateMerkleProof(index));
      }
    });

    it("of anonymous members have ways of one length, and the roots of Semaphore's groups where no node is alone", () => {
      for (let size = 1; size <= 20; size++) {
        const leaves = Array.from({ length: size }, (_, index) => BigInt(index + 1));
        const tree = anonymousTree(leaves);
        for (let index = 0; index < size; index++) {
          const { root, leaf, siblings, index: sides } = tree.proofOf(index);
          expect([root, leaf, sides, siblings.length]).to.deep.equal([tree.root, leaves[index], index, tree.depth]);
          const above = (node: bigint, sibling: bigint, level: number) =>
            (index >> level) % 2 === 0 ? poseidonPair(node, sibling) : poseidonPair(sibling, node);
          expect(siblings.reduce(above, leaf)).to.equal(root);
          expect(tree.pathOf(index)).to.deep.equal(siblings.filter((sibling) => sibling !== 0n));
        }
        expect(tree.root === new Group(leaves).root, `${size} leaves`).to.equal(size === 2 ** tree.depth);
      }
    });

    it("of accounts have paths that OpenZeppelin's library follows", () => {
      for (let size = 1; size <= 20; size++) {
        const leaves = Array.from({ length: size }, (_, index) => namedLeaf(index, toBeHex(index + 1, 20)));
        const tree = new LeanTree(namedPair, leaves);
        for (let index = 0; index < size; index++) {
          const words = tree.pathOf(index).map((sibling) => toBeHex(sibling, 32));
          const verified = SimpleMerkleTree.verify(toBeHex(tree.root, 32), toBeHex(leaves[index]!, 32), words);
          expect(verified).to.equal(true);
          const other = toBeHex(leaves[index]! + 1n, 32);
          expect(SimpleMerkleTree.verify(toBeHex(tree.root, 32), other, words)).to.equal(false);
        }
      }
    });

    it("are empty at first, and know what they have not", () => {
      const tree = new LeanTree(namedPair);
      expect([tree.root, tree.depth, tree.size]).to.deep.equal([0n, 0, 0]);
      for (const index of [-1, 0, 0.5]) {
        expect(() => tree.pathOf(index)).to.throw(LeanTreeError, `The tree has 0 leaves, none at place ${index}.`);
        expect(() => {
          tree.clear(index);
        }).to.throw(LeanTreeError);
      }
      tree.insert([5n]);
      expect(tree.root).to.equal(5n);
      tree.clear(0);
      expect(tree.root).to.equal(0n);
    });

    it("hash what is no element of the field as the contract does", () => {
      expect(poseidonPair(1n, 2n)).to.equal(
        7853200120776062878684798364095072458815029376092732009249414926327459813530n,
      );
      expect(poseidonPair(1n + SCALAR_FIELD, 2n)).to.equal(poseidonPair(1n, 2n));
      expect([0n, 1n, SCALAR_FIELD - 1n, SCALAR_FIELD].map(isCommitment)).to.deep.equal([false, true, true, false]);
    });
  });

  describe("rolls", () => {
    it("are the same on the chain and made of its events, whoever comes and goes", async () => {
      const connection = await network.create();
      const fixture = await connection.networkHelpers.loadFixture(deployedCensus);
      const { census, provider } = fixture;
      for (const rollId of ROLLS) {
        const random = new Random(rollId);
        const office = new Office(fixture, rollId);
        for (let step = 0; step < STEPS; step++) {
          const roll = await office.read();
          const present = [...roll.members.keys()];
          const absent = office.people.filter(({ tag }) => !roll.members.has(tag));
          const segment = Number(random.between(0n, BigInt(SEGMENTS - 1)));
          const dice = random.between(0n, 9n);
          if (present.length > 0 && dice < 4n) await office.remove(roll, random.pick(present as [bigint]));
          else if (absent.length > 0 && dice < 6n) await office.add(segment, [random.pick(absent as [Person])]);
          else
            await office.add(
              segment,
              Array.from({ length: Number(dice) % 4 || 1 }, () => office.newcomer(random)),
            );
          await connection.networkHelpers.time.increase(Number(random.between(1n, 50n)));
          await compare(fixture, rollId, await office.read());
        }
        const events = await readRollEvents(provider, { census: await census.getAddress(), rollId });
        expect(events.length).to.equal(STEPS);
        await connection.networkHelpers.mine();
        for (const { at, segment } of events) {
          for (const time of [at - 1n, at]) {
            const tree = rollAt(kindOf(rollId), events, time).treeOf(segment);
            const snapshot = await census.snapshotAt(rollId, segment, time);
            expect([snapshot.root, snapshot.leaves]).to.deep.equal([tree.root, BigInt(tree.size)]);
          }
        }
      }
    });

    it("refuse events that do not follow", () => {
      const added = {
        name: "MembersAdded",
        rollId: 1,
        segment: 0,
        registrar: ZeroAddress,
        cosigner: ZeroAddress,
        firstIndex: 0,
        tags: [7n],
        leaves: [8n],
        at: 0n,
      } as const;
      const removed = { ...added, name: "MemberRemoved", tag: 7n, index: 0 } as const;
      const of = (events: Parameters<Roll["apply"]>[0][]) => () => new Roll(RollKind.Anonymous, events);
      expect(of([{ ...added, firstIndex: 1 }])).to.throw(RollError, "No leaf was expected at this place: 1.");
      expect(of([added, { ...added, firstIndex: 1 }])).to.throw(RollError, "This tag is a member's already: 7.");
      expect(of([removed])).to.throw(RollError, "This tag is no member's: 7.");
      expect(of([added, { ...removed, index: 1 }])).to.throw(RollError, "This tag is elsewhere: 7.");
      expect(of([added, { ...removed, segment: 1 }])).to.throw(RollError, "This tag is elsewhere: 7.");
      const roll = new Roll(RollKind.Anonymous, [added, removed]);
      expect(roll.members.size).to.equal(0);
      expect(() => roll.pathOf(7n)).to.throw(RollError);
    });

    it("are not read from blocks that the chain has no more", async () => {
      const { networkHelpers } = await network.create();
      const fixture = await networkHelpers.loadFixture(deployedCensus);
      const office = new Office(fixture, NAMED);
      await office.add(0, [office.newcomer(new Random(3))]);
      const { census, provider } = fixture;
      const block = await provider.getBlockNumber();
      // All that is asked of it, but the blocks.
      const reorganised = {
        getBlockNumber: async () => Promise.resolve(block),
        getLogs: async (filter: Filter) => provider.getLogs(filter),
        getBlock: async () => Promise.resolve(null),
      } as unknown as Provider;
      const error: unknown = await readRollEvents(reorganised, {
        census: await census.getAddress(),
        rollId: NAMED,
      }).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(RollError);
      expect((error as RollError).message).to.equal(`This block is gone: ${block}.`);
    });

    it("have who was added a moment ago, unless they end before", async () => {
      const { networkHelpers } = await network.create();
      const fixture = await networkHelpers.loadFixture(deployedCensus);
      const before = await fixture.provider.getBlockNumber();
      const office = new Office(fixture, NAMED);
      await office.add(0, [office.newcomer(new Random(5))]);
      const source = { census: await fixture.census.getAddress(), rollId: NAMED };
      const late = behind(fixture.provider, before);
      expect(await readRollEvents(late, source)).to.have.length(1);
      expect(await readRollEvents(late, { ...source, toBlock: before })).to.deep.equal([]);
    });

    it("are not changed by other events", async () => {
      const { networkHelpers } = await network.create();
      const { census, provider } = await networkHelpers.loadFixture(deployedCensus);
      const logs = await provider.getLogs({ address: await census.getAddress(), fromBlock: 0 });
      // One is of the access manager.
      expect(logs.length).to.equal(ROLLS.length + 1);
      for (const log of logs) expect(parseRollLog(log, 0n)).to.equal(undefined);
    });
  });
});

async function compare({ census }: Fixture, rollId: number, roll: Roll): Promise<void> {
  expect(await census.membersOf(rollId)).to.equal(BigInt(roll.members.size));
  for (let segment = 0; segment < SEGMENTS; segment++) {
    const { root, leaves, members, depth } = await census.snapshotOf(rollId, segment);
    const tree = roll.treeOf(segment);
    expect([root, leaves, depth]).to.deep.equal([tree.root, BigInt(tree.size), BigInt(tree.depth)]);
    const present = [...roll.members.values()].filter((place) => place.segment === segment);
    expect(members).to.equal(BigInt(present.length));
  }
  for (const [tag, { segment, index }] of roll.members) {
    const member = await census.memberOf(rollId, tag);
    expect([member.present, member.segment, member.index]).to.deep.equal([true, BigInt(segment), BigInt(index)]);
  }
}
