/** Operations of BatteryTelemetry. Devices were heard before unless the key says otherwise. */
import { id } from "ethers";

import { logLeaf } from "../sdk/leaves.js";
import { p256AccountOf } from "../sdk/p256.js";
import { SoftwareP256Key } from "../sdk/p256Keys.js";
import { signHealthCertificate } from "../sdk/typedData.js";
import type { Operations, Stage } from "./operation.js";
import { proofFrom } from "./proof.js";
import { type DevicePack, HOUR } from "./town.js";

const BATCH = 50;
/** Hashes in a proof: the minutes of a day, filled up to 2,048. */
const DAY_DEPTH = 11;
/** Seconds of a day. */
const DAY = 24 * HOUR;
const SMALL_FLEET = 1n;
const LARGE_FLEET = 1_000_000n;

async function submit({ chain, town }: Stage, pack: DevicePack): Promise<number> {
  chain.pass(HOUR);
  const reading = await town.readingOf(pack);
  return chain.gasOf(() => town.city.telemetry.connect(town.cast.relay).submit(reading));
}

async function submitMany({ chain, town }: Stage, packs: readonly DevicePack[]): Promise<number> {
  chain.pass(HOUR);
  const readings = await Promise.all(packs.map(async (pack) => town.readingOf(pack)));
  return chain.gasOf(() => town.city.telemetry.connect(town.cast.relay).submitMany(readings));
}

/** Commits a fleet's root for the collector's second epoch. */
async function commitFleetRoot({ chain, town: { city, cast } }: Stage, packCount: bigint): Promise<number> {
  const commit = async (epoch: number): Promise<number> =>
    chain.gasOf(() => city.telemetry.connect(cast.collector).commitFleetRoot(epoch, id(`fleet ${epoch}`), packCount));
  await commit(1);
  return commit(2);
}

export const telemetryOperations: Operations = {
  "telemetry.reading": {
    measure: async (stage) => submit(stage, stage.settled.packs[0]),
    peer: {
      name: "OpenZeppelin ERC2771Forwarder: execute, two words and an event",
      measure: async ({ peers }) => peers.report(),
    },
  },
  "telemetry.readingFirst": {
    measure: async (stage) => {
      const pack = stage.town.newPack("unheard");
      await stage.town.register(pack);
      return submit(stage, pack);
    },
  },
  "telemetry.readingP256": {
    measure: async (stage) => {
      const { town } = stage;
      const signer = { verifier: town.p256Verifier, key: new SoftwareP256Key(id("P-256 device")) };
      const pack = town.newPack("P-256", { account: p256AccountOf(signer), device: signer });
      await town.register(pack);
      await submit(stage, pack);
      return submit(stage, pack);
    },
  },
  "telemetry.readings50": {
    items: BATCH,
    measure: async (stage) => submitMany(stage, stage.settled.packs.slice(0, BATCH)),
    peer: {
      name: "OpenZeppelin ERC2771Forwarder: executeBatch of 50, two words and an event each",
      measure: async ({ peers }) => peers.reportMany(BATCH),
    },
  },
  "telemetry.readingsFirst50": {
    items: BATCH,
    measure: async (stage) => {
      const packs = stage.town.newPacks("unheard", BATCH);
      await stage.town.registerMany(packs);
      return submitMany(stage, packs);
    },
  },
  "telemetry.certify": {
    // The pack's second certificate.
    measure: async (stage) => {
      const { chain, town, settled } = stage;
      const [{ packId }] = settled.packs;
      const certify = async (nonce: bigint): Promise<number> => {
        chain.pass(DAY);
        const certificate = {
          packId,
          tester: town.cast.laboratory.address,
          measuredWh: 69_000n - nonce,
          testedAt: BigInt(chain.now),
          methodHash: id("method"),
          nonce,
          deadline: BigInt(chain.now + DAY),
        };
        const signature = await signHealthCertificate(town.city, town.cast.laboratory, certificate);
        return chain.gasOf(() => town.city.telemetry.connect(town.cast.relay).certify(certificate, signature));
      };
      await certify(0n);
      return certify(1n);
    },
  },
  "telemetry.dayRoot": {
    measure: async ({ chain, town: { city, cast }, settled }) =>
      chain.gasOf(() =>
        city.telemetry.connect(cast.collector).commitDayRoot(settled.packs[0].packId, 20_790, id("day"), 1_440),
      ),
  },
  "telemetry.fleetRoot": { measure: async (stage) => commitFleetRoot(stage, LARGE_FLEET) },
  "telemetry.fleetRootOfOne": { measure: async (stage) => commitFleetRoot(stage, SMALL_FLEET) },
  "telemetry.proveReading11": {
    // A view, sent as a transaction; a call that is not sent costs nothing.
    measure: async ({ chain, town: { city, cast }, settled }) => {
      const [{ packId }] = settled.packs;
      const day = Math.floor(chain.now / DAY);
      const entry = { packId, counter: 7n, takenAt: BigInt(chain.now), payloadHash: id("payload") };
      const { root, proof } = proofFrom(logLeaf(entry), DAY_DEPTH);
      await chain.send(() => city.telemetry.connect(cast.collector).commitDayRoot(packId, day, root, 1_440));
      if (!(await city.telemetry.verifyEntry(day, 0, entry, proof))) throw new Error("the bench's proof does not hold");
      const to = await city.telemetry.getAddress();
      const data = city.telemetry.interface.encodeFunctionData("verifyEntry", [day, 0, entry, proof]);
      return chain.gasOf(() => cast.relay.sendTransaction({ to, data }));
    },
    peer: {
      name: "OpenZeppelin MerkleProof: stored root, leaf of four words, proof of 11",
      measure: async ({ peers }) => peers.prove(DAY_DEPTH),
    },
  },
};
