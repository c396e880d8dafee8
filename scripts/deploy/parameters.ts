/** What a deployment is told: a file of parameters, the bodies' addresses in it, and the module that it chooses. */
import { existsSync } from "node:fs";

import { readDeploymentParameters } from "@nomicfoundation/hardhat-ignition/helpers";
import {
  type DeploymentParameters,
  type Future,
  type IgnitionModule,
  isFuture,
  isModuleParameterRuntimeValue,
} from "@nomicfoundation/ignition-core";
import { getAddress, isAddress, ZeroAddress } from "ethers";

import { bodies, type Body } from "../../ignition/authority.js";
import City from "../../ignition/modules/City.js";
import LiveCity from "../../ignition/modules/LiveCity.js";
import LiveCityWithToken from "../../ignition/modules/LiveCityWithToken.js";
import { DeployError, gistOf } from "./errors.js";

/** What holds for every module, in Ignition's words. */
export const GLOBAL = "$global";
export const TOKEN = "settlementToken";

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

/** The modules that are a whole city, by name. */
export const cityModules = { City, LiveCity, LiveCityWithToken };

export type CityModuleName = keyof typeof cityModules;

/** A file of parameters. */
export interface Parameters {
  /** Where it is, for messages; undefined when there is no file. */
  readonly file?: string;
  /** Chain that it is meant for, if it says so. */
  readonly chainId?: bigint;
  /** What Ignition takes, by module and name. */
  readonly values: DeploymentParameters;
}

/**
 * Reads a file of parameters: Ignition's format, and besides, if it likes, the `chainId` that it is meant for.
 *
 * @throws DeployError if there is no such file or it is not what it should be.
 */
export async function readParameters(file: string | undefined): Promise<Parameters> {
  if (file === undefined) return { values: {} };
  if (!existsSync(file)) {
    throw new DeployError(
      `There is no file ${file}. Name one after --parameters; docs/networks.md shows what is in it.`,
    );
  }
  let read: unknown;
  try {
    read = await readDeploymentParameters(file);
  } catch (error) {
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new DeployError(`${file} cannot be read as JSON (${gistOf(reason)}). Mend it and run again.`, {
      cause: error,
    });
  }
  if (!isTable(read)) throw new DeployError(`${file} is no table of parameters. Begin it with { "${GLOBAL}": { … } }.`);
  const { chainId, ...modules } = read;
  if (chainId !== undefined && typeof chainId !== "bigint" && !Number.isSafeInteger(chainId)) {
    throw new DeployError(
      `chainId in ${file} is ${JSON.stringify(chainId)}, which is no chain's id. Mend it and run again.`,
    );
  }
  for (const [name, table] of Object.entries(modules)) {
    if (isTable(table)) continue;
    throw new DeployError(
      `"${name}" in ${file} is in no table. Parameters stand under "${GLOBAL}", or under the name of their module.`,
    );
  }
  return {
    file,
    ...(chainId === undefined ? {} : { chainId: BigInt(chainId as number | bigint) }),
    values: modules as DeploymentParameters,
  };
}

/**
 * The module that parameters ask for: with another token if they name one, with the network's own accounts as bodies if
 * it has enough of them and the parameters do not name every body, and otherwise with every address from the parameters.
 *
 * @param parameters - What was read.
 * @param accounts - Accounts that can sign on the network.
 */
export function chooseModule({ values }: Parameters, accounts: number): CityModuleName {
  const table = values[GLOBAL] ?? {};
  if (table[TOKEN] !== undefined) return "LiveCityWithToken";
  const allNamed = namedBodies.every((body) => table[body] !== undefined);
  return accounts >= bodies.length && !allNamed ? "City" : "LiveCity";
}

/** Bodies that parameters name; the deployer is who sends. */
const namedBodies = bodies.filter((body): body is Exclude<Body, "deployer"> => body !== "deployer");

/** Parameters that are addresses. */
const addressNames: readonly string[] = [...namedBodies, TOKEN];

/**
 * Checks that nothing is missing, misspelt or no address. What a number may be is told by Ignition and by the contracts.
 *
 * @param parameters - What was read.
 * @param name - The module that they are for.
 * @param deployer - Who sends.
 * @throws DeployError with the first fault.
 */
export function checkParameters({ file, values }: Parameters, name: CityModuleName, deployer: string): void {
  const where = file ?? "What --parameters names";
  const known = parametersOf(cityModules[name]);
  const modules = new Set([GLOBAL, ...[...known.values()].flatMap((asked) => [...asked])]);
  for (const [module, table] of Object.entries(values)) {
    if (!modules.has(module)) {
      throw new DeployError(
        `${where} has a table "${module}", and there is no such module. There is ${list(modules)}.`,
      );
    }
    for (const key of Object.keys(table)) {
      const asked = known.get(key);
      if (asked === undefined || (module !== GLOBAL && !asked.has(module))) {
        const others = [...known.keys()].sort();
        throw new DeployError(`${where} has "${key}" under "${module}", which nothing takes. ${hint(key, others)}`);
      }
      // Ignition would take it from here, past what is checked and recorded.
      if (module !== GLOBAL && addressNames.includes(key)) {
        throw new DeployError(
          `${where} has ${key} under "${module}". Addresses stand under "${GLOBAL}" alone: move it there, and run again.`,
        );
      }
    }
  }

  const table = values[GLOBAL] ?? {};
  const needed: readonly string[] = [
    ...(name === "City" ? [] : namedBodies),
    ...(name === "LiveCityWithToken" ? [TOKEN] : []),
  ];
  const missing = needed.filter((key) => table[key] === undefined);
  if (missing.length > 0) {
    throw new DeployError(
      file === undefined
        ? `This network has no accounts of its own to stand for the city's bodies. Name an address for each of ${list(missing)} under "${GLOBAL}" in a file, and pass it by --parameters.`
        : `${file} names no address for ${list(missing)}. Add ${missing.length === 1 ? "it" : "them"} under "${GLOBAL}".`,
    );
  }
  for (const key of addressNames) {
    const value = table[key];
    if (value === undefined) continue;
    checkAddress(key, where, value);
    if (key === TOKEN) continue;
    if (value === getAddress(deployer)) {
      throw new DeployError(
        `${key} in ${where} is ${value}, which is the account that deploys. It must end with no role: name another.`,
      );
    }
    if (value === table[TOKEN]) {
      throw new DeployError(`${key} in ${where} is ${value}, which is the ${TOKEN}. Name who it is, and run again.`);
    }
  }
}

/**
 * Checks that a value is an address as wallets show it. Its capitals are its checksum, by which a wrong digit is noticed;
 * a role or a trade that a wrong address holds is lost.
 */
function checkAddress(key: string, where: string, value: unknown): asserts value is string {
  const say = (fault: string, step: string): DeployError =>
    new DeployError(`${key} in ${where} is ${JSON.stringify(value)}, ${fault}. ${step}`);
  if (typeof value !== "string" || !ADDRESS.test(value)) {
    throw say("which is no address", "Mend it and run again.");
  }
  if (value === ZeroAddress) throw say("which is nobody's address", "Name another and run again.");
  if (!isAddress(value)) throw say("whose capitals say that a digit is wrong", "Copy it anew and run again.");
  if (getAddress(value) !== value) {
    throw say(
      "without the capitals that tell a wrong digit",
      "Copy it from where they are shown (EIP-55), and run again.",
    );
  }
}

/** The value of a parameter, wherever the file has it. */
export function valueOf({ values }: Parameters, name: string): unknown {
  const { [GLOBAL]: table, ...modules } = values;
  return Object.values(modules).find((module) => module[name] !== undefined)?.[name] ?? table?.[name];
}

/** Every parameter of a module and of the modules in it, with the modules that ask for it. */
function parametersOf(module: IgnitionModule): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const visit = (value: unknown): void => {
    if (isModuleParameterRuntimeValue(value)) {
      found.set(value.name, (found.get(value.name) ?? new Set()).add(value.moduleId));
    } else if (Array.isArray(value)) {
      value.forEach(visit);
    } else if (isTable(value) && !isFuture(value)) {
      Object.values(value).forEach(visit);
    }
  };
  const enter = ({ futures, submodules }: IgnitionModule): void => {
    for (const future of futures) argumentsOf(future).forEach(visit);
    for (const inner of submodules) enter(inner);
  };
  enter(module);
  return found;
}

/** What a step of a module is given. */
function argumentsOf(future: Future): unknown[] {
  const { constructorArgs, args, address } = future as { constructorArgs?: unknown; args?: unknown; address?: unknown };
  return [constructorArgs, args, address];
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names with commas between them. */
export function list(names: Iterable<string>): string {
  return [...names].join(", ");
}

/** The name that was meant, if it differs by its letters' case alone, and otherwise all there are. */
function hint(name: string, others: readonly string[]): string {
  const meant = others.find((other) => other.toLowerCase() === name.toLowerCase());
  return meant === undefined ? `There is ${list(others)}.` : `Write ${meant}.`;
}
