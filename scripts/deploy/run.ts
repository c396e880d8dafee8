/** A deployment from its parameters to its record. Everything is settled by asking the chain, so a run can be repeated. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import process from "node:process";

import {
  type ArtifactResolver,
  deploy,
  type DeploymentResult,
  DeploymentResultType,
  type ExecutionEventListener,
  ExecutionEventType,
  type IgnitionModule,
  isFutureThatSubmitsOnchainTransaction,
  listTransactions,
  status,
} from "@nomicfoundation/ignition-core";
import { getAddress, keccak256 } from "ethers";
import hre from "hardhat";

import { addressesOf, type Deployed } from "../../ignition/addresses.js";
import { bodies, type Body, type RoleName, roles, type Target, targets } from "../../ignition/authority.js";
import { AdminHandover__factory } from "../../typechain-types/index.js";
import { type Output, startProgress } from "../day/progress.js";
import { takeLock } from "../bootstrap.mjs";
import { root } from "../lib/project.js";
import {
  chainIdOf,
  checkBalance,
  confirmationsOf,
  type Connection,
  IN_PROCESS,
  isDevelopment,
  openNetwork,
  priceOf,
  withMargin,
} from "./chain.js";
import { DeployError, firstOf, gistOf, inWords, isMiscounted } from "./errors.js";
import { handOver, type Handover } from "./handover.js";
import { journalOf, type Mended, mendJournal } from "./journal.js";
import {
  checkParameters,
  chooseModule,
  cityModules,
  type CityModuleName,
  GLOBAL,
  list,
  type Parameters,
  readParameters,
} from "./parameters.js";
import { checkPowers, type Place, type Powers, readPowers } from "./powers.js";
import {
  canonical,
  checkCode,
  codeAt,
  type ContractRecord,
  type DeploymentRecord,
  readRecord,
  recordOf,
  type RoleRecord,
  setAside,
  solcOf,
  staleError,
  toText,
  writeRecord,
} from "./record.js";
import { checkToken } from "./token.js";
import { explorersOf, showTo, type Verified } from "./verify.js";

/** How often a chain of one's own is asked for a new block. */
const LOCAL_POLL_MS = 50;

/** What to deploy, where, and how. */
export interface DeployOptions {
  /** Network of hardhat.config.ts; a chain in this process, which ends with it, when left out. */
  readonly network?: string;
  /** File of parameters. */
  readonly parameters?: string;
  /** Sets aside what was deployed on the chain before, and deploys another city. */
  readonly reset?: boolean;
  /** Blocks to wait for after each step; by the network when left out. */
  readonly confirmations?: number;
  /** Whether explorers are asked; true when left out. */
  readonly verify?: boolean;
  /** Folder of records; `deployments` of the project when left out. */
  readonly records?: string;
  /** Folder of Ignition's journals; `ignition/deployments` of the project when left out. */
  readonly journals?: string;
  /** Where progress is shown; nowhere when left out. */
  readonly output?: Output;
  /** Opens the network; {@link openNetwork} when left out. */
  readonly connect?: typeof openNetwork;
  /** Compiles what changed; Hardhat's build when left out. */
  readonly build?: () => Promise<unknown>;
}

/** What came of it. */
export interface DeployOutcome {
  readonly record: DeploymentRecord;
  /** Where the record is; undefined for a chain that ends with the process. */
  readonly file?: string;
  /** Folder of Ignition's journal; undefined as well. */
  readonly journal?: string;
  /** Whether this run deployed anything. */
  readonly deployed: boolean;
  /** What an earlier run had left behind. */
  readonly mended?: Mended;
  readonly handover: Handover;
  /** By explorer; empty where none is asked. */
  readonly verified: readonly Verified[];
  /** What was set aside. */
  readonly setAside: readonly string[];
}

/** What the steps of one run have in common. */
interface Site {
  readonly options: DeployOptions;
  readonly name: string;
  readonly connection: Connection;
  readonly chainId: bigint;
  readonly parameters: Parameters;
  readonly accounts: readonly string[];
  readonly deployer: string;
  readonly artifacts: ArtifactResolver;
  readonly confirmations: number;
  /** Ignition's folder of this deployment. */
  readonly folder: string;
}

/** What is settled before anything of a deployment is sent or set aside. */
interface Plan {
  readonly module: CityModuleName;
  /** Of gas, in wei. */
  readonly price: bigint;
  /** What an earlier run had left behind. */
  readonly mended: Mended | undefined;
}

/** What of an outcome is known as soon as the city stands. */
type Standing = Pick<DeployOutcome, "record" | "deployed" | "mended" | "setAside">;

/**
 * Deploys a city, or goes on with a deployment that was interrupted, or finds that it stands; writes its record; lets the
 * admin take over if its key is at hand; and shows the source to explorers.
 *
 * @throws DeployError with one sentence and the next step.
 */
export async function deployCity(options: DeployOptions): Promise<DeployOutcome> {
  const name = options.network ?? IN_PROCESS;
  const scratch = options.network === undefined ? mkdtempSync(join(tmpdir(), "civitas-deploy-")) : undefined;
  let connection: Connection | undefined;
  let lock: string | undefined;
  try {
    const parameters = await readParameters(options.parameters);
    connection = await (options.connect ?? openNetwork)(options.network);
    const chainId = await chainIdOf(connection, parameters);
    const accounts = ((await connection.provider.request({ method: "eth_accounts" })) as string[]).map((one) =>
      getAddress(one),
    );
    const [deployer] = accounts;
    if (deployer === undefined) {
      throw new DeployError(
        `The node of network ${name} has no account to send from. Give the network in hardhat.config.ts accounts, and run again.`,
      );
    }
    const journals = options.journals ?? join(hre.config.paths.ignition, "deployments");
    const site: Site = {
      options,
      name,
      connection,
      chainId,
      parameters,
      accounts,
      deployer,
      artifacts: compiled(),
      confirmations: options.confirmations ?? confirmationsOf(name, chainId),
      folder: join(scratch ?? journals, `chain-${chainId}`),
    };
    const records = scratch === undefined ? (options.records ?? join(root, "deployments")) : undefined;
    if (records !== undefined) lock = lockOf(site.folder);
    return await deployAt(site, records);
  } catch (error) {
    throw inWords(error, name);
  } finally {
    await connection?.close();
    if (lock !== undefined) rmSync(lock, { force: true });
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  }
}

/** Takes the lock of a deployment: two runs that share a journal would each send what the other one is sending. */
function lockOf(folder: string): string {
  const lock = `${folder}.lock`;
  mkdirSync(dirname(lock), { recursive: true });
  const owner = takeLock(lock);
  if (owner === undefined) return lock;
  throw new DeployError(
    `Another run of this command is at work on this chain${owner === 0 ? "" : ` (process ${owner})`}. ` +
      `Run it again when that one has ended; if none is running, remove ${shown(lock)} first.`,
  );
}

/** The same command again would set aside what this run did, so an error that asks for it says so. */
function withoutReset(error: DeployError, aside: readonly string[]): DeployError {
  if (error.message.includes("--reset")) return error;
  const before = aside.length === 0 ? "" : ` What stood before is set aside as ${list(aside)}.`;
  return new DeployError(`${error.message} But leave --reset out, which would set aside what this run did.${before}`, {
    cause: error,
    stands: error.stands,
  });
}

/** @param records - Folder of records; undefined to write none. */
async function deployAt(site: Site, records: string | undefined): Promise<DeployOutcome> {
  const { options, chainId, folder, name } = site;
  const anew = options.reset === true;
  const record = anew || records === undefined ? undefined : readRecord(records, chainId);
  if (record !== undefined && records !== undefined) {
    await checkStanding(site, record, shown(recordOf(records, chainId)));
    return finish(site, records, { record, deployed: false, setAside: [] });
  }
  const plan = await prepare(site, anew);
  if (!anew || records === undefined) return finish(site, records, await raise(site, records, plan));
  const aside = setAside([recordOf(records, chainId), folder]).map(shown);
  try {
    return await finish(site, records, { ...(await raise(site, records, plan)), setAside: aside });
  } catch (error) {
    throw withoutReset(inWords(error, name), aside);
  }
}

/** What is left when the city stands: the admin takes over, and explorers are shown the source. */
async function finish(site: Site, records: string | undefined, standing: Standing): Promise<DeployOutcome> {
  if (records === undefined) return { ...standing, ...(await settle(site, records, standing.record)) };
  const file = shown(recordOf(records, site.chainId));
  try {
    const settled = await settle(site, records, standing.record);
    return { ...standing, ...settled, file, journal: shown(site.folder) };
  } catch (error) {
    const fault = inWords(error, site.name);
    if (fault.stands !== undefined) throw fault;
    throw new DeployError(`${fault.message} The city stands all the same, as ${file} says.`, {
      cause: error,
      stands: true,
    });
  }
}

/** Lets the admin take over and shows the source. */
async function settle(
  site: Site,
  records: string | undefined,
  standing: DeploymentRecord,
): Promise<Pick<DeployOutcome, "record" | "handover" | "verified">> {
  const { options, connection, chainId, folder } = site;
  let record = standing;
  const handover = await handOver(record, site, executionOf(site, await priceOf(connection.provider)));
  if (handover !== "waiting" && !record.admin.accepted) {
    record = { ...record, admin: { ...record.admin, accepted: true } };
    if (records !== undefined) writeRecord(records, record);
  }

  const explorers = options.verify === false || records === undefined ? [] : await explorersOf(chainId);
  const verified =
    explorers.length === 0 || !existsSync(journalOf(folder)) ? [] : await showTo(connection, folder, explorers);
  return { record, handover, verified };
}

/** A path as a person reads it. */
function shown(path: string): string {
  return relative(process.cwd(), path) || path;
}

/** Checks that the city of a record stands, and is the one that the parameters describe. */
async function checkStanding(site: Site, record: DeploymentRecord, file: string): Promise<void> {
  const { connection, name, parameters } = site;
  await checkCode(file, record.contracts, connection.provider, name);
  if (parameters.file === undefined || canonical(parameters.values) === canonical(record.parameters)) return;
  throw new DeployError(
    `${parameters.file} is not what the city in ${file} was deployed with, and a city cannot be changed. ` +
      "Pass the file of then, or deploy another city by --reset.",
  );
}

/**
 * Checks all that can be checked before anything is sent.
 *
 * @param anew - Whether what an earlier run did is left alone, to be set aside.
 */
async function prepare(site: Site, anew: boolean): Promise<Plan> {
  const { accounts, connection, deployer, folder, name, options, parameters } = site;
  const { provider } = connection;
  const module = chooseModule(parameters, accounts.length);
  checkParameters(parameters, module, deployer);
  await checkToken(provider, name, deployer, parameters);
  await (options.build ?? build)();

  if (anew) return { module, price: await checkBalance(provider, name, deployer, 0n), mended: undefined };
  await checkBegun(site);
  const mended = await mendJournal(folder, provider);
  const { gas: spent } = await spentBy(site);
  return { module, price: await checkBalance(provider, name, deployer, spent), mended };
}

/** Deploys, from the start or from where an earlier run stopped, and writes the record. */
async function raise(site: Site, records: string | undefined, { module, price, mended }: Plan): Promise<Standing> {
  const { accounts, connection, deployer, folder, name, parameters } = site;
  const begin = async (): Promise<DeploymentResult> =>
    deploy({
      ...executionOf(site, price),
      deploymentDir: folder,
      ignitionModule: cityModules[module],
      deploymentParameters: parameters.values,
      accounts: [...accounts],
      defaultSender: deployer,
      executionEventListener: listener(site, module),
    });
  let result: DeploymentResult;
  let repaired = mended;
  try {
    result = await begin();
  } catch (error) {
    if (!isMiscounted(error)) throw error;
    repaired = await mendJournal(folder, connection.provider);
    result = await begin();
  }
  checkResult(result, name);
  const record = await describe(site, module);
  if (records !== undefined) writeRecord(records, record);
  return { record, deployed: true, ...(repaired === undefined ? {} : { mended: repaired }), setAside: [] };
}

/** How Ignition sends and waits. */
function executionOf({ artifacts, chainId, confirmations, connection }: Site, price: bigint) {
  const { networkConfig, provider } = connection;
  const { disableFeeBumping, gasPrice, maxFeePerGas, maxFeePerGasLimit, maxPriorityFeePerGas } = networkConfig.ignition;
  return {
    artifactResolver: artifacts,
    provider: withMargin(provider),
    config: {
      requiredConfirmations: confirmations,
      ...(isDevelopment(chainId) ? { blockPollingInterval: LOCAL_POLL_MS } : {}),
    },
    // A price of nothing cannot be raised by a tenth.
    disableFeeBumping: disableFeeBumping ?? price === 0n,
    ...(gasPrice === undefined ? {} : { gasPrice }),
    ...(maxFeePerGas === undefined ? {} : { maxFeePerGas }),
    ...(maxFeePerGasLimit === undefined ? {} : { maxFeePerGasLimit }),
    ...(maxPriorityFeePerGas === undefined ? {} : { maxPriorityFeePerGas }),
  };
}

/**
 * What was compiled. The compiler's whole input and output stay out of Ignition's folder: they are some hundred megabytes,
 * and the sources of a commit are what they are made from.
 */
function compiled(): ArtifactResolver {
  const known = new Map<string, ReturnType<ArtifactResolver["loadArtifact"]>>();
  return {
    loadArtifact: async (name) => {
      const artifact = known.get(name) ?? hre.artifacts.readArtifact(name);
      known.set(name, artifact);
      return artifact;
    },
    getBuildInfo: async () => Promise.resolve(undefined),
  };
}

async function build(): Promise<void> {
  await hre.tasks.getTask("build").run({ quiet: true });
}

/** Checks that the chain has what an earlier run wrote down, which a chain that was begun anew has not. */
async function checkBegun({ connection, folder, name }: Site): Promise<void> {
  const file = join(folder, "deployed_addresses.json");
  if (!existsSync(file)) return;
  let deployed: Record<string, string>;
  try {
    deployed = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  } catch (error) {
    throw new DeployError(
      `${shown(file)} is no JSON (${gistOf(error)}). Remove it and run the same command again: the journal beside it has all.`,
      { cause: error },
    );
  }
  for (const [step, address] of Object.entries(deployed)) {
    if ((await codeAt(connection.provider, address)) !== "0x") continue;
    throw staleError(shown(file), step, address, name, "has no code");
  }
}

/** What the transactions of a deployment used so far, and the blocks they are in. */
async function spentBy({
  artifacts,
  connection,
  folder,
}: Site): Promise<{ gas: bigint; blocks: number[]; transactions: Set<string> }> {
  const transactions = new Set<string>();
  const blocks: number[] = [];
  let gas = 0n;
  if (!existsSync(journalOf(folder))) return { gas, blocks, transactions };
  for (const { txHash } of await listTransactions(folder, artifacts)) {
    const receipt = await connection.ethers.provider.getTransactionReceipt(txHash);
    if (receipt === null) continue;
    gas += receipt.gasUsed;
    blocks.push(receipt.blockNumber);
    transactions.add(txHash);
  }
  return { gas, blocks, transactions };
}

/** Shows how many of the transactions are through. */
function listener({ folder, options }: Site, module: CityModuleName): ExecutionEventListener {
  const silent = async (): Promise<void> => Promise.resolve();
  const events = Object.fromEntries(
    Object.values(ExecutionEventType).map((type) => [
      type.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      silent,
    ]),
  ) as unknown as ExecutionEventListener;
  const planned = transactionsOf(cityModules[module]);
  let done = existsSync(journalOf(folder))
    ? readFileSync(journalOf(folder), "utf8").split('"TRANSACTION_CONFIRM"').length - 1
    : 0;
  const progress = startProgress(options.output, "Deploying the city:");
  return {
    ...events,
    transactionConfirm: async () => {
      progress(++done, planned);
      return Promise.resolve();
    },
  };
}

/** Transactions that a module takes, with the modules in it. */
function transactionsOf(module: IgnitionModule): number {
  const found = new Set<string>();
  const enter = ({ futures, submodules }: IgnitionModule): void => {
    for (const future of futures) if (isFutureThatSubmitsOnchainTransaction(future)) found.add(future.id);
    for (const inner of submodules) enter(inner);
  };
  enter(module);
  return found.size;
}

/** What contracts answer to who holds no role; see OpenZeppelin's AccessManager, AccessManaged and AccessControl. */
const UNAUTHORIZED = /AccessManagerUnauthorizedAccount|AccessManagedUnauthorized|AccessControlUnauthorizedAccount/;

/** @throws DeployError for anything but a deployment that is complete. */
function checkResult(result: DeploymentResult, name: string): void {
  switch (result.type) {
    case DeploymentResultType.SUCCESSFUL_DEPLOYMENT:
      return;
    case DeploymentResultType.VALIDATION_ERROR:
      throw new DeployError(
        `The deployment cannot begin (${firstOf(result.errors)}). Mend the parameters and run again.`,
      );
    case DeploymentResultType.RECONCILIATION_ERROR:
      throw new DeployError(
        `The deployment was begun with other parameters, another account or other contracts (${firstOf(result.errors)}). ` +
          "Run it with those, or deploy another city by --reset.",
      );
    case DeploymentResultType.PREVIOUS_RUN_ERROR:
      throw new DeployError(
        `An earlier run left a step that cannot go on (${firstOf(result.errors)}). Deploy another city by --reset.`,
      );
    case DeploymentResultType.EXECUTION_ERROR: {
      const [failed] = result.failed;
      if (failed !== undefined && UNAUTHORIZED.test(failed.error)) {
        throw new DeployError(
          `The account that deploys lacks the role that step ${failed.futureId} takes on network ${name} ` +
            `(${gistOf(failed.error)}), which it had when it began. Nobody can give it back: deploy another city by --reset.`,
        );
      }
      if (failed !== undefined) {
        throw new DeployError(
          `Step ${failed.futureId} failed on network ${name} (${gistOf(failed.error)}). ` +
            "Mend what it says and run the same command again: the step is tried anew.",
        );
      }
      throw new DeployError(
        `${result.timedOut.length} transactions of the deployment are in no block of network ${name} yet. ` +
          "Run the same command again: it goes on waiting for them.",
      );
    }
  }
}

/** What stands, as the chain and the journal tell it. */
async function describe(site: Site, module: CityModuleName): Promise<DeploymentRecord> {
  const { accounts, artifacts, chainId, connection, deployer, folder, name, parameters } = site;
  const { contracts: deployed } = await status(folder, artifacts);
  const contracts: Record<string, ContractRecord> = {};
  for (const [id, { address, contractName, sourceName }] of Object.entries(deployed)) {
    const code = await codeAt(connection.provider, address);
    const solc = solcOf(code);
    contracts[id] = {
      address,
      contract: `${sourceName}:${contractName}`,
      ...(solc === undefined ? {} : { solc }),
      codeHash: keccak256(code),
    };
  }
  const results = Object.fromEntries(
    Object.entries(cityModules[module].results).map(([key, { id }]) => {
      const address = deployed[id]?.address;
      if (address === undefined) throw new Error(`the journal has no address of ${id}`);
      return [key, { getAddress: () => Promise.resolve(address) }];
    }),
  ) as unknown as Deployed;
  const addresses = await addressesOf(results);
  const { blocks, gas, transactions } = await spentBy(site);
  const account = (body: Body): string => {
    const given = parameters.values[GLOBAL]?.[body];
    return getAddress(typeof given === "string" ? given : (accounts[bodies.indexOf(body)] ?? deployer));
  };
  const holderOf = (role: RoleName): string => account(roles[role].holder);
  const handover = deployed[cityModules[module].results.handover.id]?.address ?? "";
  const place: Place = {
    provider: connection.provider,
    networkName: name,
    manager: addresses.manager,
    timelock: addresses.timelock,
    ballotExecutor: addresses.ballotExecutor,
    handover,
    targets: targetsOf(contracts),
    transactions,
    firstBlock: Math.min(...blocks),
    block: Math.max(...blocks),
  };
  const powers = await readPowers(place);
  checkPowers(powers, place, holderOf);
  const door = AdminHandover__factory.connect(handover, connection.ethers.provider);
  const admin = await door.admin();
  if (admin !== holderOf("ADMIN")) {
    throw new DeployError(
      `AdminHandover at ${handover} on network ${name} waits for ${admin}, and not for ${holderOf("ADMIN")}. ` +
        "Do not use this city: deploy another by --reset.",
    );
  }
  return {
    chainId: Number(chainId),
    network: name,
    module,
    deployer,
    firstBlock: place.firstBlock,
    block: place.block,
    transactions: transactions.size,
    gas: Number(gas),
    compiler: compilerOf(),
    admin: {
      account: holderOf("ADMIN"),
      handover,
      accepted: false,
    },
    addresses,
    contracts,
    roles: rolesOf(powers, holderOf, Number(await door.executionDelay())),
    timelock: powers.timelock,
    parameters: JSON.parse(toText(parameters.values)) as unknown,
  };
}

/** The contracts under the city's authority. */
function targetsOf(contracts: DeploymentRecord["contracts"]): Map<Target, string> {
  const found = new Map<Target, string>();
  for (const { address, contract } of Object.values(contracts)) {
    const target = targets.find((one) => contract.endsWith(`:${one}`));
    if (target !== undefined) found.set(target, address);
  }
  return found;
}

/** Compiler and settings of the contracts, as the configuration has them. */
function compilerOf(): DeploymentRecord["compiler"] {
  const profile = hre.config.solidity.profiles.default;
  const [compiler] = profile?.compilers ?? [];
  if (profile === undefined || compiler === undefined) throw new Error("hardhat.config.ts has no compiler");
  const overrides = Object.entries(profile.overrides).filter(([file]) => file.startsWith("contracts/"));
  return {
    version: compiler.version,
    settings: settingsOf(compiler),
    overrides: Object.fromEntries(overrides.map(([file, other]) => [file, settingsOf(other)])),
  };
}

/** Settings that decide about code; what the compiler is asked to tell besides does not. */
function settingsOf({ settings }: { readonly settings: unknown }): unknown {
  return Object.fromEntries(Object.entries(settings as object).filter(([key]) => key !== "outputSelection"));
}

/** The roles with who holds them, as the chain says. */
function rolesOf(
  { members }: Powers,
  holderOf: (role: RoleName) => string,
  adminDelay: number,
): Record<RoleName, RoleRecord> {
  const entries = Object.entries(roles).map(([name, { id, holder: body, guardian, grantDelay }]) => {
    const holder = holderOf(name as RoleName);
    // The admin's waits for the admin.
    const executionDelay = id === roles.ADMIN.id ? adminDelay : Number(members.get(BigInt(id))?.get(holder));
    return [
      name,
      {
        id,
        body,
        holder,
        executionDelay,
        ...(guardian === undefined ? {} : { guardian }),
        ...(grantDelay === undefined ? {} : { grantDelay }),
      },
    ];
  });
  return Object.fromEntries(entries) as Record<RoleName, RoleRecord>;
}
