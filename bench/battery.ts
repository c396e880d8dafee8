/** Operations of BatteryPack. The owner holds packs before: only what belongs to the new pack is new. */
import { packLeaf } from "../sdk/leaves.js";
import type { Operations, Stage } from "./operation.js";
import { proofFrom } from "./proof.js";
import { DAY } from "./town.js";

const BATCH = 50;
/** Hashes in a proof: a production batch of up to 16,384 packs. */
const BATCH_DEPTH = 14;
const BATCH_PACKS = 10_000n;

/** A free pack of the owner. */
async function freePack({ town }: Stage): Promise<bigint> {
  const pack = town.newPack("free");
  await town.register(pack);
  return pack.packId;
}

async function setUser({ chain, town: { city, cast } }: Stage, packId: bigint, days: number): Promise<number> {
  return chain.gasOf(() => city.pack.connect(cast.owner).setUser(packId, cast.lessee, chain.now + days * DAY));
}

/** A sale to somebody who holds no pack yet. */
async function sell({ chain, town: { city, cast } }: Stage, packId: bigint): Promise<number> {
  return chain.gasOf(() => city.pack.connect(cast.owner).transferFrom(cast.owner, cast.newcomer, packId));
}

async function commitBatch({ chain, town: { city, cast } }: Stage, root: string): Promise<number> {
  return chain.gasOf(() =>
    city.pack.connect(cast.operator).commitProductionBatch(root, BATCH_PACKS, cast.owner.address),
  );
}

export const batteryOperations: Operations = {
  "battery.register": {
    measure: async ({ town }) => town.register(town.newPack("registered")),
    peer: {
      name: "OpenZeppelin ERC721URIStorage: mint with an IPFS link",
      measure: async ({ peers }) => peers.mintLinked(),
    },
  },
  "battery.registerMany50": {
    items: BATCH,
    measure: async ({ town }) => town.registerMany(town.newPacks("registered", BATCH)),
    peer: {
      name: "OpenZeppelin ERC721URIStorage: 50 mints with an IPFS link",
      measure: async ({ peers }) => peers.mintManyLinked(BATCH),
    },
  },
  "battery.commitProductionBatch": {
    measure: async (stage) => commitBatch(stage, proofFrom(packLeaf(stage.town.newPack("made").data), 1).root),
  },
  "battery.materialise": {
    measure: async (stage) => {
      const { chain, town } = stage;
      const { data } = town.newPack("made");
      const { root, proof } = proofFrom(packLeaf(data), BATCH_DEPTH);
      await commitBatch(stage, root);
      return chain.gasOf(() => town.city.pack.connect(town.cast.relay).materialise(1, data, proof));
    },
    peer: {
      name: "OpenZeppelin MerkleProof and ERC721URIStorage: claim with a proof of 14",
      measure: async ({ peers }) => peers.claimLinked(BATCH_DEPTH),
    },
  },
  "battery.setUser": {
    measure: async (stage) => setUser(stage, await freePack(stage), 1),
    peer: { name: "ERC4907A: setUser", measure: async ({ peers }) => peers.setUser() },
  },
  "battery.setUserAgain": {
    measure: async (stage) => {
      const packId = await freePack(stage);
      await setUser(stage, packId, 1);
      return setUser(stage, packId, 2);
    },
    peer: {
      name: "ERC4907A: setUser, again",
      measure: async ({ peers }) => {
        await peers.setUser();
        return peers.setUser();
      },
    },
  },
  "battery.transfer": {
    measure: async (stage) => sell(stage, await freePack(stage)),
    peer: { name: "ERC4907A: transferFrom, no user", measure: async ({ peers }) => peers.transferRented() },
  },
  "battery.transferLeased": {
    measure: async (stage) => sell(stage, stage.settled.running.pack.packId),
    peer: {
      name: "ERC4907A: transferFrom, with a user",
      measure: async ({ peers }) => {
        await peers.setUser();
        return peers.transferRented();
      },
    },
  },
  "battery.transferLeasedTwice": {
    // The first sale is still unseen by the lease book, so the second one makes the pack call it.
    measure: async (stage) => {
      const { chain, town, settled } = stage;
      const { owner, newcomer } = town.cast;
      const { packId } = settled.running.pack;
      await sell(stage, packId);
      chain.pass(DAY);
      return chain.gasOf(() => town.city.pack.connect(newcomer).transferFrom(newcomer, owner, packId));
    },
  },
};
