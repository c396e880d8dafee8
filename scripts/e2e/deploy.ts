/** Deploys the city of a day as `npm run deploy` does. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Deploy } from "../day/deploy.js";
import type { Connection } from "../deploy/chain.js";
import { toText } from "../deploy/record.js";
import { deployCity } from "../deploy/run.js";

/** The network of hardhat.config.ts that a client of a check answers as. */
export const NETWORK = "localhost";

/** Why a deployment cannot be relied on, although it came to an end. */
class SecondDeploymentError extends Error {
  override readonly name = "SecondDeploymentError";
}

/**
 * How the city of a day is deployed by the command's own code: from a file of parameters to a record, with Ignition's
 * journal in between. Then the same is asked for again, which must find the city and send nothing.
 *
 * @param tell - Is told what came of it.
 */
export function deployByCommand(tell: (line: string) => void): Deploy {
  return async (connection, tables) => {
    const folder = mkdtempSync(join(tmpdir(), "civitas-e2e-"));
    try {
      const parameters = join(folder, "city.json");
      const chainId = Number(await connection.provider.request({ method: "eth_chainId" }));
      writeFileSync(parameters, toText({ chainId, ...tables }));
      const options = {
        network: NETWORK,
        parameters,
        records: join(folder, "deployments"),
        journals: join(folder, "ignition"),
        verify: false,
        // The day goes on with the connection.
        connect: async () => Promise.resolve(kept(connection)),
        build: async () => Promise.resolve(),
      };
      const { file = "", handover, record } = await deployCity(options);
      const height = await connection.ethers.provider.getBlockNumber();
      const again = await deployCity(options);
      const sent = (await connection.ethers.provider.getBlockNumber()) - height;
      if (again.deployed || sent > 0 || !existsSync(file)) {
        throw new SecondDeploymentError(`the second deployment made ${sent} blocks, and its record is ${file}`);
      }
      tell(
        `Deployed as by \`npm run deploy\`: ${record.transactions} transactions from block ${record.firstBlock} to ` +
          `${record.block}, admin ${handover}; a second run sent nothing.`,
      );
      return record.addresses;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/** A connection that stays open when it is closed. */
function kept(connection: Connection): Connection {
  return new Proxy(connection, {
    get: (target, key) => {
      if (key === "close") return async (): Promise<void> => Promise.resolve();
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
