/** The second step of a deployment: the admin takes the role that waits for it. */
import { type ArtifactResolver, deploy, DeploymentResultType } from "@nomicfoundation/ignition-core";
import { getAddress } from "ethers";

import { roles } from "../../ignition/authority.js";
import AcceptAdmin from "../../ignition/modules/AcceptAdmin.js";
import { AccessManager__factory } from "../../typechain-types/index.js";
import type { Connection } from "./chain.js";
import { DeployError } from "./errors.js";
import type { DeploymentRecord } from "./record.js";

/** Where a hand-over is. */
export type Handover = "accepted" | "already" | "waiting";

/**
 * Lets the admin take over if its key is at hand and it did not yet. The chain tells which, so it can be called again.
 *
 * @param connection - The chain.
 * @param record - The city.
 * @param accounts - Accounts that can sign.
 * @param artifacts - What was compiled.
 * @param confirmations - Blocks to wait for.
 */
export async function handOver(
  { ethers, provider }: Connection,
  { addresses, admin }: DeploymentRecord,
  accounts: readonly string[],
  artifacts: ArtifactResolver,
  confirmations: number,
): Promise<Handover> {
  const manager = AccessManager__factory.connect(addresses.manager, ethers.provider);
  const [isWaiting] = await manager.hasRole(roles.ADMIN.id, admin.handover);
  if (!isWaiting) return "already";
  const account = accounts.find((one) => getAddress(one) === getAddress(admin.account));
  if (account === undefined) return "waiting";
  const result = await deploy({
    artifactResolver: artifacts,
    provider,
    ignitionModule: AcceptAdmin,
    deploymentParameters: { AcceptAdmin: { handover: admin.handover } },
    accounts: [...accounts],
    defaultSender: account,
    config: { requiredConfirmations: confirmations },
  });
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) {
    throw new DeployError(
      `The admin ${admin.account} could not take over by AdminHandover at ${admin.handover} (${result.type}). ` +
        "Run the same command again.",
    );
  }
  return "accepted";
}
