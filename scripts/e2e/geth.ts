/**
 * `geth --dev`, built by Go's own client, with its development genesis and funded accounts. Its blocks are made when and as
 * front.ts says.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { HDNodeWallet, Mnemonic, parseEther, toBeHex, toQuantity } from "ethers";

import { root } from "../lib/project.js";
import {
  ACCOUNTS,
  ask,
  Background,
  BLOCK_GAS,
  CHAIN_ID,
  type Client,
  ClientError,
  COINS,
  freePort,
  localUrl,
  MNEMONIC,
} from "./client.js";
import { BlockMaker, type Front, openFront } from "./front.js";

/**
 * Fixed, as everything else that the suite is tested with. The testing API that front.ts makes blocks by is geth's own, and
 * another version may have another.
 */
const VERSION = "v1.17.8";
const PACKAGE = "github.com/ethereum/go-ethereum/cmd/geth";

/** There is no Go on this machine. */
export class NoGoError extends ClientError {
  override readonly name = "NoGoError";

  constructor() {
    super("Go is not installed, so go-ethereum cannot be built. Install it from go.dev/dl, and run this again.");
  }
}

/**
 * Builds geth where it is not built yet, into the cache of the project, and returns where it lies.
 *
 * @throws NoGoError without Go.
 * @throws ClientError if it cannot be built.
 */
export function buildGeth(tell: (line: string) => void): string {
  const folder = join(root, "cache", "e2e", `geth-${VERSION}`);
  const program = join(folder, process.platform === "win32" ? "geth.exe" : "geth");
  if (existsSync(program)) return program;
  if (spawnSync("go", ["version"]).status !== 0) throw new NoGoError();
  tell(`Building geth ${VERSION}, once; this takes some minutes …`);
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, GOBIN: folder };
  const { status } = spawnSync("go", ["install", `${PACKAGE}@${VERSION}`], { stdio: "inherit", env });
  if (status !== 0 || !existsSync(program)) {
    throw new ClientError(`Go could not build geth ${VERSION}; it says why above. Mend that, and run this again.`);
  }
  return program;
}

/** Starts geth with its first block at an instant. */
export async function startGeth(program: string, at: bigint): Promise<Client> {
  const folder = mkdtempSync(join(tmpdir(), "civitas-geth-"));
  const genesisFile = join(folder, "genesis.json");
  let node: Background | undefined;
  let front: Front | undefined;
  const stop = async (): Promise<void> => {
    await front?.close();
    await node?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    writeFileSync(genesisFile, JSON.stringify(genesisAt(at, run(program, ["--dev", "dumpgenesis"]))));
    run(program, ["--datadir", folder, "--state.scheme", "hash", "init", genesisFile]);

    const [port, frontPort] = [await freePort(), await freePort()];
    node = new Background(program, [
      ...["--dev", "--datadir", folder, "--networkid", String(CHAIN_ID)],
      ...["--http", "--http.addr", "127.0.0.1", "--http.port", String(port), "--http.api", "eth,net,web3,testing"],
      // The day asks what was so at blocks that are long past.
      ...["--state.scheme", "hash", "--gcmode", "archive"],
      // Alone: it looks for nobody, and nobody finds it.
      ...["--nodiscover", "--maxpeers", "0", "--port", "0", "--nat", "none", "--ipcdisable"],
      ...["--authrpc.port", "0", "--miner.gaslimit", String(BLOCK_GAS), "--rpc.txfeecap", "0", "--verbosity", "2"],
    ]);
    const url = localUrl(port);
    await node.answers(url);
    front = await openFront(new BlockMaker(url), frontPort);
    return { version: String(await ask(url, "web3_clientVersion", [])), url: front.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Genesis {
  readonly config: Readonly<Record<string, unknown>>;
  readonly alloc: Readonly<Record<string, unknown>>;
}

/** The development genesis with the day's accounts, chain and time. */
function genesisAt(at: bigint, text: string): unknown {
  const genesis = JSON.parse(text) as Genesis;
  const mnemonic = Mnemonic.fromPhrase(MNEMONIC);
  const funded = Array.from({ length: ACCOUNTS }, (_, index) => {
    const { address } = HDNodeWallet.fromMnemonic(mnemonic, `m/44'/60'/0'/0/${index}`);
    return [address.slice(2).toLowerCase(), { balance: toBeHex(parseEther(String(COINS))) }] as const;
  });
  return {
    ...genesis,
    config: { ...genesis.config, chainId: CHAIN_ID },
    timestamp: toQuantity(at),
    gasLimit: toQuantity(BLOCK_GAS),
    alloc: { ...genesis.alloc, ...Object.fromEntries(funded) },
  };
}

function run(program: string, args: readonly string[]): string {
  const { status, stderr, stdout } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new ClientError(`geth ${args.join(" ")} ended with ${String(status)}:\n${stderr}`);
  return stdout;
}
