/** The city that is measured: new, deployed by its real modules, with its bodies at work. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { HDNodeWallet } from "ethers";

import { bodies, type RoleName, roles } from "../../ignition/authority.js";
import { deployByIgnition } from "../../scripts/day/deploy.js";
import { MNEMONIC } from "../../scripts/e2e/client.js";
import { type City, connectCity } from "../../sdk/city.js";
import { type AccessManager, AccessManager__factory } from "../../typechain-types/index.js";
import { type ClientName, type Load, ScaleChain } from "./chain.js";
import { QuickKey } from "./keys.js";

/** Who practises a trade here, besides the city's bodies. */
const people = ["operator", "censusRegistrar", "collector"] as const;
/** In the order of the chain's accounts. */
const names = [...bodies, ...people] as const;

type Person = (typeof names)[number];

export interface Stage {
  readonly chain: ScaleChain;
  /** Its contracts, with a caller who has no office. */
  readonly city: City;
  readonly cast: Readonly<Record<Person, HardhatEthersSigner>>;
  readonly manager: AccessManager;
}

/** Deploys a city on a chain of its own. */
export async function openStage(client: ClientName): Promise<Stage> {
  const chain = await ScaleChain.open(client);
  try {
    const addresses = await deployByIgnition(chain.connection, {});
    const cast = Object.fromEntries(names.map((name, index) => [name, chain.signers[index]])) as Stage["cast"];
    const city = connectCity(addresses, cast.collector);
    return { chain, city, cast, manager: AccessManager__factory.connect(addresses.manager, cast.deployer) };
  } catch (error) {
    await chain.close();
    throw error;
  }
}

/** Who holds a role from the start. */
export function holderOf({ cast }: Stage, role: RoleName): HardhatEthersSigner {
  return cast[roles[role].holder];
}

/** The key of somebody's account, to send many transactions with. */
export function keyOf(person: Person): QuickKey {
  const path = `m/44'/60'/0'/0/${names.indexOf(person)}`;
  return new QuickKey(HDNodeWallet.fromPhrase(MNEMONIC, undefined, path).signingKey);
}

/** Calls that need a role, many in one transaction: the manager makes them for who holds it. */
export function managed({ manager, city }: Stage, target: string, calls: readonly string[]): Load {
  const acts = calls.map((call) => manager.interface.encodeFunctionData("execute", [target, call]));
  return {
    to: city.addresses.manager ?? "",
    data: manager.interface.encodeFunctionData("multicall", [acts]),
    items: calls.length,
  };
}
