/** The day of the city: reads the data, deploys the city, lets every module live its part, and balances the books. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { config, network } from "hardhat";

import { bodies } from "../../ignition/authority.js";
import type { RowFault } from "../../sdk/importers/index.js";
import { connectCity } from "../../sdk/index.js";
import type { Check } from "./check.js";
import { Clock } from "./clock.js";
import { type Connection, Day } from "./day.js";
import { type Deploy, deployByIgnition } from "./deploy.js";
import { digestOf, type StateDigest } from "./digest/index.js";
import { BadDataError, DayError } from "./errors.js";
import { listFolder } from "./folder.js";
import { GasMeter, type GasUse } from "./gas.js";
import { closeRegister, IDENTITY } from "./identity/index.js";
import type { Outcome, Prepared } from "./module.js";
import { modules } from "./modules.js";
import type { Output } from "./progress.js";

/** Name of the chain that the script brings along. */
export const IN_PROCESS = "in-process";

const MS_PER_SECOND = 1_000n;
/** Between the start of the chain and that of the data: the city is deployed and its people are paid. */
const LEAD_SECONDS = 86_400n;
/** Bodies of the city, the relayer, and the companies that modules name. */
const ACCOUNTS_NEEDED = bodies.length + 15;
/** Folders beside those of modules that are no data. */
const NO_DATA = ["LICENSES/"];

export interface DayOptions {
  /** Data folder. */
  readonly data: string;
  /** Network of hardhat.config.ts; an in-process chain when left out. */
  readonly network?: string;
  /** Modules to run; all that have a folder when left out. */
  readonly only?: readonly string[];
  readonly skipBadRows?: boolean;
  /** Where progress is shown; nowhere when left out. */
  readonly output?: Output;
  /** Opens the connection to a chain, once the data are found good; {@link openChain} when left out. */
  readonly connect?: typeof openChain;
  /** Deploys the city; {@link deployByIgnition} when left out. */
  readonly deploy?: Deploy;
}

export interface Summary {
  readonly data: string;
  readonly network: string;
  readonly files: { readonly read: readonly string[]; readonly unknown: readonly string[] };
  readonly skippedRows: readonly RowFault[];
  readonly modules: Readonly<Record<string, Outcome["summary"]>>;
  readonly checks: readonly Check[];
  readonly gas: Readonly<Record<string, GasUse>>;
  /** Hash of what the city has in the end, and of each part of it with the number of its lines. */
  readonly digest: {
    readonly digest: string;
    readonly parts: Readonly<Record<string, { readonly digest: string; readonly lines: number }>>;
  };
  readonly ok: boolean;
}

/** A module's part for a reader. */
export interface Part extends Pick<Outcome, "charts" | "report" | "tiles"> {
  readonly name: string;
}

export interface DayResult {
  readonly summary: Summary;
  /** What the city has in the end, line by line. */
  readonly state: StateDigest;
  /** What the modules say to a reader. */
  readonly parts: readonly Part[];
}

/** The data of a day, read before anything else happens. */
export interface DayData {
  readonly prepared: readonly { readonly name: string; readonly part: Prepared }[];
  readonly used: readonly string[];
  /** Files and folders that nothing reads, with the reason. */
  readonly unknown: readonly string[];
  readonly faults: readonly RowFault[];
}

/**
 * Lives a day.
 *
 * @throws BadDataError when the data have faults that are not to be skipped; nothing was deployed then.
 * @throws DayError when the day cannot begin for another reason that the caller can mend.
 */
export async function liveDay(options: DayOptions): Promise<DayResult> {
  const data = readData(options);
  if (data.faults.length > 0 && options.skipBadRows !== true) throw new BadDataError(data.faults);
  const parts = data.prepared.filter(({ part }) => part.startsAt !== undefined);
  if (parts.length === 0) throw new DayError(`${options.data} has no data to live through.`);

  const connection = await (options.connect ?? openChain)(options.network, firstSecond(data));
  const gas = new GasMeter();
  const outcomes: Record<string, Outcome> = {};
  let state: StateDigest;
  try {
    const { day, firstBlock } = await beginDay(connection, gas, options, parametersOf(data));
    for (const { name, part } of parts) outcomes[name] = await part.live(day);
    outcomes[IDENTITY] = await closeRegister(day);
    state = await digestOf(day.city, connection.ethers.provider, firstBlock);
  } finally {
    await connection.close();
  }
  const checks = Object.values(outcomes).flatMap((outcome) => outcome.checks);
  return {
    summary: {
      data: options.data,
      network: options.network ?? IN_PROCESS,
      files: { read: data.used, unknown: data.unknown },
      skippedRows: data.faults,
      modules: Object.fromEntries(Object.entries(outcomes).map(([name, { summary }]) => [name, summary])),
      checks,
      gas: gas.report,
      digest: {
        digest: state.digest,
        parts: Object.fromEntries(
          Object.entries(state.parts).map(([name, { digest, lines }]) => [
            name,
            { digest, lines: Object.keys(lines).length },
          ]),
        ),
      },
      ok: checks.every(({ ok }) => ok),
    },
    state,
    parts: Object.entries(outcomes).map(([name, { charts, report, tiles }]) => ({ name, charts, report, tiles })),
  };
}

/** Reads the folders of the modules that are to run. */
export function readData({ data, only }: Pick<DayOptions, "data" | "only">): DayData {
  if (!existsSync(data) || !statSync(data).isDirectory()) throw new DayError(`There is no data folder ${data}.`);
  const names = modules.map(({ name }) => name);
  for (const name of only ?? []) {
    if (!names.includes(name)) throw new DayError(`There is no module ${name}; there is ${names.join(", ")}.`);
  }
  const wanted = modules.filter(({ name }) => only?.includes(name) ?? true);
  const present = wanted.filter(({ name }) => existsSync(join(data, name)));
  const missing = wanted.filter((module) => !present.includes(module)).map(({ name }) => name);
  if (present.length === 0 || (only !== undefined && missing.length > 0)) {
    throw new DayError(`${data} has no folder ${missing.map((name) => `${name}/`).join(", ")}.`);
  }

  const prepared = present.map((module) => ({ name: module.name, part: module.prepare(data) }));
  const strangers = listFolder(data).filter(
    (name) => !NO_DATA.includes(name) && !names.includes(name.replace(/\/$/, "")),
  );
  return {
    prepared,
    used: prepared.flatMap(({ part }) => part.used),
    unknown: [
      ...prepared.flatMap(({ part }) => [
        ...part.unknown.map((name) => `${name}: no known format`),
        ...(part.leftOut ?? []),
      ]),
      ...strangers.map((name) => `${name}: ${name.endsWith("/") ? "no module yet" : "not in a module's folder"}`),
    ],
    faults: prepared.flatMap(({ part }) => part.faults),
  };
}

/** Unix time at which a chain for these data begins. */
export function firstSecond({ prepared }: DayData): bigint {
  const starts = prepared.flatMap(({ part }) => part.startsAt ?? []);
  return starts.reduce((first, one) => (one < first ? one : first)) - LEAD_SECONDS;
}

/** Parameters of the deployment that the data ask for. */
function parametersOf({ prepared }: DayData): NonNullable<Prepared["parameters"]> {
  return Object.fromEntries(prepared.flatMap(({ part }) => Object.entries(part.parameters ?? {})));
}

/** Opens a chain: the in-process one at an instant, or a network of the configuration as it is. */
export async function openChain(name: string | undefined, at: bigint): Promise<Connection> {
  if (name === undefined) {
    return network.create({ override: { initialDate: new Date(Number(at * MS_PER_SECOND)) } });
  }
  const known = config.networks[name];
  if (known === undefined) {
    throw new DayError(`hardhat.config.ts has no network ${name}; it has ${Object.keys(config.networks).join(", ")}.`);
  }
  try {
    const connection = await network.create(name);
    await connection.provider.request({ method: "eth_chainId" });
    return connection;
  } catch (error) {
    const hint = "Start one, for instance with `npx hardhat node`, or leave out --network.";
    throw new DayError(`No node answers on network ${name}. ${hint}`, { cause: error });
  }
}

/** Deploys the city, and calls its people together. */
async function beginDay(
  connection: Connection,
  gas: GasMeter,
  { deploy = deployByIgnition, output }: Pick<DayOptions, "deploy" | "output">,
  parameters: NonNullable<Prepared["parameters"]>,
): Promise<{ readonly day: Day; readonly firstBlock: number }> {
  const { ethers, provider } = connection;
  const signers = await ethers.getSigners();
  const [deployer, relayer] = [signers[0], signers[bodies.length]];
  if (signers.length < ACCOUNTS_NEEDED || deployer === undefined || relayer === undefined) {
    throw new DayError(
      `The day needs ${ACCOUNTS_NEEDED} accounts that the node signs for, and this one has ${signers.length}. ` +
        "Use a development node with more, for instance the one of `npx hardhat node`.",
    );
  }
  const firstBlock = (await ethers.provider.getBlockNumber()) + 1;
  const city = connectCity(await deploy(connection, parameters), relayer);
  const lastBlock = await ethers.provider.getBlockNumber();
  gas.add("city.deploy", await gasOfBlocks(ethers, firstBlock, lastBlock));
  const day = new Day({ connection, clock: await Clock.of(provider), gas, city, relayer }, signers, output);
  return { day, firstBlock };
}

async function gasOfBlocks({ provider }: Connection["ethers"], first: number, last: number): Promise<bigint> {
  let sum = 0n;
  for (let number = first; number <= last; number += 1) sum += (await provider.getBlock(number))?.gasUsed ?? 0n;
  return sum;
}
