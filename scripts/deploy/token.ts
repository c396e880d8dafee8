/** Whether the token that a file of parameters names can be the money of a city. */
import type { EIP1193Provider } from "@nomicfoundation/ignition-core";
import { Interface } from "ethers";

import { openZeppelinArtifact } from "../../ignition/modules/Authority.js";
import { DeployError, isConnectionFault } from "./errors.js";
import { list, type Parameters, TOKEN, valueOf } from "./parameters.js";
import { codeAt } from "./record.js";

/** Decimals that the amounts of money in ignition/modules/ are meant in. */
const DECIMALS = 6n;
/** Amounts in the token's units. */
const AMOUNTS = ["readingBond", "readingPenalty", "supplierFloor"];

const abi = new Interface(openZeppelinArtifact("ERC20").abi);

/**
 * Checks that an address is an ERC-20, and that amounts are named in its units if these are not the usual ones.
 *
 * @throws DeployError otherwise.
 */
export async function checkToken(
  provider: EIP1193Provider,
  networkName: string,
  deployer: string,
  parameters: Parameters,
): Promise<void> {
  const token = valueOf(parameters, TOKEN);
  if (typeof token !== "string") return;
  const where = `${TOKEN} in ${parameters.file ?? "the parameters"} is ${token}`;
  if ((await codeAt(provider, token)) === "0x") {
    throw new DeployError(
      `${where}, where no contract stands on network ${networkName}. Name an ERC-20 there, and run again.`,
    );
  }
  const ask = async (name: string, args: readonly unknown[] = []): Promise<bigint> => {
    try {
      const call = { to: token, data: abi.encodeFunctionData(name, args) };
      const answer = (await provider.request({ method: "eth_call", params: [call, "latest"] })) as string;
      return abi.decodeFunctionResult(name, answer)[0] as bigint;
    } catch (error) {
      if (isConnectionFault(error)) throw error;
      throw new DeployError(`${where}, which is no ERC-20: it does not answer ${name}. Name one, and run again.`, {
        cause: error,
      });
    }
  };
  await ask("totalSupply");
  await ask("balanceOf", [deployer]);
  await ask("allowance", [deployer, token]);
  const decimals = await ask("decimals");
  const missing = AMOUNTS.filter((name) => valueOf(parameters, name) === undefined);
  if (decimals !== DECIMALS && missing.length > 0) {
    throw new DeployError(
      `${where}, which has ${decimals} decimals, and amounts are meant with ${DECIMALS}. ` +
        `Set ${list(missing)} in its smallest units, and run again.`,
    );
  }
}
