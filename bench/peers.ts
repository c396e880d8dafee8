/** The peers: bench/contracts, compiled as the suite is, on the same chain. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { BaseContract, ContractFactory, type InterfaceAbi, type Signer, ZeroAddress } from "ethers";
import { config } from "hardhat";
import { ensureInstalled } from "../scripts/bootstrap.mjs";
import { filesBelow, root } from "../scripts/lib/project.js";
import type { Chain } from "./chain.js";

const FOLDER = join(root, "bench");

interface Output {
  readonly abi: InterfaceAbi;
  readonly evm: { readonly bytecode: { readonly object: string } };
}

interface Compiled {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, Output>>>>;
}

interface Compiler {
  compile(input: string, readers: { import(path: string): { contents: string } | { error: string } }): string;
}

export type PeerName = "ERC2771Forwarder" | "LinkedToken" | "PermitToken" | "ReadingBoard" | "RentDesk" | "RentedToken";

const FORWARDER = "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol";

/** Installs the peers' packages where they are missing: never into the project's own. */
export async function installPeers(): Promise<void> {
  if (!(await ensureInstalled(FOLDER))) throw new Error("The packages of bench/ could not be installed.");
}

/** Deploys peers that were compiled with the suite's own compiler and settings. */
export class Peers {
  private constructor(private readonly outputs: ReadonlyMap<string, Output>) {}

  static compile(): Peers {
    const [compiler] = config.solidity.profiles.default?.compilers ?? [];
    if (compiler === undefined) throw new Error("hardhat.config.ts names no compiler");
    const solc = createRequire(import.meta.url)("solc") as Compiler;
    const own = filesBelow("contracts", ".sol", FOLDER);
    const input = {
      language: "Solidity",
      sources: Object.fromEntries([...own, FORWARDER].map((path) => [path, { content: read(path) }])),
      settings: { ...(compiler.settings as object), outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } } },
    };
    const output = JSON.parse(
      solc.compile(JSON.stringify(input), { import: (path) => ({ contents: read(path) }) }),
    ) as Compiled;
    const faults = output.errors?.filter(({ severity }) => severity === "error") ?? [];
    if (faults.length > 0) throw new Error(faults.map(({ formattedMessage }) => formattedMessage).join("\n"));
    return new Peers(new Map(Object.values(output.contracts ?? {}).flatMap((contracts) => Object.entries(contracts))));
  }

  async deploy(chain: Chain, name: PeerName, deployer: Signer, ...args: unknown[]): Promise<BaseContract> {
    const output = this.outputs.get(name);
    if (output === undefined) throw new Error(`bench/contracts holds no ${name}`);
    const factory = new ContractFactory(output.abi, output.evm.bytecode.object, deployer);
    const transaction = await factory.getDeployTransaction(...args);
    const { contractAddress } = await chain.send(() => deployer.sendTransaction(transaction));
    return new BaseContract(contractAddress ?? ZeroAddress, output.abi, deployer);
  }
}

/** A source by the name that imports give it. */
function read(path: string): string {
  return readFileSync(join(FOLDER, path.startsWith("contracts/") ? path : `node_modules/${path}`), "utf8");
}
