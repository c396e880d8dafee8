import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type AddressLike, encodeBytes32String, id, type Wallet } from "ethers";

import {
  addToRoll,
  applyToRoll,
  type BallotFields,
  type KnownBallot,
  LEAST_TAG,
  publishBallot,
  readRollEvents,
  type Roll,
  rollAt,
} from "../../../sdk/participation/index.js";
import { NO_SIGNATURE } from "../../../sdk/typedData/messages.js";
import { BallotBox__factory, Census__factory, Credentials__factory } from "../../../typechain-types/index.js";
import type { Connection } from "./city.js";
import { FOREVER } from "./credentials.js";

/** Seconds from a census to the opening. */
export const NOTICE = 86_400n;
/** Levels of the proofs' circuit. */
export const PROOF_DEPTH = 16;
export const HOUR = 3_600n;

const TYPES = ["CENSUS_REGISTRAR", "RETURNING_OFFICER"].map(encodeBytes32String);
const VOTERS = encodeBytes32String("RESIDENT");

/** Contracts that a ballot box works with. */
export interface BoxParts {
  readonly manager: AddressLike;
  readonly census: AddressLike;
  readonly credentials: AddressLike;
  readonly identities: AddressLike;
  /** Who checks proofs; the real one when left out. */
  readonly verifier?: AddressLike;
}

/** The box and its libraries, over any census. */
export async function deployedBox({ ethers }: Connection, parts: BoxParts) {
  const { manager, census, credentials, identities } = parts;
  const verifier = parts.verifier ?? (await ethers.deployContract("SemaphoreBatchVerifier", [PROOF_DEPTH]));
  const BallotKinds = await ethers.deployContract("BallotKinds");
  const box = await ethers.deployContract("BallotBox", [manager, census, verifier, credentials, identities, NOTICE], {
    libraries: {
      BallotKinds,
      BallotSealing: await ethers.deployContract("BallotSealing"),
      BallotPublishing: await ethers.deployContract("BallotPublishing"),
      BallotOpening: await ethers.deployContract("BallotOpening", [], { libraries: { BallotKinds } }),
      BallotCounting: await ethers.deployContract("BallotCounting"),
      BallotViews: await ethers.deployContract("BallotViews"),
    },
  });
  const [deployer] = await ethers.getSigners();
  return { box: BallotBox__factory.connect(await box.getAddress(), deployer), kinds: await BallotKinds.getAddress() };
}

/** What gives people their offices: its deployer is administrator, registrar and returning officer. */
export async function deployedOffice({ ethers }: Connection) {
  const [clerk] = (await ethers.getSigners()) as [HardhatEthersSigner];
  const manager = await ethers.deployContract("AccessManager", [clerk]);
  const identities = await ethers.deployContract("Identities");
  const credentials = Credentials__factory.connect(
    await (await ethers.deployContract("Credentials", [manager, identities])).getAddress(),
    clerk,
  );
  const appointment = { issuer: clerk, key: clerk, until: FOREVER, nonce: 0n, deadline: FOREVER };
  await credentials.appointKey(appointment, NO_SIGNATURE, NO_SIGNATURE);
  for (const type of TYPES) {
    await credentials.registerType(type, clerk, true, false, "");
    await credentials.accredit(type, clerk, FOREVER, false);
    await credentials.issue(type, clerk, FOREVER, id("attributes"));
  }
  return { clerk, manager, identities, credentials };
}

/** A census and a ballot box whose deployer is everything, clerk included. */
export async function deployedPolls(connection: Connection) {
  const { ethers } = connection;
  const { clerk, manager, identities, credentials } = await deployedOffice(connection);
  const PoseidonT3 = await ethers.deployContract("PoseidonT3");
  const deployed = await ethers.deployContract("Census", [manager, credentials, identities, VOTERS], {
    libraries: { PoseidonT3 },
  });
  const census = Census__factory.connect(await deployed.getAddress(), clerk);
  const { box } = await deployedBox(connection, { manager, census, credentials, identities });
  await census.attachBox(box);
  return { box, census, clerk, credentials, provider: ethers.provider };
}

export type Polls = Awaited<ReturnType<typeof deployedPolls>>;

/** Opens a roll by tags. */
export async function openRoll({ census }: Polls, kind: bigint, segments: number): Promise<number> {
  await census.openRoll({
    kind,
    credentialed: false,
    cosigned: false,
    depth: PROOF_DEPTH,
    segments,
    growthBp: 0,
    growthLeast: 0,
  });
  return Number(await census.rollCount());
}

/** Somebody to be put on a roll: with its account on a named one, with a commitment on an anonymous one. */
export interface Resident {
  readonly key: Wallet;
  readonly tag: bigint;
  readonly commitment?: bigint;
}

/** Tag of a resident by number. */
export function tagOf(number: number): bigint {
  return LEAST_TAG + BigInt(number);
}

/** Puts residents on a roll. */
export async function enrol(
  { census }: Polls,
  rollId: number,
  segment: number,
  residents: readonly Resident[],
): Promise<void> {
  const applications = residents.map(async ({ commitment, key, tag }) =>
    applyToRoll({ census }, key, {
      rollId,
      segment,
      tag,
      deadline: FOREVER,
      ...(commitment === undefined ? {} : { leaf: commitment }),
    }),
  );
  await addToRoll({ census }, await Promise.all(applications));
}

/** A roll as a ballot froze it. */
export async function frozenRoll(
  { census, provider }: Polls,
  kind: bigint,
  rollId: number,
  time: bigint,
): Promise<Roll> {
  return rollAt(kind, await readRollEvents(provider, { census: await census.getAddress(), rollId }), time);
}

/** Publishes a ballot of a roll. */
export async function publish({ box }: Polls, fields: BallotFields): Promise<KnownBallot> {
  const { ballotId, terms } = await publishBallot(box, fields);
  return { ballotId, terms };
}
