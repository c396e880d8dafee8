/**
 * Who may do what in the city: every role, who holds it, and every function that needs one. The deployment sets exactly
 * this, and a test compares it with the contracts' source, so that no restricted function is forgotten.
 */
import type { Interface } from "ethers";

import {
  BallotBox__factory,
  BallotExecutor__factory,
  BatteryLease__factory,
  BatteryPack__factory,
  Census__factory,
  CityEuro__factory,
  Containers__factory,
  Credentials__factory,
  EcoRewards__factory,
  EcoToken__factory,
  EnergyMarket__factory,
  EnergyRegistry__factory,
  MaterialCodes__factory,
  Redemption__factory,
  WasteLots__factory,
  WasteOperators__factory,
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
  "wasteOffice",
  "wasteAuthority",
  "rewardOffice",
  "auditor",
  "electionOffice",
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
  | "ENERGY_TARIFFS"
  | "WASTE_CODES"
  | "WASTE_FLEET"
  | "WASTE_LICENSING"
  | "WASTE_AUDITOR"
  | "WASTE_WIRING"
  | "REWARD_PROGRAMMES"
  | "REWARD_AUDITOR"
  | "REWARD_CATALOGUE"
  | "REWARD_TREASURY"
  | "ECO_WIRING"
  | "CENSUS_ROLLS"
  | "CENSUS_WIRING"
  | "BALLOT_CLERK";

// A wired lease book can dispose of the packs of owners who approved it, a minter can make any sum, and a new authority
// of a type can withdraw every accreditation there is: a new holder of such a role is announced first, and the guardian
// has time to stop a wiring or a change of authority that nobody agreed to. Who registers meters names their keys, one of
// three of which a reading needs two, and so holds neither of the others. A tariff needs no delay, since it cannot reach
// an interval that is open. Who names the keys of containers does not license who empties them, and who sets rewards does
// not audit them. Who says what a voucher is worth can empty the pool that backs them, so it is who fills it. A contract that
// makes reward tokens can make any sum, so it is announced as a lease book is. A contract that gives notice to the census can
// hold its growth down for years, so it is announced too. Who publishes ballots puts nobody on a roll.
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
  WASTE_CODES:          { id: 11, label: "Waste codes",          holder: "wasteAuthority", executionDelay: 0 },
  WASTE_FLEET:          { id: 12, label: "Waste fleet",          holder: "wasteOffice",  executionDelay: 0 },
  WASTE_LICENSING:      { id: 13, label: "Waste licensing",      holder: "wasteAuthority", executionDelay: 0 },
  WASTE_AUDITOR:        { id: 14, label: "Waste auditor",        holder: "auditor",      executionDelay: 0 },
  WASTE_WIRING:         { id: 15, label: "Waste wiring",         holder: "engineer",     executionDelay: 7 * DAY, guardian: "GUARDIAN", grantDelay: 2 * DAY },
  REWARD_PROGRAMMES:    { id: 16, label: "Reward programmes",    holder: "rewardOffice", executionDelay: 0 },
  REWARD_AUDITOR:       { id: 17, label: "Reward auditor",       holder: "auditor",      executionDelay: 0 },
  REWARD_CATALOGUE:     { id: 18, label: "Reward catalogue",     holder: "treasury",     executionDelay: 0 },
  REWARD_TREASURY:      { id: 19, label: "Reward treasury",      holder: "treasury",     executionDelay: 0 },
  ECO_WIRING:           { id: 20, label: "Eco wiring",           holder: "engineer",     executionDelay: 7 * DAY, guardian: "GUARDIAN", grantDelay: 2 * DAY },
  CENSUS_ROLLS:         { id: 21, label: "Census rolls",         holder: "registry",     executionDelay: 0 },
  CENSUS_WIRING:        { id: 22, label: "Census wiring",        holder: "engineer",     executionDelay: 7 * DAY, guardian: "GUARDIAN", grantDelay: 2 * DAY },
  BALLOT_CLERK:         { id: 23, label: "Ballot clerk",         holder: "electionOffice", executionDelay: 0 },
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
  MaterialCodes: {
    set: "WASTE_CODES",
    reclassify: "WASTE_CODES",
  },
  WasteOperators: {
    appointSuccessor: "WASTE_LICENSING",
    permit: "WASTE_LICENSING",
    license: "WASTE_LICENSING",
  },
  Containers: {
    register: "WASTE_FLEET",
    change: "WASTE_FLEET",
    setStatus: "WASTE_FLEET",
    setDevice: "WASTE_FLEET",
    setLots: "WASTE_WIRING",
  },
  WasteLots: {
    rule: "WASTE_AUDITOR",
    auditRevision: "WASTE_AUDITOR",
  },
  EcoToken: {
    setRights: "ECO_WIRING",
  },
  EcoRewards: {
    setProgramme: "REWARD_PROGRAMMES",
    setAttestor: "REWARD_PROGRAMMES",
    setCityBudget: "REWARD_PROGRAMMES",
    voidClaim: "REWARD_AUDITOR",
    auditCycle: "REWARD_AUDITOR",
    pardon: "REWARD_AUDITOR",
    voidEpoch: "REWARD_AUDITOR",
    pause: "GUARDIAN",
    unpause: "STEWARD",
  },
  Redemption: {
    addItem: "REWARD_CATALOGUE",
    changeItem: "REWARD_CATALOGUE",
    withdrawPool: "REWARD_TREASURY",
    pause: "GUARDIAN",
    unpause: "STEWARD",
  },
  Census: {
    openRoll: "CENSUS_ROLLS",
    attachBox: "CENSUS_WIRING",
  },
  BallotBox: {
    publish: "BALLOT_CLERK",
    withdraw: "BALLOT_CLERK",
  },
  BallotExecutor: {
    suspend: "GUARDIAN",
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
  MaterialCodes: MaterialCodes__factory.createInterface(),
  WasteOperators: WasteOperators__factory.createInterface(),
  Containers: Containers__factory.createInterface(),
  WasteLots: WasteLots__factory.createInterface(),
  EcoToken: EcoToken__factory.createInterface(),
  EcoRewards: EcoRewards__factory.createInterface(),
  Redemption: Redemption__factory.createInterface(),
  Census: Census__factory.createInterface(),
  BallotBox: BallotBox__factory.createInterface(),
  BallotExecutor: BallotExecutor__factory.createInterface(),
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
