import { encodeBytes32String } from "ethers";
import { readFile } from "node:fs/promises";

import { artifacts } from "hardhat";

/** What the compiler says about the contracts' source, so that tests need no list kept by hand. */

interface Node {
  readonly nodeType: string;
  readonly [property: string]: unknown;
}

interface ContractNode extends Node {
  readonly id: number;
  readonly name: string;
  readonly abstract: boolean;
  readonly contractKind: "contract" | "interface" | "library";
  readonly linearizedBaseContracts: readonly number[];
  readonly nodes: readonly Node[];
}

export interface SourceContract {
  readonly name: string;
  /** Whether it is under an authority: it inherits AccessManaged. */
  readonly managed: boolean;
  /** Names of its functions behind `restricted`, inherited ones included, sorted. */
  readonly restricted: readonly string[];
  /** EIP-712 types by the name of the struct, as the source gives them to keccak256. */
  readonly typedStructs: ReadonlyMap<string, string>;
}

const OWN = "project/contracts/";
const MOCKS = "project/contracts/mocks/";

let deployable: Promise<SourceContract[]> | undefined;

/** Every contract of the suite that can be deployed, mocks apart. Read once: the source does not change meanwhile. */
export async function deployableContracts(): Promise<SourceContract[]> {
  deployable ??= readDeployableContracts();
  return deployable;
}

async function readDeployableContracts(): Promise<SourceContract[]> {
  const found: SourceContract[] = [];
  for (const { contract, byId, own } of await ownContracts()) {
    if (contract.contractKind !== "contract" || contract.abstract) continue;
    const bases = contract.linearizedBaseContracts.map((id) => byId.get(id)!);
    // Formulas and hashes may live in libraries of the suite, so those count as part of every contract's source.
    const libraries = own.filter((candidate) => candidate.contractKind === "library");
    found.push({
      name: contract.name,
      managed: bases.some((base) => base.name === "AccessManaged"),
      restricted: restrictedFunctions(bases),
      typedStructs: typedStructs([...bases, ...libraries]),
    });
  }
  return found;
}

/** Constants of a library by name: numbers, or short texts as bytes32. */
export async function libraryConstants(library: string): Promise<Map<string, bigint | string>> {
  const entry = (await ownContracts()).find(({ contract }) => contract.name === library);
  if (entry === undefined) throw new Error(`no library ${library}`);
  const constants = entry.contract.nodes.filter((node) => node.nodeType === "VariableDeclaration");
  return new Map(
    constants.map((node) => {
      const { kind, value } = node.value as { kind: string; value: string };
      return [node.name as string, kind === "string" ? encodeBytes32String(value) : BigInt(value)];
    }),
  );
}

async function ownContracts() {
  const entries: { contract: ContractNode; byId: Map<number, ContractNode>; own: ContractNode[] }[] = [];
  const parsed = new Map<string, { byId: Map<number, ContractNode>; bySource: Map<string, ContractNode[]> }>();
  for (const qualifiedName of await artifacts.getAllFullyQualifiedNames()) {
    const { contractName, inputSourceName } = await artifacts.readArtifact(qualifiedName);
    if (!isOwn(inputSourceName)) continue;
    const buildId = (await artifacts.getBuildInfoId(qualifiedName))!;
    const build = parsed.get(buildId) ?? (await parseBuild(buildId));
    parsed.set(buildId, build);
    const contract = build.bySource.get(inputSourceName)!.find(({ name }) => name === contractName)!;
    const own = [...build.bySource].filter(([source]) => isOwn(source)).flatMap(([, contracts]) => contracts);
    entries.push({ contract, byId: build.byId, own });
  }
  return entries;
}

function isOwn(source: string | undefined): source is string {
  return source !== undefined && source.startsWith(OWN) && !source.startsWith(MOCKS);
}

async function parseBuild(buildId: string) {
  const path = (await artifacts.getBuildInfoOutputPath(buildId))!;
  const { output } = JSON.parse(await readFile(path, "utf8")) as {
    output: { sources: Record<string, { ast: { nodes: readonly Node[] } }> };
  };
  const bySource = new Map(
    Object.entries(output.sources).map(([source, { ast }]) => [
      source,
      ast.nodes.filter((node) => node.nodeType === "ContractDefinition") as unknown as ContractNode[],
    ]),
  );
  const byId = new Map([...bySource.values()].flat().map((contract) => [contract.id, contract]));
  return { byId, bySource };
}

/** `bases` begin with the contract itself, so the first function found for a selector is the one that runs. */
function restrictedFunctions(bases: readonly ContractNode[]): string[] {
  const seen = new Set<string>();
  const restricted: string[] = [];
  for (const node of bases.flatMap((base) => base.nodes)) {
    const selector = node.functionSelector as string | undefined;
    if (node.nodeType !== "FunctionDefinition" || selector === undefined || node.implemented !== true) continue;
    if (seen.has(selector)) continue;
    seen.add(selector);
    const modifiers = node.modifiers as readonly { modifierName: { name: string } }[];
    const byModifier = modifiers.some(({ modifierName }) => modifierName.name === "restricted");
    const byCall = [...walk(node.body)].some((inner) => inner.name === "_checkCanCall");
    if (byModifier || byCall) restricted.push(node.name as string);
  }
  return restricted.sort();
}

function typedStructs(contracts: readonly ContractNode[]): Map<string, string> {
  const types = new Map<string, string>();
  for (const node of contracts.flatMap((contract) => [...walk(contract)])) {
    if (node.nodeType !== "Literal" || node.kind !== "string" || typeof node.value !== "string") continue;
    const name = /^([A-Z]\w*)\(\w+(\[\d*\])* \w+[,)]/.exec(node.value)?.[1];
    if (name !== undefined && name !== "EIP712Domain") types.set(name, node.value);
  }
  return types;
}

function* walk(value: unknown): Generator<Node> {
  if (typeof value !== "object" || value === null) return;
  if ("nodeType" in value) yield value as Node;
  for (const inner of Object.values(value)) yield* walk(inner);
}
