import { expect } from "chai";
import type { EthereumProvider } from "hardhat/types/providers";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { network } from "hardhat";

import { leasingCity, terms } from "./utils/leasing.js";

/** The package as another project gets it: packed, unpacked, type-checked and used against a city on a chain. */

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/** What another project writes. Its arguments: address of the chain, addresses of the city, pack, parties. */
const CONSUMER = `
import { buildOffer, type CityAddresses, connectCity, LeaseState, offerHash, signOffer, signPermit } from "civitas";
import { clearInterval, type Tariff } from "civitas/energy";
import { Identity, parseDid } from "civitas/identity";
import * as importers from "civitas/importers";
import { packRanking } from "civitas/participation";
import { earnedDown } from "civitas/rewards";
import { LotLedger, wasteCode } from "civitas/waste";
import { JsonRpcProvider } from "ethers";

const [url = "", addresses = "{}", packId = "0", lessorAddress = "", lesseeAddress = ""] = process.argv.slice(2);
const provider = new JsonRpcProvider(url);
const city = connectCity(JSON.parse(addresses) as CityAddresses, provider);
const lessor = await provider.getSigner(lessorAddress);
const lessee = await provider.getSigner(lesseeAddress);

const day = 86_400n;
const offer = buildOffer({
  packId: BigInt(packId),
  lessor: lessor.address,
  rent: 5n,
  deposit: 7n,
  period: 30n * day,
  periods: 12n,
  grace: 5n * day,
  claimWindow: 7n * day,
  arbiterWindow: 30n * day,
  deadline: (1n << 48n) - 1n,
});
const signature: { key: string; data: string } = await signOffer(city, lessor, offer);
const permit = await signPermit(city, lessee, { value: offer.rent + offer.deposit });
await (await city.lease.connect(lessee).accept(offer, signature, permit)).wait();

const state: bigint = await city.lease.stateOf(1n);
const lease = await city.lease.leaseOf(1n);
const held: bigint = await city.token.balanceOf(city.lease);
const identity = new Identity(city.identities.connect(lessor), lessor.address);
await identity.addDelegate("veriKey", lessee.address, 36_500n * day);
const { didDocument } = await identity.resolve();
const prices = { feedIn: 80n, retail: 320n, feederFee: 20n, gridFee: 40n, basePrice: 80n, tickSize: 1n };
const tariff: Tariff = { ...prices, rules: 0n };
const at = (tick: number): bigint[] => Array.from({ length: 256 }, (_, index) => (index === tick ? 500n : 0n));
const clearing = clearInterval(tariff, [{ feeder: 0, levels: { Bid: at(100), Offer: at(50) } }]);
// @ts-expect-error The contracts are typed: there is no such function.
const unknown: unknown = city.lease.noSuchFunction;
console.log(
  JSON.stringify({
    active: state === LeaseState.Active,
    sameOffer: lease.offerHash === offerHash(offer),
    held: held.toString(),
    untyped: unknown === undefined,
    importers: Object.keys(importers).length > 0,
    resolved: parseDid(didDocument?.id ?? "").address === lessor.address,
    methods: didDocument?.verificationMethod?.length,
    traded: clearing.bought.toString(),
    earned: earnedDown(2_400n, 2_500_000n, 9_500).toString(),
    waste: [wasteCode("15 01 06"), new LotLedger().lots.length],
    ranking: packRanking([[2], [1]]).toString(),
  }),
);
provider.destroy();
`;

const CONSUMER_CONFIG = {
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    // Of ethers and Node; the package's own types are checked through their use and its build.
    skipLibCheck: false,
    types: ["node"],
  },
  files: ["main.ts"],
};

interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Runs npm as the project runs it: through the npm that started the tests, or else the one on the path. */
async function npm(...args: string[]): Promise<void> {
  const script = process.env.npm_execpath;
  const env = { ...process.env, npm_config_offline: "true", npm_config_update_notifier: "false" };
  if (script?.endsWith(".js") === true) await run(process.execPath, [script, ...args], { cwd: root, env });
  else await run("npm", args, { cwd: root, env });
}

/** Makes a project in `folder` that has the package and what the package says it needs, and nothing else. */
async function makeConsumer(folder: string): Promise<Manifest> {
  await npm("pack", "--silent", "--pack-destination", folder);
  const [archive] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  const installed = join(folder, "node_modules", "civitas");
  mkdirSync(installed, { recursive: true });
  await run("tar", ["-xzf", join(folder, archive!), "-C", installed, "--strip-components=1"]);
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Manifest;
  // @types/node is the consumer's own, for its command line.
  for (const name of [...Object.keys(manifest.dependencies), "@types/node"]) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "node_modules", name), link, "junction");
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(CONSUMER_CONFIG));
  writeFileSync(join(folder, "main.ts"), CONSUMER);
  return manifest;
}

/** What a file imports or passes on. */
function importsOf(file: string): string[] {
  const imports = readFileSync(file, "utf8").matchAll(/^(?:import|export|\}).* from "([^"]*)";$/gm);
  return [...imports].map(([, name]) => name!);
}

/** A file and all that it loads of its own package. */
function filesFrom(file: string, found = new Set<string>()): string[] {
  if (found.has(file)) return [];
  found.add(file);
  const loaded = importsOf(file).filter((name) => name.startsWith("."));
  return [file, ...loaded.flatMap((name) => filesFrom(join(dirname(file), name), found))];
}

/** Packages that files import, each once. */
function packagesIn(files: readonly string[]): string[] {
  const named = files.flatMap(importsOf).filter((name) => !name.startsWith("."));
  return [...new Set(named.map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)![0]))];
}

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params?: unknown[];
}

/** Serves the test's own chain to another process for as long as `use` takes. */
async function served<Result>(
  chain: Pick<EthereumProvider, "request">,
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  const answer = async ({ id, method, params = [] }: Request): Promise<object> => {
    try {
      const result: unknown = await chain.request({ method, params });
      return { jsonrpc: "2.0", id, result };
    } catch (error) {
      return { jsonrpc: "2.0", id, error: { code: -32_000, message: String(error) } };
    }
  };
  const server = createServer((request, response) => {
    void json(request).then(async (body: unknown) => {
      const answers = Array.isArray(body) ? Promise.all((body as Request[]).map(answer)) : answer(body as Request);
      response.setHeader("content-type", "application/json").end(JSON.stringify(await answers));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("Package", () => {
  let folder: string;
  let manifest: Manifest;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "civitas-consumer-"));
    manifest = await makeConsumer(folder);
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("holds the SDK with its types and the contracts, and neither tests nor test doubles", () => {
    const installed = join(folder, "node_modules", "civitas");
    expect(manifest.name).to.equal("civitas");
    expect(readdirSync(installed).sort()).to.deep.equal(["LICENSE", "README.md", "contracts", "dist", "package.json"]);
    expect(readdirSync(join(installed, "contracts"))).not.to.include("mocks");
    expect(readdirSync(join(installed, "dist", "sdk"))).to.include.members(["index.js", "index.d.ts"]);
  });

  it("imports its dependencies and nothing else", () => {
    const dist = join(folder, "node_modules", "civitas", "dist");
    const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
    const imported = packagesIn(files.map((file) => join(dist, file)));
    const allowed = Object.keys(manifest.dependencies);
    expect(imported).to.include("ethers");
    expect(imported.filter((name) => !allowed.includes(name))).to.deep.equal([]);
  });

  it("loads the libraries of DIDs with the entry for identities alone", () => {
    const sdk = join(folder, "node_modules", "civitas", "dist", "sdk");
    const libraries = ["did-resolver", "ethr-did-resolver"];
    const main = packagesIn(filesFrom(join(sdk, "index.js")));
    expect(main).to.include("ethers");
    expect(main).not.to.include.oneOf([...libraries, "@sd-jwt/core"]);
    expect(packagesIn(filesFrom(join(sdk, "identity", "index.js")))).to.include.members(libraries);
  });

  it("is imported, type-checked and used by another project that has only its dependencies", async () => {
    await run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "."], { cwd: folder });

    const connection = await network.create();
    const scene = await leasingCity(connection);
    const { city, actors, addresses, lessor, lessee, packId } = scene;
    await city.token.connect(actors.treasury).mint(lessee, terms.deposit);
    const output = await served(connection.provider, async (url) => {
      const args = [url, JSON.stringify(addresses), packId.toString(), lessor.address, lessee.address];
      return (await run(process.execPath, ["main.js", ...args], { cwd: folder })).stdout;
    });
    expect(JSON.parse(output)).to.deep.equal({
      active: true,
      sameOffer: true,
      held: "12",
      untyped: true,
      importers: true,
      resolved: true,
      methods: 2,
      traded: "500",
      earned: "5700000",
      waste: [150_106, 0],
      ranking: "258",
    });
  });
});
