import { id, parseEther, type Signer, Wallet, ZeroAddress, ZeroHash } from "ethers";

import { type RoleName, roles } from "../../../ignition/authority.js";
import {
  CustodyModel,
  EntryType,
  NO_SIGNATURE,
  Participants,
  ProgrammeKind,
  signCrewConsent,
} from "../../../sdk/index.js";
import { giveCredential } from "./credentials.js";
import type { Leasing } from "./leasing.js";

/** Codes that the district's list has: mixed packaging, fluorescent tubes, and what comes out of sorting. */
export const [PACKAGING, TUBES, METAL, PAPER, REST] = [150_106, 200_121, 191_202, 191_204, 191_212] as const;
/** Numbers of the collector and of the facility. */
export const [COLLECTOR, FACILITY] = [1, 2] as const;
/** Containers of packaging. */
export const BINS = [1, 2, 3] as const;
/** Programmes of acts, of deposits, and of epochs. */
export const [ACTS, DEPOSITS, EPOCHS] = [1, 2, 3] as const;
/** The one thing that tokens buy. */
export const ITEM = 1;

export const CAPACITY_L = 1_100;
export const TOLERANCE_BP = 200;

const DAY = 86_400n;
const ECO = 1_000_000n;
const NEVER = (1n << 32n) - 1n;

/** Keys of devices, crews and attestors: plain keys, without coins of the chain. */
export const deviceOf = (binId: number): Wallet => new Wallet(id(`device of container ${binId}`));
export const attestor = new Wallet(id("attestor"));

/**
 * Codes, a collector and a facility with a crew key each, containers, programmes, a resident, and a shop with a voucher.
 * Done once on a city.
 */
export async function furnishWaste(scene: Leasing) {
  const { city, actors, ethers, networkHelpers, lessor, lessee, buyer } = scene;
  const authority = city.materialCodes.connect(holderOf(scene, "WASTE_CODES"));
  const entry = (code: number, entryType: bigint) => ({ code, entryType, fromDay: 0, toDay: 0 });
  const plain = [PACKAGING, METAL, PAPER, REST].map((code) => entry(code, EntryType.Absolute));
  await authority.set([...plain, entry(TUBES, EntryType.AbsoluteHazardous)]);

  const operators = city.wasteOperators;
  const [driver, gatekeeper] = [new Wallet(id("driver")), new Wallet(id("gatekeeper"))];
  for (const [index, [owner, key]] of (
    [
      [actors.wasteCollector, driver],
      [actors.wasteFacility, gatekeeper],
    ] as const
  ).entries()) {
    const change = { operatorId: index + 1, key: key.address, until: NEVER, nonce: 0n, deadline: NEVER };
    const consent = await signCrewConsent(city, key, change);
    const byOwner = operators.connect(owner);
    await byOwner.admit(owner, 0n, 0n, NO_SIGNATURE);
    await byOwner.setCrew(index + 1, key, NEVER, 0n, NEVER, NO_SIGNATURE, consent);
  }
  const terms = {
    until: NEVER,
    toleranceBp: TOLERANCE_BP,
    maxLossBp: 300,
    conversionPct: 100,
    model: CustodyModel.Segregated,
    balanceDays: 0,
  };
  await operators.connect(holderOf(scene, "WASTE_LICENSING")).license(FACILITY, terms);

  const fleet = city.containers.connect(holderOf(scene, "WASTE_FLEET"));
  for (const binId of BINS) {
    await fleet.register(deviceOf(binId), 8_000, {
      latitude: -37_901_811,
      longitude: 144_660_195,
      capacityL: CAPACITY_L,
      code: PACKAGING,
      district: 1,
      maxGramsPerL: 600,
      collections: 0,
      emptiedAt: 0,
    });
  }

  await furnishRewards(scene, lessor, lessee);
  // Crews act by calling, too.
  const crew: Signer[] = [];
  for (const { address } of [driver, gatekeeper]) {
    await networkHelpers.setBalance(address, parseEther("1"));
    crew.push(await ethers.getImpersonatedSigner(address));
  }
  return { driver, gatekeeper, driverCalls: crew[0]!, gatekeeperCalls: crew[1]!, merchant: buyer, resident: lessor };
}

export type WasteDistrict = Leasing & Awaited<ReturnType<typeof furnishWaste>>;

async function furnishRewards(scene: Leasing, resident: Leasing["lessor"], holder: Leasing["lessee"]): Promise<void> {
  const { city, actors, buyer, ethers, networkHelpers } = scene;
  const programmes = city.ecoRewards.connect(holderOf(scene, "REWARD_PROGRAMMES"));
  const common = {
    participants: Participants.Residents,
    active: true,
    dayCapPerPerson: 20n * ECO,
    dayBudget: 1_000n * ECO,
    windowDays: 7,
    quorum: 0,
    minGap: 0,
    code: 0,
    toleranceBp: 0,
    poster: ZeroAddress,
  };
  const paid = { ratePerThousand: 2_500_000n, leastUnits: 50, mostUnits: 25_000 };
  await programmes.setProgramme(0, { ...common, ...paid, kind: ProgrammeKind.Attested, quorum: 1 });
  const deposits = { kind: ProgrammeKind.Deposits, code: PACKAGING, toleranceBp: 500 };
  await programmes.setProgramme(0, { ...common, ...paid, ...deposits });
  const epochs = { kind: ProgrammeKind.Epochs, dayCapPerPerson: 0n, poster: actors.rewardOffice };
  await programmes.setProgramme(0, { ...common, ...epochs, ratePerThousand: 0n, leastUnits: 0, mostUnits: 0 });
  await programmes.setAttestor(ACTS, attestor, 100n * ECO);
  await giveCredential({ ...scene, ...city }, "RESIDENT", resident);
  await city.ecoRewards.connect(resident).enrol(resident, resident, 0n, 0n, NO_SIGNATURE);

  const latest = BigInt(await networkHelpers.time.latest());
  const offer = {
    price: 50n * ECO,
    faceValue: 3_000_000n,
    lifetime: 90n * DAY,
    perMonth: 0,
    stock: 1_000,
    active: true,
  };
  await city.redemption
    .connect(holderOf(scene, "REWARD_CATALOGUE"))
    .addItem({ ...offer, merchant: buyer, fromTime: 0n, toTime: latest + 1_000n * DAY });
  await city.token.connect(actors.treasury).mint(actors.treasury, 3_000_000_000n);
  await city.token.connect(actors.treasury).approve(city.redemption, 3_000_000_000n);
  await city.redemption.connect(actors.treasury).fundPool(3_000_000_000n);
  // Tokens as the rewards make them, without the weeks that they take.
  const rewards = await city.ecoRewards.getAddress();
  await networkHelpers.setBalance(rewards, parseEther("1"));
  await city.ecoToken.connect(await ethers.getImpersonatedSigner(rewards)).mint(holder, 100_000n * ECO);
}

/** Who holds a role in the city. */
export function holderOf({ actors }: Leasing, role: RoleName): Leasing["lessor"] {
  return actors[roles[role].holder];
}

/** Who a resident is for the rewards. */
export async function personOf({ city }: Leasing, resident: Leasing["lessor"]): Promise<bigint> {
  const [event] = await city.ecoRewards.queryFilter(city.ecoRewards.filters.Enrolled(undefined, resident.address));
  return event!.args.person;
}

/** No papers, or no reason. */
export const NOTHING = ZeroHash;
