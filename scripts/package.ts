// Completes dist/ for the package: interfaces as JSON for those who write no TypeScript, and contracts' types without their
// code, which only a deployment needs and which would be most of a web page that reads a city.

import { createRequire } from "node:module";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { Fragment, type JsonFragment } from "ethers";
import type { CityAddresses } from "../sdk/index.js";
import { filesBelow, root } from "./lib/project.js";

const DIST = join(root, "dist");
const TYPES = join(DIST, "typechain-types");
const FACTORIES = join(TYPES, "factories");
const ENDING = "__factory.js";

/** Contracts by their names among the addresses of a city. */
const CONTRACTS: Readonly<Record<keyof CityAddresses, string>> = {
  manager: "AccessManager",
  identities: "Identities",
  credentials: "Credentials",
  p256Verifier: "ERC7913P256Verifier",
  token: "CityEuro",
  pack: "BatteryPack",
  telemetry: "BatteryTelemetry",
  lease: "BatteryLease",
  energyRegistry: "EnergyRegistry",
  meterReadings: "MeterReadings",
  energyMarket: "EnergyMarket",
  energyCertificates: "EnergyCertificates",
  energySharing: "EnergySharing",
  materialCodes: "MaterialCodes",
  wasteOperators: "WasteOperators",
  containers: "Containers",
  wasteLots: "WasteLots",
  recyclingCertificates: "RecyclingCertificates",
  ecoToken: "EcoToken",
  ecoRewards: "EcoRewards",
  redemption: "Redemption",
  census: "Census",
  proofVerifier: "SemaphoreBatchVerifier",
  ballotBox: "BallotBox",
  timelock: "TimelockController",
  ballotExecutor: "BallotExecutor",
};

/** What TypeChain makes of a contract. */
interface Factory {
  readonly abi: readonly JsonFragment[];
  /** Puts addresses of libraries into the code, if it has any. */
  readonly linkBytecode?: (addresses: object) => string;
}

const files = new Map(filesBelow(FACTORIES, ENDING, FACTORIES).map((file) => [basename(file, ENDING), file]));
const factories = new Map<string, Factory>();
for (const [name, file] of files) {
  const module = (await import(pathToFileURL(join(FACTORIES, file)).href)) as Record<string, Factory>;
  const factory = module[`${name}__factory`];
  if (factory === undefined) throw new Error(`${file} makes no ${name}`);
  factories.set(name, factory);
}

mkdirSync(join(DIST, "abi"), { recursive: true });
for (const name of [...Object.values(CONTRACTS), "AdminHandover"]) {
  const lines = interfaceOf(name).map((item) => JSON.stringify(item));
  writeFileSync(join(DIST, "abi", `${name}.json`), `[\n${lines.join(",\n")}\n]\n`);
}
writeFileSync(join(DIST, "abi", "contracts.json"), `${JSON.stringify(CONTRACTS, undefined, 2)}\n`);
for (const [name, file] of files) withoutCode(name, file);

/** The interface of a contract with the errors and events of the libraries that it is linked to, which come from it too. */
function interfaceOf(name: string): readonly JsonFragment[] {
  const own = factories.get(name)?.abi ?? ofOpenZeppelin(name);
  const items = new Map(own.map((item) => [keyOf(item), item]));
  for (const library of librariesOf(name)) {
    for (const item of factories.get(library)?.abi ?? []) {
      if ((item.type === "error" || item.type === "event") && !items.has(keyOf(item))) items.set(keyOf(item), item);
    }
  }
  return [...items.values()];
}

/** A contract of a package that TypeChain is not given. */
function ofOpenZeppelin(name: string): readonly JsonFragment[] {
  const path = createRequire(import.meta.url).resolve(`@openzeppelin/contracts/build/contracts/${name}.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as Factory).abi;
}

function keyOf(item: JsonFragment): string {
  return `${item.type ?? ""} ${item.name === undefined ? "" : Fragment.from(item).format("sighash")}`;
}

/** Libraries that a contract is linked to, and those that they are. */
function librariesOf(name: string, found = new Set<string>()): Set<string> {
  const source = factories.get(name)?.linkBytecode?.toString() ?? "";
  for (const [, library = ""] of source.matchAll(/linkLibraryAddresses\["[^"]*:(\w+)"\]/g)) {
    if (found.has(library)) continue;
    found.add(library);
    librariesOf(library, found);
  }
  return found;
}

/** Writes a contract's factory anew, with what it takes to call one that stands. */
function withoutCode(name: string, file: string): void {
  const path = join(FACTORIES, file);
  const typed = relative(dirname(path), join(TYPES, dirname(file), `${name}.js`)).replaceAll("\\", "/");
  const abi = JSON.stringify(factories.get(name)?.abi);
  writeFileSync(
    path,
    `import { Contract, Interface } from "ethers";
const abi = ${abi};
export class ${name}__factory {
  static abi = abi;
  static createInterface() {
    return new Interface(abi);
  }
  static connect(address, runner) {
    return new Contract(address, abi, runner);
  }
}
`,
  );
  writeFileSync(
    path.replace(/\.js$/, ".d.ts"),
    `import { type ContractRunner, type JsonFragment } from "ethers";
import type { ${name}, ${name}Interface } from "${typed}";
export declare class ${name}__factory {
  static readonly abi: readonly JsonFragment[];
  static createInterface(): ${name}Interface;
  static connect(address: string, runner?: ContractRunner | null): ${name};
}
`,
  );
}
