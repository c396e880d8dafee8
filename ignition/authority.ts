/**
 * Who may do what in the city: every role, who holds it, and every function that needs one. The deployment sets exactly
 * this, and a test compares it with the contracts' source, so that no restricted function is forgotten.
 */
import type { Interface } from "ethers";

import {
  BatteryLease__factory,
  BatteryPack__factory,
  CityEuro__factory,
  Credentials__factory,
  EnergyMarket__factory,
  EnergyRegistry__factory,
} from "../typechain-types/index.js";

const DAY = 24 * 60 * 60;

/**
 * The bodies of a city, in the order of the local accounts that stand for them by default. A deployment elsewhere names
 * an address for each; one address may stand for several.
 */
export const bodies = [
  "deployer",
  "admin",
  "guardian",
  "steward",
  "treasury",
  "registrar",
  "engineer",
  "depot",
  "arbiter",
  "registry",
  "accreditor",
  "energyOffice",
  "gridOperator",
  "supplier",
  "community",
] as const;

export type Body = (typeof bodies)[number];

export interface Role {
  /** Number in contracts/authority/Roles.sol. */
  readonly id: number;
  /** Name that AccessManager announces. */
  readonly label: string;
  /** Body that holds the role from the start. */
  readonly holder: Body;
  /** Seconds between an act being scheduled and taking effect. Zero: at once, without scheduling. */
  readonly executionDelay: number;
  /** Role that may cancel scheduled acts, besides ADMIN. Only where there is a delay. */
  readonly guardian?: RoleName;
  /** Seconds before a later grant takes effect. AccessManager heeds it from five days after the deployment. */
  readonly grantDelay?: number;
}

export type RoleName =
  | "ADMIN"
  | "GUARDIAN"
  | "STEWARD"
  | "MINTER"
  | "CREDENTIAL_REGISTRAR"
  | "BATTERY_REGISTRAR"
  | "BATTERY_WIRING"
  | "BATTERY_BAYS"
  | "BATTERY_ARBITER"
  | "ENERGY_REGISTRAR"
  | "ENERGY_TARIFFS";

// A wired lease book can dispose of the packs of owners who approved it, a minter can make any sum, and a new authority
// of a type can withdraw every accreditation there is: a new holder of such a role is announced first, and the guardian
// has time to stop a wiring or a change of authority that nobody agreed to. Who registers meters names their keys, one of
// three of which a reading needs two, and so holds neither of the others. A tariff needs no delay, since it cannot reach
// an interval that is open.
// prettier-ignore
export const roles: Readonly<Record<RoleName, Role>> = {
  ADMIN:                { id: 0,  label: "Admin",                holder: "admin",        executionDelay: 2 * DAY },
  GUARDIAN:             { id: 1,  label: "Guardian",             holder: "guardian",     executionDelay: 0 },
  STEWARD:              { id: 2,  label: "Steward",              holder: "steward",      executionDelay: 0 },
  MINTER:               { id: 3,  label: "Minter",               holder: "treasury",     executionDelay: 0, grantDelay: 2 * DAY },
  CREDENTIAL_REGISTRAR: { id: 4,  label: "Credential registrar", holder: "registrar",    executionDelay: 2 * DAY, guardian: "GUARDIAN", grantDelay: 2 * DAY },
  BATTERY_REGISTRAR:    { id: 5,  label: "Battery registrar",    holder: "registrar",    executionDelay: 0 },
  BATTERY_WIRING:       { id: 6,  label: "Battery wiring",       holder: "engineer",     executionDelay: 7 * DAY, guardian: "GUARDIAN", grantDelay: 2 * DAY },
  BATTERY_BAYS:         { id: 7,  label: "Battery bays",         holder: "depot",        executionDelay: 0 },
  BATTERY_ARBITER:      { id: 8,  label: "Battery arbiter",      holder: "arbiter",      executionDelay: 0 },
  ENERGY_REGISTRAR:     { id: 9,  label: "Energy registrar",     holder: "energyOffice", executionDelay: 0 },
  ENERGY_TARIFFS:       { id: 10, label: "Energy tariffs",       holder: "energyOffice", executionDelay: 0 },
};

/** Every function behind `restricted`, by contract. */
export const restrictedFunctions = {
  Credentials: {
    registerType: "CREDENTIAL_REGISTRAR",
    changeTypeAuthority: "CREDENTIAL_REGISTRAR",
  },
  CityEuro: {
    mint: "MINTER",
  },
  BatteryPack: {
    appointSuccessor: "BATTERY_REGISTRAR",
    setLeaseBook: "BATTERY_WIRING",
    setTelemetry: "BATTERY_WIRING",
  },
  BatteryLease: {
    pause: "GUARDIAN",
    unpause: "STEWARD",
    setBay: "BATTERY_BAYS",
    rule: "BATTERY_ARBITER",
    ruleHealth: "BATTERY_ARBITER",
  },
  EnergyRegistry: {
    registerFeeder: "ENERGY_REGISTRAR",
    changeFeeder: "ENERGY_REGISTRAR",
    limitFeeder: "ENERGY_REGISTRAR",
    registerMeter: "ENERGY_REGISTRAR",
    setOwner: "ENERGY_REGISTRAR",
    rate: "ENERGY_REGISTRAR",
    setStatus: "ENERGY_REGISTRAR",
    announceKey: "ENERGY_REGISTRAR",
    createTariff: "ENERGY_TARIFFS",
    setDefaultTariff: "ENERGY_TARIFFS",
    scheduleTariffs: "ENERGY_TARIFFS",
  },
  EnergyMarket: {
    pause: "GUARDIAN",
    unpause: "STEWARD",
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, RoleName>>>>;

/** Contract under the city's authority. */
export type Target = keyof typeof restrictedFunctions;

export const targets = Object.keys(restrictedFunctions) as Target[];

const interfaces: Readonly<Record<Target, Interface>> = {
  Credentials: Credentials__factory.createInterface(),
  CityEuro: CityEuro__factory.createInterface(),
  BatteryPack: BatteryPack__factory.createInterface(),
  BatteryLease: BatteryLease__factory.createInterface(),
  EnergyRegistry: EnergyRegistry__factory.createInterface(),
  EnergyMarket: EnergyMarket__factory.createInterface(),
};

/** The restricted functions of one contract with selector and role. */
export function restrictedFunctionsOf(target: Target): { name: string; selector: string; role: RoleName }[] {
  return Object.entries<RoleName>(restrictedFunctions[target]).map(([name, role]) => {
    const fragment = interfaces[target].getFunction(name);
    if (fragment === null) throw new Error(`${target} has no function ${name}, but ignition/authority.ts restricts it`);
    return { name, selector: fragment.selector, role };
  });
}

/** The selectors of one contract that each role opens. */
export function selectorsByRole(target: Target): Map<RoleName, string[]> {
  const byRole = new Map<RoleName, string[]>();
  for (const { selector, role } of restrictedFunctionsOf(target)) {
    byRole.set(role, [...(byRole.get(role) ?? []), selector]);
  }
  return byRole;
}
