/** The second step of a deployment: the admin takes the role that waits for it. */
import {
  type ArtifactResolver,
  deploy,
  DeploymentResultType,
  type EIP1193Provider,
} from "@nomicfoundation/ignition-core";
import { getAddress } from "ethers";

import { roles } from "../../ignition/authority.js";
import AcceptAdmin from "../../ignition/modules/AcceptAdmin.js";
import { AccessManager__factory } from "../../typechain-types/index.js";
import type { Connection } from "./chain.js";
import { DeployError, reasonOf } from "./errors.js";
import type { DeploymentRecord } from "./record.js";

/** Where a hand-over is. */
export type Handover = "accepted" | "already" | "waiting";

/**
 * Lets the admin take over if its key is at hand and it did not yet. The chain tells which, so it can be called again.
 *
 * @param record - The city.
 * @param place - The chain, and the accounts that can sign there.
 * @param execution - How Ignition sends and waits.
 * @throws DeployError if the role did not go to the admin, and nowhere else, with its delay.
 */
export async function handOver(
  { addresses, admin, roles: recorded }: DeploymentRecord,
  { accounts, connection: { ethers }, name }: { accounts: readonly string[]; connection: Connection; name: string },
  execution: { artifactResolver: ArtifactResolver; provider: EIP1193Provider },
): Promise<Handover> {
  const manager = AccessManager__factory.connect(addresses.manager, ethers.provider);
  const isWaiting = async (): Promise<boolean> => (await manager.hasRole(roles.ADMIN.id, admin.handover)).isMember;
  if (!(await isWaiting())) return "already";
  const account = accounts.find((one) => getAddress(one) === getAddress(admin.account));
  if (account === undefined) return "waiting";
  const result = await deploy({
    ...execution,
    ignitionModule: AcceptAdmin,
    deploymentParameters: { AcceptAdmin: { handover: admin.handover } },
    accounts: [...accounts],
    defaultSender: account,
  });
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) {
    throw new DeployError(
      `The admin ${admin.account} could not take over by AdminHandover at ${admin.handover} (${reasonOf(result)}). ` +
        "Mend what it says and run the same command again.",
    );
  }
  const { executionDelay, isMember } = await manager.hasRole(roles.ADMIN.id, account);
  if (!isMember || Number(executionDelay) !== recorded.ADMIN.executionDelay || (await isWaiting())) {
    throw new DeployError(
      `After the hand-over the admin ${admin.account} does not administer the manager ${addresses.manager} on network ` +
        `${name} alone and as the record says. Do not use this city: deploy another by --reset.`,
      { stands: false },
    );
  }
  return "accepted";
}
