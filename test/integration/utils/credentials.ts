import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type AddressLike, type ContractTransactionResponse, ZeroHash } from "ethers";

import type { Body } from "../../../ignition/authority.js";
import { type CredentialName, credentialNames, credentialTypes, typeIdOf } from "../../../ignition/credentials.js";
import type { Credentials } from "../../../typechain-types/index.js";

/** Last time that the contract can name: tests that do not care let nothing lapse. */
export const FOREVER = (1n << 40n) - 1n;

/** A signature of the caller's own, which is not needed. */
const NO_SIGNATURE = { key: "0x", data: "0x" };

/** Accounts with a trade of their own, after the bodies', and the credential that it needs. */
export const trades = {
  laboratory: "BATTERY_TESTER",
  collector: "BATTERY_COLLECTOR",
  recycler: "BATTERY_RECYCLER",
  meterReader: "METERING_OPERATOR",
  wasteCollector: "WASTE_COLLECTOR",
  wasteFacility: "WASTE_FACILITY",
  wasteGateway: "WASTE_GATEWAY",
  censusRegistrar: "CENSUS_REGISTRAR",
  secondRegistrar: "CENSUS_REGISTRAR",
  returningOfficer: "RETURNING_OFFICER",
} as const satisfies Readonly<Record<string, CredentialName>>;

export type Trade = keyof typeof trades;

export const tradeNames = Object.keys(trades) as Trade[];

/** What is needed of a city to give somebody a credential. */
export interface Issuing {
  readonly credentials: Credentials;
  readonly actors: Readonly<Record<Body, HardhatEthersSigner>>;
}

/** Lets a body issue with its own account whatever it is the authority of. */
export async function openOffice({ credentials, actors }: Issuing, body: Body): Promise<void> {
  const issuer = actors[body];
  const byIssuer = credentials.connect(issuer);
  const appointment = { issuer, key: issuer, until: FOREVER, nonce: 0n, deadline: (1n << 48n) - 1n };
  await byIssuer.appointKey(appointment, NO_SIGNATURE, NO_SIGNATURE);
  for (const name of credentialNames.filter((type) => credentialTypes[type].authority === body)) {
    await byIssuer.accredit(typeIdOf(name), issuer, FOREVER, true);
  }
}

/** Gives a subject a credential of the body that is the type's authority, whose office is open. */
export async function giveCredential(
  { credentials, actors }: Issuing,
  name: CredentialName,
  subject: AddressLike,
): Promise<ContractTransactionResponse> {
  const issuer = actors[credentialTypes[name].authority];
  return credentials.connect(issuer).issue(typeIdOf(name), subject, FOREVER, ZeroHash);
}
