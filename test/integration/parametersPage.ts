import { type IgnitionModule, isFuture, isModuleParameterRuntimeValue } from "@nomicfoundation/ignition-core";
import { expect } from "chai";

import { bodies } from "../../ignition/authority.js";
import LiveCity from "../../ignition/modules/LiveCity.js";
import LiveCityWithToken from "../../ignition/modules/LiveCityWithToken.js";
import { readText } from "../../scripts/lib/project.js";

/** What docs/networks.md says of the file of parameters, beside what the deployment takes. */

const PAGE = readText("docs/networks.md");

/** Every parameter that a module and those in it take, with the module's name and the default. */
function parametersOf(module: IgnitionModule, found = new Map<string, string[]>()): Map<string, string[]> {
  const visit = (value: unknown): void => {
    if (isModuleParameterRuntimeValue(value)) found.set(value.name, [value.moduleId, shown(value.defaultValue)]);
    else if (typeof value === "object" && value !== null && !isFuture(value)) Object.values(value).forEach(visit);
  };
  for (const future of module.futures) {
    const { constructorArgs, args, address } = future as {
      constructorArgs?: unknown;
      args?: unknown;
      address?: unknown;
    };
    [constructorArgs, args, address].forEach(visit);
  }
  for (const inner of module.submodules) parametersOf(inner, found);
  return found;
}

/** A default as the page has it. */
function shown(value: unknown): string {
  if (value === undefined) return "none";
  if (value === "") return "empty";
  return typeof value === "number" || typeof value === "bigint" ? value.toLocaleString("en") : JSON.stringify(value);
}

describe("Page of parameters", () => {
  it("names every parameter that is no body's address, with its module and its default", () => {
    const taken = parametersOf(LiveCity, parametersOf(LiveCityWithToken));
    for (const body of bodies) taken.delete(body);
    const rows = [...PAGE.matchAll(/^\| `(\w+)` +\| (\w+) +\| [^|]+\| ([^|]+?) +\|/gm)];
    const told = rows.map(([, name = "", module = "", standard = ""]) => [name, [module, standard]] as const);
    expect(Object.fromEntries(told)).to.deep.equal(Object.fromEntries(taken));
  });

  it("shows a file that names every body but the deployer", () => {
    const [, file = ""] = /```json\n(\{\n {2}"chainId"[^]*?)```/.exec(PAGE) ?? [];
    const { $global } = JSON.parse(file) as { $global: object };
    expect(Object.keys($global)).to.have.members(bodies.filter((body) => body !== "deployer"));
  });
});
