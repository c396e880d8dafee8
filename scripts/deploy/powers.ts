/**
 * Who may do what in a city that was just deployed, read from the events of its chain: neither AccessManager nor the
 * timelock can list who holds a role, and asking whether somebody does never finds a stranger.
 */
import type { EIP1193Provider } from "@nomicfoundation/ignition-core";
import { getAddress, id as idOfText, Interface, type LogDescription, ZeroAddress, ZeroHash } from "ethers";

import { type RoleName, restrictedFunctionsOf, roles, type Target, targets } from "../../ignition/authority.js";
import { openZeppelinArtifact } from "../../ignition/modules/Authority.js";
import {
  AccessManager__factory,
  BatteryPack__factory,
  Census__factory,
  Containers__factory,
  Credentials__factory,
  EcoToken__factory,
} from "../../typechain-types/index.js";
import { DeployError, isConnectionFault } from "./errors.js";

/** Blocks that a node is asked about at once; fewer where it refuses. */
const SPAN = 1_000;

const manager = AccessManager__factory.createInterface();
const timelock = new Interface(openZeppelinArtifact("TimelockController").abi);

/** What the deployer alone can bring about until it hands over, besides roles. */
const wiring = [
  [Credentials__factory.createInterface(), ["TypeRegistered", "TypeAuthorityChanged"]],
  [BatteryPack__factory.createInterface(), ["LeaseBookSet", "TelemetrySet"]],
  [Containers__factory.createInterface(), ["LotsSet"]],
  [EcoToken__factory.createInterface(), ["RightsSet"]],
  [Census__factory.createInterface(), ["BoxAttached"]],
] as const satisfies readonly (readonly [Interface, readonly string[]])[];

const wiringTopics = new Set(
  wiring.flatMap(([abi, names]: readonly [Interface, readonly string[]]) =>
    names.map((name) => {
      const event = abi.getEvent(name);
      if (event === null) throw new Error(`there is no event ${name}`);
      return event.topicHash;
    }),
  ),
);

/** The timelock's roles by the names under which its contract has them. */
const timelockRoles = ["PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE"] as const;

/** Who may do what in the timelock that ballots take effect through. */
export interface TimelockRecord {
  /** Seconds between a decision and its effect, at least. */
  readonly minDelay: number;
  /** Accounts that hold each of its roles; the zero address stands for anybody. */
  readonly roles: Readonly<Record<"DEFAULT_ADMIN_ROLE" | (typeof timelockRoles)[number], readonly string[]>>;
}

/** Powers at the end of a deployment. */
export interface Powers {
  /** By the role's number: who holds it, with the seconds between announcing an act and doing it. */
  readonly members: ReadonlyMap<bigint, ReadonlyMap<string, bigint>>;
  /** By contract and selector: the role's number. */
  readonly functions: ReadonlyMap<string, bigint>;
  /** By the role's number: that of the role that may cancel its holders' acts. */
  readonly guardians: ReadonlyMap<bigint, bigint>;
  /** By the role's number, seconds. */
  readonly grantDelays: ReadonlyMap<bigint, bigint>;
  readonly timelock: TimelockRecord;
}

/** What of a city is asked about. */
export interface Place {
  readonly provider: EIP1193Provider;
  /** For messages. */
  readonly networkName: string;
  readonly manager: string;
  readonly timelock: string;
  readonly ballotExecutor: string;
  readonly handover: string;
  /** Contracts under the manager. */
  readonly targets: ReadonlyMap<Target, string>;
  /** The deployment's own transactions. */
  readonly transactions: ReadonlySet<string>;
  readonly firstBlock: number;
  readonly block: number;
}

interface Log {
  readonly address: string;
  readonly topics: string[];
  readonly data: string;
  readonly transactionHash: string;
  readonly blockNumber: string;
}

/**
 * Reads the powers at the end of a deployment.
 *
 * @throws DeployError if a transaction that is not the deployment's had a part in them.
 */
export async function readPowers(place: Place): Promise<Powers> {
  const logs = await readLogs(place);
  const members = new Map<bigint, Map<string, bigint>>();
  const functions = new Map<string, bigint>();
  const guardians = new Map<bigint, bigint>();
  const grantDelays = new Map<bigint, bigint>();
  const inTimelock = new Map<string, Set<string>>();
  let minDelay = 0n;
  for (const log of logs) {
    const isManager = log.address === place.manager;
    const isTimelock = log.address === place.timelock;
    if (!isManager && !isTimelock && !wiringTopics.has(log.topics[0] ?? "")) continue;
    if (!place.transactions.has(log.transactionHash)) throw strangeError(place, log);
    const event = isManager ? manager.parseLog(log) : isTimelock ? timelock.parseLog(log) : null;
    if (event === null) continue;
    const { args } = event as LogDescription & { args: Record<string, unknown> };
    switch (`${isManager ? "manager" : "timelock"}.${event.name}`) {
      case "manager.RoleGranted":
        of(members, args.roleId as bigint, () => new Map()).set(args.account as string, args.delay as bigint);
        break;
      case "manager.RoleRevoked":
        members.get(args.roleId as bigint)?.delete(args.account as string);
        break;
      case "manager.RoleGuardianChanged":
        guardians.set(args.roleId as bigint, args.guardian as bigint);
        break;
      case "manager.RoleGrantDelayChanged":
        grantDelays.set(args.roleId as bigint, args.delay as bigint);
        break;
      case "manager.TargetFunctionRoleUpdated":
        functions.set(functionKey(args.target as string, args.selector as string), args.roleId as bigint);
        break;
      case "manager.RoleLabel":
        break;
      case "timelock.RoleGranted":
        of(inTimelock, args.role as string, () => new Set()).add(args.account as string);
        break;
      case "timelock.RoleRevoked":
        inTimelock.get(args.role as string)?.delete(args.account as string);
        break;
      case "timelock.MinDelayChange":
        minDelay = args.newDuration as bigint;
        break;
      default:
        throw otherError(place, `${event.name} of ${log.address} is no step of a deployment`);
    }
  }
  const holders = (role: string): string[] => [...(inTimelock.get(role) ?? [])];
  return {
    members,
    functions,
    guardians,
    grantDelays,
    timelock: {
      minDelay: Number(minDelay),
      roles: {
        DEFAULT_ADMIN_ROLE: holders(ZeroHash),
        ...(Object.fromEntries(timelockRoles.map((name) => [name, holders(idOfText(name))])) as Record<
          (typeof timelockRoles)[number],
          string[]
        >),
      },
    },
  };
}

/**
 * Checks that powers are those of the table in ignition/authority.ts, with nobody and nothing besides.
 *
 * @param powers - What the chain has.
 * @param place - The city.
 * @param holderOf - Account that is to hold a role; not asked about the admin's, which waits in the hand-over.
 * @throws DeployError for the first difference.
 */
export function checkPowers(powers: Powers, place: Place, holderOf: (role: RoleName) => string): void {
  const known = new Map(Object.entries(roles).map(([name, role]) => [BigInt(role.id), { ...role, name }]));
  const say = (id: bigint): string => known.get(id)?.name ?? `role ${id}`;

  for (const [id, members] of powers.members) {
    const role = known.get(id);
    const isAdmin = id === BigInt(roles.ADMIN.id);
    const expected = role === undefined ? undefined : isAdmin ? place.handover : holderOf(role.name as RoleName);
    for (const account of members.keys()) {
      if (account !== expected) throw otherError(place, `${account} holds ${say(id)}`);
    }
  }
  for (const [id, { name, executionDelay, guardian, grantDelay }] of known) {
    const isAdmin = id === BigInt(roles.ADMIN.id);
    const holder = isAdmin ? place.handover : holderOf(name as RoleName);
    const delay = powers.members.get(id)?.get(holder);
    if (delay === undefined) throw otherError(place, `${holder} does not hold ${name}`);
    // The hand-over passes the role on at once; the admin gets its delay from there.
    compare(place, `the delay of ${name}`, delay, BigInt(isAdmin ? 0 : executionDelay));
    compare(
      place,
      `the guardian of ${name}`,
      powers.guardians.get(id) ?? 0n,
      BigInt(guardian === undefined ? 0 : roles[guardian].id),
    );
    compare(
      place,
      `the delay before ${name} can be granted`,
      powers.grantDelays.get(id) ?? 0n,
      BigInt(grantDelay ?? 0),
    );
  }

  const expected = new Map<string, bigint>();
  for (const target of targets) {
    const address = place.targets.get(target);
    if (address === undefined) continue;
    for (const { selector, role } of restrictedFunctionsOf(target)) {
      expected.set(functionKey(address, selector), BigInt(roles[role].id));
    }
  }
  for (const key of new Set([...expected.keys(), ...powers.functions.keys()])) {
    const [found, wanted] = [powers.functions.get(key), expected.get(key)];
    if (found !== wanted) throw otherError(place, `${key} is open to ${found === undefined ? "nobody" : say(found)}`);
  }

  const wanted: TimelockRecord["roles"] = {
    DEFAULT_ADMIN_ROLE: [place.timelock],
    PROPOSER_ROLE: [place.ballotExecutor],
    EXECUTOR_ROLE: [ZeroAddress],
    CANCELLER_ROLE: [],
  };
  for (const [name, accounts] of Object.entries(wanted)) {
    const found = powers.timelock.roles[name as keyof TimelockRecord["roles"]];
    if (found.join() !== accounts.join()) {
      throw otherError(place, `${found.join(" and ") || "nobody"} holds ${name} of the timelock`);
    }
  }
}

function compare(place: Place, what: string, found: bigint, wanted: bigint): void {
  if (found !== wanted) throw otherError(place, `${what} is ${found}, not ${wanted}`);
}

/** The error for powers that are not the table's. */
function otherError({ manager: address, networkName }: Place, fault: string): DeployError {
  return new DeployError(
    `The city of the manager ${address} on network ${networkName} is not what ignition/authority.ts says: ${fault}. ` +
      "Do not use it: deploy another city by --reset.",
  );
}

/** The error for a transaction that somebody else sent with the deployer's powers. */
function strangeError({ networkName }: Place, { address, blockNumber, transactionHash }: Log): DeployError {
  return new DeployError(
    `Transaction ${transactionHash} in block ${Number(blockNumber)} of network ${networkName} changed who may do what ` +
      `at ${address}, and is none of this deployment. If none of you sent it, others know the deployer's key: ` +
      "deploy another city by --reset, from another account.",
  );
}

/** What the city's contracts told from the first block of the deployment to its last. */
async function readLogs({ block, firstBlock, provider, ...place }: Place): Promise<Log[]> {
  const address = [place.manager, place.timelock, ...place.targets.values()];
  const hex = (height: number): string => `0x${height.toString(16)}`;
  const logs: Log[] = [];
  let span = SPAN;
  for (let from = firstBlock; from <= block;) {
    const to = Math.min(block, from + span - 1);
    try {
      const filter = { address, fromBlock: hex(from), toBlock: hex(to) };
      logs.push(...((await provider.request({ method: "eth_getLogs", params: [filter] })) as Log[]));
      from = to + 1;
    } catch (error) {
      // Nodes that serve the public answer for some hundred blocks at once.
      if (isConnectionFault(error) || span === 1) throw error;
      span = Math.ceil(span / 2);
    }
  }
  return logs.map((log) => ({ ...log, address: getAddress(log.address) }));
}

function functionKey(target: string, selector: string): string {
  return `${selector} of ${target}`;
}

/** The value under a key, made where there is none. */
function of<Key, Value>(table: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = table.get(key) ?? make();
  table.set(key, value);
  return value;
}
