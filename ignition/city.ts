import {
  buildModule,
  type CallableContractFuture,
  type EncodeFunctionCallFuture,
  type IgnitionModuleBuilder,
} from "@nomicfoundation/ignition-core";

import { type RoleName, roles, selectorsByRole, type Target } from "./authority.js";
import { credentialNames, credentialTypes, typeIdOf } from "./credentials.js";
import { type Addresses, addressOf, buildAuthority } from "./modules/Authority.js";
import { buildBatteries } from "./modules/Batteries.js";
import { buildEnergy } from "./modules/Energy.js";
import { buildFinance, buildForeignFinance } from "./modules/Finance.js";
import { buildIdentity } from "./modules/Identity.js";
import { buildParticipation } from "./modules/Participation.js";
import { buildRewards } from "./modules/Rewards.js";
import { buildWaste } from "./modules/Waste.js";

type Manager = CallableContractFuture<string>;
type Act = EncodeFunctionCallFuture<string, string>;

/** Roles that the deployer holds between the two transactions that set up AccessManager and hand it over. */
const forSetUp = [
  "CREDENTIAL_REGISTRAR",
  "BATTERY_WIRING",
  "WASTE_WIRING",
  "ECO_WIRING",
  "CENSUS_WIRING",
] as const satisfies readonly RoleName[];

// Rights over the reward token, see EcoRights in contracts/rewards/IEcoToken.sol.
const MINT = 1;
const BURN = 2;

export interface CityOptions {
  readonly addresses: Addresses;
  /** Money of the city: CityEuro, or an ERC-20 that stands already. */
  readonly token: "CityEuro" | "foreign";
}

/**
 * The whole city, wired, with every role where ignition/authority.ts puts it. The deployer ends with no role; the admin
 * takes over with the module AcceptAdmin. Parameters, best given under `$global`: those of the modules, and the address
 * of every body in the table.
 *
 * AccessManager is set up in one transaction and handed over in another, so that no role is ever half set.
 */
export function buildCity({ addresses, token }: CityOptions) {
  const authority = buildAuthority(addresses);
  const identity = buildIdentity(authority);
  const finance = token === "CityEuro" ? buildFinance(authority) : buildForeignFinance();
  const batteries = buildBatteries(authority, identity, finance);
  const energy = buildEnergy(authority, identity, finance, addresses);
  const waste = buildWaste(authority, identity);
  const rewards = buildRewards(authority, identity, finance, waste, addresses);

  const participation = buildParticipation(authority, identity);

  return buildModule("City", (m) => {
    const { manager, handover } = m.useModule(authority);
    const { identities, credentials, p256Verifier } = m.useModule(identity);
    const { token: money } = m.useModule(finance);
    const { pack, telemetry, lease } = m.useModule(batteries);
    const district = m.useModule(energy);
    const round = m.useModule(waste);
    const { ecoToken, ecoRewards, redemption } = m.useModule(rewards);
    const polls = m.useModule(participation);
    const deployer = m.getAccount(0);

    const deployed: Partial<Record<Target, CallableContractFuture<string>>> = {
      Credentials: credentials,
      BatteryPack: pack,
      BatteryLease: lease,
      EnergyRegistry: district.energyRegistry,
      EnergyMarket: district.energyMarket,
      MaterialCodes: round.materialCodes,
      WasteOperators: round.wasteOperators,
      Containers: round.containers,
      WasteLots: round.wasteLots,
      EcoToken: ecoToken,
      EcoRewards: ecoRewards,
      Redemption: redemption,
      Census: polls.census,
      BallotBox: polls.ballotBox,
      BallotExecutor: polls.ballotExecutor,
    };
    if (token === "CityEuro") deployed.CityEuro = money;

    const setUp = m.call(
      manager,
      "multicall",
      [
        [
          ...describeRoles(m, manager),
          ...Object.entries(deployed).flatMap(([target, contract]) =>
            restrictFunctions(m, manager, target as Target, contract),
          ),
          ...grantRoles(m, manager, addresses),
          ...forSetUp.map((name) =>
            m.encodeFunctionCall(manager, "grantRole", [roles[name].id, deployer, 0], { id: `setUp_${name}` }),
          ),
        ],
      ],
      { id: "setUpAuthority", from: deployer },
    );

    const done = [
      ...credentialNames.map((name) => {
        const { authority: body, bound, numbered, schemaURI } = credentialTypes[name];
        const args = [typeIdOf(name), addressOf(m, body, addresses), bound, numbered, schemaURI];
        return m.call(credentials, "registerType", args, { id: `type_${name}`, after: [setUp], from: deployer });
      }),
      m.call(pack, "setTelemetry", [telemetry], { after: [setUp], from: deployer }),
      m.call(pack, "setLeaseBook", [lease, true], { after: [setUp], from: deployer }),
      m.call(round.containers, "setLots", [round.wasteLots], { after: [setUp], from: deployer }),
      m.call(ecoToken, "setRights", [ecoRewards, MINT], { id: "rewardRights", after: [setUp], from: deployer }),
      m.call(ecoToken, "setRights", [redemption, MINT | BURN], {
        id: "redemptionRights",
        after: [setUp],
        from: deployer,
      }),
      m.call(polls.census, "attachBox", [polls.ballotBox], { after: [setUp], from: deployer }),
    ];

    m.call(
      manager,
      "multicall",
      [
        [
          ...forSetUp.map((name) =>
            m.encodeFunctionCall(manager, "renounceRole", [roles[name].id, deployer], { id: `renounce_${name}` }),
          ),
          m.encodeFunctionCall(manager, "grantRole", [roles.ADMIN.id, handover, 0], { id: "grant_ADMIN" }),
          m.encodeFunctionCall(manager, "renounceRole", [roles.ADMIN.id, deployer], { id: "renounce_ADMIN" }),
        ],
      ],
      { id: "handOver", after: done, from: deployer },
    );

    return {
      manager,
      handover,
      identities,
      credentials,
      p256Verifier,
      token: money,
      pack,
      telemetry,
      lease,
      ...district,
      ...round,
      ecoToken,
      ecoRewards,
      redemption,
      ...polls,
    };
  });
}

/** ADMIN is left out of what follows: AccessManager names it itself, and the hand-over grants it. */
function rolesBelowAdmin(): [RoleName, (typeof roles)[RoleName]][] {
  return (Object.entries(roles) as [RoleName, (typeof roles)[RoleName]][]).filter(([name]) => name !== "ADMIN");
}

function describeRoles(m: IgnitionModuleBuilder, manager: Manager): Act[] {
  return rolesBelowAdmin().flatMap(([name, { id, label, guardian, grantDelay }]) => {
    const acts: Act[] = [m.encodeFunctionCall(manager, "labelRole", [id, label], { id: `label_${name}` })];
    if (guardian !== undefined) {
      const args = [id, roles[guardian].id];
      acts.push(m.encodeFunctionCall(manager, "setRoleGuardian", args, { id: `guardian_${name}` }));
    }
    if (grantDelay !== undefined) {
      acts.push(m.encodeFunctionCall(manager, "setGrantDelay", [id, grantDelay], { id: `grantDelay_${name}` }));
    }
    return acts;
  });
}

function restrictFunctions(
  m: IgnitionModuleBuilder,
  manager: Manager,
  target: Target,
  contract: CallableContractFuture<string>,
): Act[] {
  return [...selectorsByRole(target)].map(([role, selectors]) =>
    m.encodeFunctionCall(manager, "setTargetFunctionRole", [contract, selectors, roles[role].id], {
      id: `restrict_${target}_${role}`,
    }),
  );
}

function grantRoles(m: IgnitionModuleBuilder, manager: Manager, addresses: Addresses): Act[] {
  return rolesBelowAdmin().map(([name, { id, holder, executionDelay }]) =>
    m.encodeFunctionCall(manager, "grantRole", [id, addressOf(m, holder, addresses), executionDelay], {
      id: `grant_${name}`,
    }),
  );
}
