/** The peers on the same chain: bench/contracts, compiled as the suite is, and what packages ship compiled. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import {
  BaseContract,
  ContractFactory,
  type ContractTransactionResponse,
  type InterfaceAbi,
  type Signer,
  ZeroAddress,
} from "ethers";
import { config } from "hardhat";
import { ensureInstalled } from "../scripts/bootstrap.mjs";
import { filesBelow, readText, root } from "../scripts/lib/project.js";
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

interface Artifact {
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
}

/**
 * Contracts whose packages ship them compiled, by where the artifact stands in the project: deployed as shipped. Their
 * sources want compilers of their own. The registry comes with the project, whose tests use it too.
 */
const shipped = {
  AccessManager: "node_modules/@openzeppelin/contracts/build/contracts/AccessManager.json",
  GPv2AllowListAuthentication:
    "bench/node_modules/@cowprotocol/contracts/lib/contracts/GPv2AllowListAuthentication.json",
  GPv2Settlement: "bench/node_modules/@cowprotocol/contracts/lib/contracts/GPv2Settlement.json",
  LocalConduitController:
    "bench/node_modules/@opensea/seaport-js/src/artifacts/seaport/contracts/conduit/ConduitController.sol/LocalConduitController.json",
  Seaport: "bench/node_modules/@opensea/seaport-js/src/artifacts/seaport/contracts/Seaport.sol/Seaport.json",
  EAS: "bench/node_modules/@ethereum-attestation-service/eas-contracts/artifacts/contracts/EAS.sol/EAS.json",
  SchemaRegistry:
    "bench/node_modules/@ethereum-attestation-service/eas-contracts/artifacts/contracts/SchemaRegistry.sol/SchemaRegistry.json",
  EthereumDIDRegistry:
    "node_modules/ethr-did-registry/artifacts/contracts/EthereumDIDRegistry.sol/EthereumDIDRegistry.json",
} as const;

export type PeerName =
  | keyof typeof shipped
  | "ERC2771Forwarder"
  | "HoldsAsDoor"
  | "HoldsDoor"
  | "Landlord"
  | "LinkedToken"
  | "ManagedToken"
  | "MerkleClaims"
  | "OpenDoor"
  | "PermitToken"
  | "ReadingBoard"
  | "RentDesk"
  | "RentedToken"
  | "TradedEnergy"
  | "TradedToken"
  | "WeightToken";

/** First part of an import from the suite, as its users write it. */
const SUITE = "civitas/";
const FORWARDER = "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol";

/** Installs the peers' packages where they are missing: never into the project's own. */
export async function installPeers(): Promise<void> {
  if (!(await ensureInstalled(FOLDER))) throw new Error("The packages of bench/ could not be installed.");
}

/** Deploys peers that were compiled with the suite's own compiler and settings, or come compiled. */
export class Peers {
  private constructor(private readonly artifacts: ReadonlyMap<string, Artifact>) {}

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
    const compiled = Object.values(output.contracts ?? {})
      .flatMap((contracts) => Object.entries(contracts))
      .map(([name, { abi, evm }]): [string, Artifact] => [name, { abi, bytecode: evm.bytecode.object }]);
    const given = Object.entries(shipped).map(([name, path]): [string, Artifact] => [
      name,
      JSON.parse(readText(path)) as Artifact,
    ]);
    return new Peers(new Map([...compiled, ...given]));
  }

  async deploy(chain: Chain, name: PeerName, deployer: Signer, ...args: unknown[]): Promise<BaseContract> {
    const artifact = this.artifacts.get(name);
    if (artifact === undefined) throw new Error(`bench/contracts holds no ${name}`);
    const factory = new ContractFactory(artifact.abi, artifact.bytecode, deployer);
    const transaction = await factory.getDeployTransaction(...args);
    const { contractAddress } = await chain.send(() => deployer.sendTransaction(transaction));
    return new BaseContract(contractAddress ?? ZeroAddress, artifact.abi, deployer);
  }
}

/** Sends one transaction to a contract that has no types. */
export async function sendTo(chain: Chain, contract: BaseContract, name: string, ...args: unknown[]): Promise<void> {
  await gasAt(chain, contract, name, ...args);
}

/** Gas of one transaction to a contract that has no types. */
export async function gasAt(chain: Chain, contract: BaseContract, name: string, ...args: unknown[]): Promise<number> {
  return chain.gasOf(async () => (await contract.getFunction(name)(...args)) as ContractTransactionResponse);
}

/** A source by the name that imports give it. What a contract of the bench knows of the suite comes from the suite. */
function read(path: string): string {
  if (path.startsWith(SUITE)) return readText(path.slice(SUITE.length));
  return readFileSync(join(FOLDER, path.startsWith("contracts/") ? path : `node_modules/${path}`), "utf8");
}
