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

/** Where libraries' addresses go, by source and name, in bytes. */
type Links = Readonly<Record<string, Readonly<Record<string, readonly { readonly start: number }[]>>>>;

interface Output {
  readonly abi: InterfaceAbi;
  readonly evm: { readonly bytecode: { readonly object: string; readonly linkReferences: Links } };
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
  readonly linkReferences?: Links;
}

/** Addresses of libraries by name. */
export type Libraries = Readonly<Record<string, string>>;

const MACI = "bench/node_modules/maci-contracts/build/artifacts/contracts";

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
  ConstantInitialVoiceCreditProxy: `${MACI}/initialVoiceCreditProxy/ConstantInitialVoiceCreditProxy.sol/ConstantInitialVoiceCreditProxy.json`,
  FreeForAllGatekeeper: `${MACI}/gatekeepers/FreeForAllGatekeeper.sol/FreeForAllGatekeeper.json`,
  MACI: `${MACI}/MACI.sol/MACI.json`,
  MaciPoll: `${MACI}/Poll.sol/Poll.json`,
  MaciPoseidonT3: `${MACI}/crypto/PoseidonT3.sol/PoseidonT3.json`,
  MaciPoseidonT4: `${MACI}/crypto/PoseidonT4.sol/PoseidonT4.json`,
  MaciPoseidonT5: `${MACI}/crypto/PoseidonT5.sol/PoseidonT5.json`,
  MaciPoseidonT6: `${MACI}/crypto/PoseidonT6.sol/PoseidonT6.json`,
  MessageProcessorFactory: `${MACI}/MessageProcessorFactory.sol/MessageProcessorFactory.json`,
  PollFactory: `${MACI}/PollFactory.sol/PollFactory.json`,
  TallyFactory: `${MACI}/TallyFactory.sol/TallyFactory.json`,
} as const;

export type PeerName =
  | keyof typeof shipped
  | "Assembly"
  | "ERC2771Forwarder"
  | "HoldsAsDoor"
  | "HoldsDoor"
  | "Landlord"
  | "LinkedToken"
  | "ManagedToken"
  | "MerkleClaims"
  | "OpenDoor"
  | "PermitToken"
  | "PoseidonT3"
  | "ReadingBoard"
  | "RentDesk"
  | "RentedToken"
  | "Semaphore"
  | "SemaphoreVerifier"
  | "TimelockController"
  | "TradedEnergy"
  | "TradedToken"
  | "VoteToken"
  | "WeightToken";

/** First part of an import from the suite, as its users write it. */
const SUITE = "civitas/";
/** Peers that packages have as sources. */
const SOURCES = [
  "@openzeppelin/contracts/governance/TimelockController.sol",
  "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol",
  "@semaphore-protocol/contracts/Semaphore.sol",
  "@semaphore-protocol/contracts/base/SemaphoreVerifier.sol",
  "poseidon-solidity/PoseidonT3.sol",
];
/** Packages of the project itself, whose own contracts build on them; what peers take of them is of the same version. */
const OWN_PACKAGES = ["@openzeppelin/contracts/", "@semaphore-protocol/", "@zk-kit/", "poseidon-solidity/"];

/** Installs the peers' packages where they are missing: never into the project's own. */
export async function installPeers(): Promise<void> {
  if (!(await ensureInstalled(FOLDER))) throw new Error("The packages of bench/ could not be installed.");
}

/** Deploys peers that were compiled with the suite's own compiler and settings, or come compiled. */
export class Peers {
  private constructor(private readonly artifacts: ReadonlyMap<string, Artifact>) {}

  /** All of them, or only some of bench/contracts, which need no packages of the peers. */
  static compile(some?: readonly string[]): Peers {
    const [compiler] = config.solidity.profiles.default?.compilers ?? [];
    if (compiler === undefined) throw new Error("hardhat.config.ts names no compiler");
    const solc = createRequire(import.meta.url)("solc") as Compiler;
    const paths = some ?? [...filesBelow("contracts", ".sol", FOLDER), ...SOURCES];
    const input = {
      language: "Solidity",
      sources: Object.fromEntries(paths.map((path) => [path, { content: read(path) }])),
      settings: { ...(compiler.settings as object), outputSelection: { "*": { "*": ["abi", "evm.bytecode"] } } },
    };
    const output = JSON.parse(
      solc.compile(JSON.stringify(input), { import: (path) => ({ contents: read(path) }) }),
    ) as Compiled;
    const faults = output.errors?.filter(({ severity }) => severity === "error") ?? [];
    if (faults.length > 0) throw new Error(faults.map(({ formattedMessage }) => formattedMessage).join("\n"));
    const compiled = Object.values(output.contracts ?? {})
      .flatMap((contracts) => Object.entries(contracts))
      .map(
        ([
          name,
          {
            abi,
            evm: { bytecode },
          },
        ]): [string, Artifact] => [name, { abi, bytecode: bytecode.object, linkReferences: bytecode.linkReferences }],
      );
    const given = Object.entries(some === undefined ? shipped : {}).map(([name, path]): [string, Artifact] => [
      name,
      JSON.parse(readText(path)) as Artifact,
    ]);
    return new Peers(new Map([...compiled, ...given]));
  }

  async deploy(
    chain: Pick<Chain, "send">,
    name: PeerName,
    deployer: Signer,
    ...args: unknown[]
  ): Promise<BaseContract> {
    return this.deployLinked(chain, name, {}, deployer, ...args);
  }

  /** Deploys a peer that calls libraries. */
  async deployLinked(
    chain: Pick<Chain, "send">,
    name: PeerName,
    libraries: Libraries,
    deployer: Signer,
    ...args: unknown[]
  ): Promise<BaseContract> {
    const artifact = this.#artifactOf(name);
    const factory = new ContractFactory(artifact.abi, linked(artifact, libraries), deployer);
    const transaction = await factory.getDeployTransaction(...args);
    const { contractAddress } = await chain.send(() => deployer.sendTransaction(transaction));
    return new BaseContract(contractAddress ?? ZeroAddress, artifact.abi, deployer);
  }

  /** A peer that another one deployed. */
  at(name: PeerName, address: string, caller: Signer): BaseContract {
    return new BaseContract(address, this.#artifactOf(name).abi, caller);
  }

  #artifactOf(name: PeerName): Artifact {
    const artifact = this.artifacts.get(name);
    if (artifact === undefined) throw new Error(`bench/contracts holds no ${name}`);
    return artifact;
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

/** Creation code with the addresses of the libraries that it calls. */
function linked({ bytecode, linkReferences = {} }: Artifact, libraries: Libraries): string {
  let code = bytecode.replace(/^0x/, "");
  for (const [name, places] of Object.values(linkReferences).flatMap((names) => Object.entries(names))) {
    const address = libraries[name]?.slice(2).toLowerCase();
    if (address === undefined) throw new Error(`library ${name} is missing`);
    for (const { start } of places) code = code.slice(0, 2 * start) + address + code.slice(2 * start + address.length);
  }
  return `0x${code}`;
}

/** A source by the name that imports give it. What a contract of the bench knows of the suite comes from the suite. */
function read(path: string): string {
  if (path.startsWith(SUITE)) return readText(path.slice(SUITE.length));
  if (OWN_PACKAGES.some((name) => path.startsWith(name))) return readText(`node_modules/${path}`);
  return readFileSync(join(FOLDER, path.startsWith("contracts/") ? path : `node_modules/${path}`), "utf8");
}
