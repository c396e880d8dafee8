/** Who trades in batteries, with the credentials that the contracts and the maker ask for. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { Wallet } from "ethers";

import type { CredentialName } from "../../../ignition/credentials.js";
import { checkCredential } from "../../../sdk/identity/index.js";
import type { Day } from "../day.js";
import { DayError } from "../errors.js";
import { PERSON } from "../identity/register.js";
import { MAKER, type MadePack } from "./fleet.js";

const TRADES = {
  maker: { name: MAKER, credential: "BATTERY_OPERATOR" },
  laboratory: { name: "Battery laboratory", credential: "BATTERY_TESTER" },
  collector: { name: "Battery log keeper", credential: "BATTERY_COLLECTOR" },
  recycler: { name: "Battery recycler", credential: "BATTERY_RECYCLER" },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly credential: CredentialName }>>;

type Trade = keyof typeof TRADES;

/** Accounts of those who trade in batteries. */
export type Traders = Readonly<Record<Trade, HardhatEthersSigner>>;

/** Enrols those who trade; they hold their credentials once the register is told to carry it out. */
export function enrolTraders(day: Day): Traders {
  const enrol = (trade: Trade): HardhatEthersSigner => {
    const account = day.company(TRADES[trade].name);
    day.register.give(TRADES[trade].credential, account.address);
    return account;
  };
  return {
    maker: enrol("maker"),
    laboratory: enrol("laboratory"),
    collector: enrol("collector"),
    recycler: enrol("recycler"),
  };
}

/** Enrols the devices of packs, for which their maker answers. */
export function enrolDevices({ register }: Day, maker: HardhatEthersSigner, packs: readonly MadePack[]): void {
  for (const { device, packId, serial } of packs) {
    register.device({
      name: `device of ${serial}`,
      key: device,
      operator: maker,
      make: { type: "BATTERY_DEVICE", maker },
      packId,
    });
  }
}

/**
 * The maker asks a household for its credential before it offers a pack.
 *
 * @throws DayError when the household is no resident.
 */
export async function requireResident({ city }: Day, { address }: Wallet): Promise<void> {
  const { current, reason } = await checkCredential(city, { type: PERSON, subject: address, account: address });
  if (!current) throw new DayError(`${address} cannot lease a pack: ${reason}.`);
}
