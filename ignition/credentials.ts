/**
 * What can be said of somebody in the city: every type of credentials, and the body that accredits its issuers. The
 * deployment registers exactly these, and a test compares them with the chain and with the constants in the contracts.
 */
import { encodeBytes32String } from "ethers";

import type { Body } from "./authority.js";

export interface CredentialRow {
  /** Body whose identity accredits issuers. */
  readonly authority: Body;
  /** Whether a credential counts only while its issuer is accredited. */
  readonly bound: boolean;
  /** Whether its subjects are numbered, so that people can be counted. */
  readonly numbered: boolean;
  /** Name of its schema. */
  readonly schemaURI: string;
}

// A resident stays one when the office that said so is closed. A trade is allowed by somebody who answers for it, so it
// ends with the accreditation of who allowed it. The make of a device is stated by a battery operator; when a maker is
// found to have lied, all its devices fall at once, and the accreditor can keep the accreditation of one that ceased.
// prettier-ignore
export const credentialTypes = {
  // identity
  RESIDENT:          { authority: "registry",   bound: false, numbered: true,  schemaURI: "urn:civitas:credential:resident" },
  // batteries
  BATTERY_OPERATOR:  { authority: "accreditor", bound: true,  numbered: false, schemaURI: "urn:civitas:credential:battery-operator" },
  BATTERY_TESTER:    { authority: "accreditor", bound: true,  numbered: false, schemaURI: "urn:civitas:credential:battery-tester" },
  BATTERY_COLLECTOR: { authority: "accreditor", bound: true,  numbered: false, schemaURI: "urn:civitas:credential:battery-collector" },
  BATTERY_RECYCLER:  { authority: "accreditor", bound: true,  numbered: false, schemaURI: "urn:civitas:credential:battery-recycler" },
  BATTERY_DEVICE:    { authority: "accreditor", bound: true,  numbered: false, schemaURI: "urn:civitas:credential:battery-device" },
  // energy
  METERING_OPERATOR: { authority: "accreditor", bound: true,  numbered: false, schemaURI: "urn:civitas:credential:metering-operator" },
  GRID_OPERATOR:     { authority: "accreditor", bound: true,  numbered: false, schemaURI: "urn:civitas:credential:grid-operator" },
  // waste
  WASTE_COLLECTOR:   { authority: "accreditor", bound: true,  numbered: false, schemaURI: "urn:civitas:credential:waste-collector" },
  WASTE_FACILITY:    { authority: "accreditor", bound: true,  numbered: false, schemaURI: "urn:civitas:credential:waste-facility" },
  WASTE_GATEWAY:     { authority: "accreditor", bound: true,  numbered: false, schemaURI: "urn:civitas:credential:waste-gateway" },
  // participation
  CENSUS_REGISTRAR:  { authority: "accreditor", bound: true,  numbered: false, schemaURI: "urn:civitas:credential:census-registrar" },
  RETURNING_OFFICER: { authority: "accreditor", bound: true,  numbered: false, schemaURI: "urn:civitas:credential:returning-officer" },
} as const satisfies Readonly<Record<string, CredentialRow>>;

export type CredentialName = keyof typeof credentialTypes;

export const credentialNames = Object.keys(credentialTypes) as CredentialName[];

/** Id of a type on the chain: its name in ASCII, padded with zeros. */
export function typeIdOf(name: CredentialName): string {
  return encodeBytes32String(name);
}
