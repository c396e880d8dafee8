/** Packs as the maker makes them: serial, passport and device. */
import type { Wallet } from "ethers";

import { AccessTier, type AttributeValue, Category, type PackData, packIdOf, serialHash } from "../../../sdk/index.js";
import { Passport } from "../../../sdk/merkle.js";
import { writeInstant } from "../../../sdk/importers/index.js";
import { seeded, seededWallet } from "../seeds.js";
import { CELLS, RATED_WH } from "./scale.js";
import { MIN_SOH_BP } from "./terms.js";

const SECONDS_PER_DAY = 86_400n;
const BP_PER_PERCENT = 100n;
/** Length of a date such as 2008-04-02. */
const DATE_LENGTH = 10;

export const MAKER = "Stadtwerk Batteries";

/** A pack of the maker with what is kept off chain. */
export interface MadePack {
  readonly serial: string;
  readonly packId: bigint;
  readonly device: Wallet;
  readonly passport: Passport;
  readonly data: PackData;
}

/** The names of the attributes that every passport has, besides the one that names the data model. */
export const ATTRIBUTE_NAMES = [
  "productIdentifier",
  "batteryCategory",
  "manufacturingDate",
  "operatorInformation",
  "batteryTechicalProperties",
  "capacityThresholdForExhaustion",
] as const;

/** Attribute that names the data model. */
const SCHEMA_ATTRIBUTE = "passportSchema";

/** Makes a pack, on the day before `at`. */
export function makePack(operatorId: bigint, serial: string, at: bigint): MadePack {
  const madeOnDay = at / SECONDS_PER_DAY - 1n;
  const hash = serialHash(operatorId, serial, seeded(`serial/${serial}`));
  const device = seededWallet(`device/${serial}`);
  const passport = new Passport(attributesOf(serial, madeOnDay));
  return {
    serial,
    packId: packIdOf(hash),
    device,
    passport,
    data: {
      serialHash: hash,
      passportRoot: passport.root,
      device: device.address,
      ratedWh: RATED_WH,
      // The records give none.
      ratedPowerW: 0n,
      madeOnDay,
      category: Category.ElectricVehicle,
    },
  };
}

/** The attributes that the record supports; names as BatteryPass writes them. */
function attributesOf(serial: string, madeOnDay: bigint): AttributeValue[] {
  const values: Record<(typeof ATTRIBUTE_NAMES)[number], { value: unknown; tier: bigint }> = {
    productIdentifier: { value: serial, tier: AccessTier.LegitimateInterest },
    batteryCategory: { value: "ev", tier: AccessTier.Public },
    manufacturingDate: {
      value: writeInstant(madeOnDay * SECONDS_PER_DAY).slice(0, DATE_LENGTH),
      tier: AccessTier.Public,
    },
    operatorInformation: { value: { contactName: MAKER }, tier: AccessTier.Public },
    batteryTechicalProperties: {
      value: { ratedEnergyWh: Number(RATED_WH), cells: Number(CELLS), nominalCellVoltage: 3.7 },
      tier: AccessTier.Public,
    },
    capacityThresholdForExhaustion: { value: Number(MIN_SOH_BP / BP_PER_PERCENT), tier: AccessTier.Public },
  };
  const schema = { value: "BatteryPass 1.2 (DIN DKE SPEC 99100:2025-02)", tier: AccessTier.Public };
  return Object.entries({ ...values, [SCHEMA_ATTRIBUTE]: schema }).map(([name, { value, tier }]) => ({
    name,
    value,
    tier,
    salt: seeded(`attribute/${serial}/${name}`),
  }));
}
