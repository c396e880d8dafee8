import { ZeroHash } from "ethers";

import { type CredentialName, credentialTypes, typeIdOf } from "../../ignition/credentials.js";
import type { Day } from "./day.js";

/** Last time that the credentials contract can name. */
const FOREVER = (1n << 40n) - 1n;
const NO_DEADLINE = (1n << 48n) - 1n;
/** In place of a signature of the caller's own, which is not needed. */
const NO_SIGNATURE = { key: "0x", data: "0x" };

/**
 * Gives somebody the credential of a trade. The body that is the type's authority issues it with its own account, which
 * is appointed and accredited when it is not yet.
 *
 * @param day - The day.
 * @param name - The type.
 * @param subject - Address of who practises the trade.
 * @param at - When, Unix time.
 */
export async function allowTrade(day: Day, name: CredentialName, subject: string, at: bigint): Promise<void> {
  const body = day.actors[credentialTypes[name].authority];
  const credentials = day.city.credentials.connect(body);
  const typeId = typeIdOf(name);
  if ((await credentials.issuerOf(body)) !== body.address) {
    const appointment = { issuer: body, key: body, until: FOREVER, nonce: 0n, deadline: NO_DEADLINE };
    await day.send("credential.appointKey", at, () => credentials.appointKey(appointment, NO_SIGNATURE, NO_SIGNATURE));
  }
  const { accreditor } = await credentials.accreditationOf(typeId, body);
  if (accreditor !== body.address) {
    await day.send("credential.accredit", at, () => credentials.accredit(typeId, body, FOREVER, false));
  }
  await day.send("credential.issue", at, () => credentials.issue(typeId, subject, FOREVER, ZeroHash));
}
