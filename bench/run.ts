/** Measures everything in one run, on one chain. */
import { artifacts } from "hardhat";

import { endProving } from "../sdk/participation/proofs.js";
import { blocksOf, type Figure, figureOf, type Figures } from "../scripts/lib/ceilings.js";
import { Assemblies } from "./assemblies.js";
import { ballotOperations, type BallotStage } from "./ballots.js";
import { batteryOperations } from "./battery.js";
import { Chain } from "./chain.js";
import { credentialOperations } from "./credential.js";
import { Depot } from "./depot.js";
import { District } from "./district.js";
import { energyOperations, type EnergyStage } from "./energy.js";
import { Exchanges } from "./exchanges.js";
import { Handouts } from "./handouts.js";
import { identityOperations } from "./identity.js";
import { Kiosk } from "./kiosk.js";
import { leaseOperations } from "./lease.js";
import { Office } from "./office.js";
import type { Operation, Operations } from "./operation.js";
import { installPeers, Peers } from "./peers.js";
import { PeerRegistries } from "./peerRegistries.js";
import { PeerStage } from "./peerStage.js";
import { PollingStation, PROVERS } from "./pollingStation.js";
import { rewardOperations } from "./rewards.js";
import { telemetryOperations } from "./telemetry.js";
import { Town } from "./town.js";
import { wasteOperations, type WasteStage } from "./waste.js";

/** What is measured in the settled city. */
const cityOperations: Operations = {
  ...identityOperations,
  ...credentialOperations,
  ...batteryOperations,
  ...leaseOperations,
  ...telemetryOperations,
};

/** What is measured at the depot. */
const depotOperations: Operations<WasteStage> = { ...wasteOperations, ...rewardOperations };

/** Everything that is measured, deployments apart, by its key. */
export const operations: Readonly<Record<string, unknown>> = {
  ...cityOperations,
  ...energyOperations,
  ...depotOperations,
  ...ballotOperations,
};

/** Where a linked library's address goes. */
const LINK = "__$";

export async function measureAll(): Promise<Figures> {
  await installPeers();
  const chain = await Chain.open();
  const town = await Town.found(chain);
  const deployments = await deploymentFigures(town);
  const settled = await town.settle();
  const compiled = Peers.compile();
  const stage = {
    chain,
    town,
    settled,
    office: await Office.prepare(chain, town, compiled),
    peers: await PeerStage.prepare(chain, compiled, town.cast),
    registries: await PeerRegistries.prepare(chain, compiled, town.cast),
  };
  const figures: Record<string, Figure> = {};
  for (const [key, operation] of Object.entries(cityOperations)) figures[key] = await measure(stage, operation);
  const energyStage = await prepareEnergy(compiled);
  for (const [key, operation] of Object.entries(energyOperations)) {
    figures[key] = await measure(energyStage, operation);
  }
  const wasteStage = await prepareWaste(compiled);
  for (const [key, operation] of Object.entries(depotOperations)) figures[key] = await measure(wasteStage, operation);
  const ballotStage = await prepareBallots(compiled);
  for (const [key, operation] of Object.entries(ballotOperations)) figures[key] = await measure(ballotStage, operation);
  return { ...figures, ...deployments };
}

/** The district on a chain of its own: its intervals are days away from anything else. */
async function prepareEnergy(compiled: Peers): Promise<EnergyStage> {
  const district = await District.found(await Chain.open(), compiled);
  const { chain, cast } = district;
  return { chain, district, exchanges: await Exchanges.prepare(chain, compiled, cast) };
}

/** The depot on a chain of its own, too: rewards take weeks to be released. */
async function prepareWaste(compiled: Peers): Promise<WasteStage> {
  const depot = await Depot.found(await Chain.open());
  const kiosk = await Kiosk.open(depot);
  return { chain: depot.chain, depot, kiosk, handouts: await Handouts.prepare(compiled, kiosk) };
}

/** The polling station on a chain of its own: ballots have times of their own. The last of who can prove votes has voted. */
async function prepareBallots(compiled: Peers): Promise<BallotStage> {
  const station = await PollingStation.open(await Chain.open());
  const { chain } = station;
  const votes = await inTurn(PROVERS, async (index) => station.provenVote(index));
  const again = await station.provenVote(PROVERS - 1, 2);
  const sealed = await inTurn(PROVERS, async (index) => station.sealedVote(index));
  const said = await station.provenToSemaphore();
  await endProving();
  const [vote, earlier] = [votes.pop(), sealed.pop()];
  if (vote === undefined || earlier === undefined) throw new Error("nobody has voted before");
  await station.voteAnonymously(vote);
  await station.voteSealed(earlier);
  const assemblies = await Assemblies.prepare(compiled, station);
  return { chain, station, assemblies, said, votes, again, sealed, earlier };
}

/** Makes things one after another. */
async function inTurn<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let index = 0; index < count; ++index) made.push(await make(index));
  return made;
}

async function measure<S extends { readonly chain: Chain }>(
  stage: S,
  { items, inBlocks = false, measure: own, peer }: Operation<S>,
): Promise<Figure> {
  const gas = await stage.chain.apart(async () => own(stage));
  const blocks = inBlocks ? { blocks: blocksOf(gas) } : {};
  if (peer === undefined) return { ...figureOf(gas, items), ...blocks };
  const peerGas = await stage.chain.apart(async () => peer.measure(stage));
  return { ...figureOf(gas, items, { ...peer, gas: peerGas }), ...blocks };
}

/** What each contract of the suite cost to deploy, and the whole city with its wiring, told from the chain. */
async function deploymentFigures({ chain, deployedAt }: Town): Promise<Figures> {
  const { ethers } = chain.connection;
  const known = await creationCodes();
  const figures: Record<string, Figure> = {};
  let whole = 0n;
  const last = await ethers.provider.getBlockNumber();
  for (let height = 1; height <= last; ++height) {
    const block = await ethers.provider.getBlock(height, true);
    if (height <= deployedAt) whole += block?.gasUsed ?? 0n;
    for (const transaction of block?.prefetchedTransactions ?? []) {
      const name = known.find(({ code }) => transaction.data.startsWith(code))?.name;
      if (transaction.to !== null || name === undefined) continue;
      const receipt = await transaction.wait();
      if (receipt !== null) figures[`deploy.${name}`] = figureOf(Number(receipt.gasUsed));
    }
  }
  return { ...figures, "deploy.city": figureOf(Number(whole)) };
}

/** Creation code of every contract of the suite up to its first link, the longest first. */
async function creationCodes(): Promise<{ name: string; code: string }[]> {
  const codes: { name: string; code: string }[] = [];
  for (const qualifiedName of await artifacts.getAllFullyQualifiedNames()) {
    const { bytecode, contractName, sourceName } = await artifacts.readArtifact(qualifiedName);
    const [code = ""] = bytecode.split(LINK);
    if (code === "0x" || !sourceName.startsWith("contracts/") || sourceName.startsWith("contracts/mocks/")) continue;
    codes.push({ name: contractName, code });
  }
  return codes.sort((a, b) => b.code.length - a.code.length);
}
