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
import { keccak256, type Provider } from "ethers";

import type { CityAddresses } from "../../../sdk/index.js";

/** The package as others get it: packed once for all tests, and unpacked in projects of their own. */

export const run = promisify(execFile);
export const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** The packages that npm installs along with one: what it depends on, and the peers that it cannot do without. */
export function neededBy({ dependencies, peerDependencies, peerDependenciesMeta }: Manifest): string[] {
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return [...Object.keys(dependencies), ...peers];
}

/** Another project that has the package. */
export interface Consumer {
  readonly folder: string;
  /** Where the package is unpacked. */
  readonly installed: string;
  /** What the package says of itself. */
  readonly manifest: Manifest;
  /** Bytes of the archive. */
  readonly size: number;
}

/** Runs npm as the project runs it: through the npm that started the tests, or else the one on the path. */
async function npm(...args: string[]): Promise<void> {
  const script = process.env.npm_execpath;
  const env = { ...process.env, npm_config_offline: "true", npm_config_update_notifier: "false" };
  if (script?.endsWith(".js") === true) await run(process.execPath, [script, ...args], { cwd: root, env });
  else await run("npm", args, { cwd: root, env });
}

let packed: Promise<string> | undefined;

/** The archive of `npm pack`. Packing takes the compiler a while, so it is done once. */
async function archive(): Promise<string> {
  packed ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), "civitas-pack-"));
    process.once("exit", () => {
      rmSync(folder, { recursive: true, force: true });
    });
    await npm("pack", "--silent", "--pack-destination", folder);
    const [name = ""] = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
    return join(folder, name);
  })();
  return packed;
}

/**
 * Makes a project that has the package and nothing else.
 *
 * @param packages - Packages that it has besides; what the package says it needs, when left out.
 */
export async function makeConsumer(packages?: readonly string[]): Promise<Consumer> {
  const file = await archive();
  const folder = mkdtempSync(join(tmpdir(), "civitas-consumer-"));
  const installed = join(folder, "node_modules", "civitas");
  mkdirSync(installed, { recursive: true });
  await run("tar", ["-xzf", file, "-C", installed, "--strip-components=1"]);
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Manifest;
  // @types/node is the consumer's own, for its command line.
  for (const name of [...(packages ?? neededBy(manifest)), "@types/node"]) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "node_modules", name), link, "junction");
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  return { folder, installed, manifest, size: readFileSync(file).length };
}

/** Compiles files of a project, with types of the package checked as well. */
export async function compile(
  { folder }: Consumer,
  files: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  const compilerOptions = {
    target: "es2022",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    types: ["node"],
    ...options,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  try {
    await run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "."], { cwd: folder });
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout, { cause: error });
  }
}

/** The record of a city as `npm run deploy` writes it, with what the SDK reads of it. */
export async function recordOf(provider: Provider, addresses: CityAddresses): Promise<object> {
  const { chainId } = await provider.getNetwork();
  const contracts = await Promise.all(
    Object.entries(addresses).map(async ([name, address]) => {
      return [
        name,
        { address: address as string, codeHash: keccak256(await provider.getCode(address as string)) },
      ] as const;
    }),
  );
  return { chainId: Number(chainId), firstBlock: 0, addresses, contracts: Object.fromEntries(contracts) };
}

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params?: unknown[];
}

/** A failure of the test's own chain as JSON can carry it: with the data of a revert. */
export function faultOf(error: unknown): { code: number; message: string; data?: unknown } {
  const {
    code = -32_000,
    data,
    message = String(error),
  } = error as { code?: number; data?: unknown; message?: string };
  return { code, message, ...(data === undefined ? {} : { data }) };
}

/** Serves the test's own chain to another process for as long as `use` takes. */
export async function served<Result>(
  chain: Pick<EthereumProvider, "request">,
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  const answer = async ({ id, method, params = [] }: Request): Promise<object> => {
    try {
      const result: unknown = await chain.request({ method, params });
      return { jsonrpc: "2.0", id, result };
    } catch (error) {
      return { jsonrpc: "2.0", id, error: faultOf(error) };
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
