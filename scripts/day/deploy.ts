/** How the city of a day is deployed. */
import { rmSync } from "node:fs";
import { join } from "node:path";

import { config } from "hardhat";

import { addressesOf } from "../../ignition/addresses.js";
import { bodies } from "../../ignition/authority.js";
import AcceptAdmin from "../../ignition/modules/AcceptAdmin.js";
import CityModule from "../../ignition/modules/City.js";
import type { CityAddresses } from "../../sdk/index.js";
import type { Connection } from "./day.js";
import type { Prepared } from "./module.js";

/** Deploys a city whose bodies are the first accounts of the network, and whose admin has taken over; tells where it stands. */
export type Deploy = (
  connection: Connection,
  parameters: NonNullable<Prepared["parameters"]>,
) => Promise<Required<CityAddresses>>;

/** Deploys by the city's Ignition modules; the admin takes over. */
export const deployByIgnition: Deploy = async (connection, parameters) => deployAs("day", connection, parameters);

/** As {@link deployByIgnition}, under a name that two days which are lived at once do not share. */
export function deployByIgnitionAs(name: string): Deploy {
  return async (connection, parameters) => deployAs(name, connection, parameters);
}

async function deployAs(
  name: string,
  { ethers, ignition, networkConfig }: Connection,
  parameters: NonNullable<Prepared["parameters"]>,
): Promise<Required<CityAddresses>> {
  const signers = await ethers.getSigners();
  const admin = signers[bodies.indexOf("admin")];
  if (admin === undefined) throw new Error("the network has no account for the admin");
  // A node that goes on running sees several days: each deploys a city of its own.
  const deploymentId = `${name}-${(await ethers.provider.getBlockNumber()) + 1}`;
  const forget = (): void => {
    if (networkConfig.type !== "http") return;
    const folder = join(config.paths.ignition, "deployments", deploymentId);
    for (const path of [folder, `${folder}-admin`]) rmSync(path, { recursive: true, force: true });
  };
  // Those of a day that was killed: the day has a journal of its own.
  forget();
  try {
    const deployed = await ignition.deploy(CityModule, { deploymentId, parameters });
    await ignition.deploy(AcceptAdmin, {
      deploymentId: `${deploymentId}-admin`,
      parameters: { AcceptAdmin: { handover: await deployed.handover.getAddress() } },
      defaultSender: admin.address,
    });
    return await addressesOf(deployed);
  } finally {
    // Ignition's journals of this deployment, which nobody resumes.
    forget();
  }
}
