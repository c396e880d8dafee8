import { createRequire } from "node:module";

import { type Artifact, buildModule, type IgnitionModuleBuilder } from "@nomicfoundation/ignition-core";

import { bodies, type Body, roles } from "../authority.js";

const openZeppelin = createRequire(import.meta.url);

/** A contract as OpenZeppelin compiled and published it. */
export function openZeppelinArtifact(name: string): Artifact {
  return openZeppelin(`@openzeppelin/contracts/build/contracts/${name}.json`) as Artifact;
}

/** Where the addresses of the city's bodies come from. */
export type Addresses =
  /** Parameters, or else the network's accounts in the order of `bodies`. */
  | "parametersOrAccounts"
  /** Parameters only: for networks where the deployer's is the only key. */
  | "parameters";

/** Address of a body: the parameter of its name. */
export function addressOf(m: IgnitionModuleBuilder, body: Body, addresses: Addresses) {
  // Ignition wants the account of a default to exist even when a parameter takes its place.
  return addresses === "parameters"
    ? m.getParameter<string>(body)
    : m.getParameter(body, m.getAccount(bodies.indexOf(body)));
}

/**
 * The city's AccessManager, administered by the deployer until {@link buildCity} ends, and the contract that hands it
 * over. Parameters: `admin`, `adminDelay` in seconds.
 */
export function buildAuthority(addresses: Addresses) {
  return buildModule("Authority", (m) => {
    const deployer = m.getAccount(0);
    const manager = m.contract("AccessManager", openZeppelinArtifact("AccessManager"), [deployer]);
    const adminDelay = m.getParameter("adminDelay", roles.ADMIN.executionDelay);
    const handover = m.contract("AdminHandover", [manager, addressOf(m, roles.ADMIN.holder, addresses), adminDelay]);
    return { manager, handover };
  });
}

export type Authority = ReturnType<typeof buildAuthority>;
