import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeploymentResultType } from "@nomicfoundation/ignition-core";
import { concat, getIcapAddress, Wallet, ZeroAddress } from "ethers";
import { network } from "hardhat";
import type { JsonRpcServer } from "hardhat/types/network";

import { bodies, type RoleName, roles, type Target, targets } from "../../ignition/authority.js";
import { typeIdOf } from "../../ignition/credentials.js";
import { type Connection, measuredGas, openNetwork, withMargin } from "../../scripts/deploy/chain.js";
import { DeployError, inWords, reasonOf } from "../../scripts/deploy/errors.js";
import { journalOf, mendJournal } from "../../scripts/deploy/journal.js";
import { checkParameters, chooseModule, GLOBAL, readParameters } from "../../scripts/deploy/parameters.js";
import { checkPowers, type Place, type Powers, readPowers } from "../../scripts/deploy/powers.js";
import { type DeploymentRecord, solcOf } from "../../scripts/deploy/record.js";
import { deployCity, type DeployOptions, type DeployOutcome } from "../../scripts/deploy/run.js";
import { linesOf } from "../../scripts/deploy/telling.js";
import { checkToken } from "../../scripts/deploy/token.js";
import { explorersOf, showTo } from "../../scripts/deploy/verify.js";
import { type GasFigures, networkTables } from "../../scripts/lib/networks.js";
import { fillPage } from "../../scripts/lib/pages.js";
import { root } from "../../scripts/lib/project.js";
import { connectCity } from "../../sdk/index.js";
import {
  AccessManager__factory,
  AdminHandover__factory,
  Credentials__factory,
  EcoToken__factory,
} from "../../typechain-types/index.js";

/** First and second account of the test mnemonic, and accounts that it does not have. */
const DEPLOYER = new Wallet("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
const SECOND = new Wallet("0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d");
const ADMIN = new Wallet(`0x${"5a".repeat(32)}`);
const PENNILESS = new Wallet(`0x${"77".repeat(32)}`);
const STRANGER = new Wallet(`0x${"57".repeat(32)}`).address;
const NO_BUILD = async (): Promise<void> => Promise.resolve();
const CHAIN = 31_337;
const SEPOLIA = 11_155_111;

/** Every body an address of its own, but for the admin, whose key the tests have. */
const addresses = Object.fromEntries(
  bodies
    .filter((body) => body !== "deployer")
    .map((body, index) => [
      body,
      body === "admin" ? ADMIN.address : new Wallet(`0x${"b0".repeat(31)}${(index + 16).toString(16)}`).address,
    ]),
);

/** How the way to a node misbehaves at a transaction: it breaks before or behind the node, or says nothing. */
type Trouble = "before" | "behind" | "silence";

/** A node, and a way to it that can break. */
class Line {
  /** Transactions that the next trouble lets pass. */
  #left = Infinity;
  /** What a transaction has in it that makes trouble. */
  #mark: string | undefined;
  #trouble: Trouble = "before";

  private constructor(
    private readonly server: JsonRpcServer,
    private readonly relay: Server,
    readonly url: string,
  ) {}

  static async open(override: { chainId?: number; initialBaseFeePerGas?: number } = {}): Promise<Line> {
    const server = await network.createServer({ network: "node", override }, "127.0.0.1");
    const { port } = await server.listen();
    const relay = createServer();
    await new Promise<void>((done) => relay.listen(0, "127.0.0.1", done));
    const line = new Line(server, relay, `http://127.0.0.1:${(relay.address() as AddressInfo).port}`);
    relay.on("request", (request, response) => {
      void line.#pass(`http://127.0.0.1:${port}`, request, response);
    });
    return line;
  }

  /** Lets some transactions pass, and makes trouble with the next; once. */
  break(after: number, trouble: Trouble): void {
    this.#left = after;
    this.#trouble = trouble;
  }

  /** Breaks at the first transaction that has some bytes in it. */
  breakAt(bytes: string): void {
    this.#mark = bytes.slice("0x".length);
  }

  async #pass(node: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    const isSend = /"eth_send(Raw)?Transaction"/.test(body);
    const isMarked = isSend && this.#mark !== undefined && body.includes(this.#mark);
    if (isMarked) this.#mark = undefined;
    const isTrouble = isMarked || (isSend && this.#left-- === 0);
    if (isTrouble && this.#trouble !== "behind") {
      if (this.#trouble === "before") request.socket.destroy();
      return;
    }
    const answer = await fetch(node, { method: "POST", body, headers: { "content-type": "application/json" } });
    const text = await answer.text();
    if (isTrouble) request.socket.destroy();
    else response.writeHead(answer.status, { "content-type": "application/json" }).end(text);
  }

  /** A connection to it: with accounts of the node, or with keys. */
  connect(keys?: readonly Wallet[], override: { timeout?: number; chainId?: number } = {}): typeof openNetwork {
    return async () =>
      network.create({
        network: "localhost",
        override: {
          url: this.url,
          ...(keys === undefined ? {} : { accounts: keys.map(({ privateKey }) => privateKey) }),
          ...override,
        },
      });
  }

  async close(): Promise<void> {
    this.relay.closeAllConnections();
    this.relay.close();
    await this.server.close();
  }
}

/** What a deployment ends with when it ends with an error. */
async function errorOf(run: Promise<unknown>): Promise<DeployError> {
  try {
    await run;
  } catch (error) {
    if (error instanceof DeployError) return error;
    throw error;
  }
  throw new Error("there was no fault");
}

/** What it says then. */
async function faultOf(run: Promise<unknown>): Promise<string> {
  return (await errorOf(run)).message;
}

/** What checking parameters says. */
function faultIn(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    if (error instanceof DeployError) return error.message;
    throw error;
  }
  throw new Error("there was no fault");
}

/** A connection of the admin to a node that says of the hand-over what it would say to another. */
function closedDoor(line: Line): typeof openNetwork {
  const door = AdminHandover__factory.createInterface();
  return async () => {
    const connection = await line.connect([ADMIN])("localhost");
    const request = connection.provider.request.bind(connection.provider);
    connection.provider.request = async (call): Promise<unknown> => {
      const [asked] = (call.params ?? []) as [{ data?: string }?];
      if (asked?.data !== door.encodeFunctionData("accept")) return request(call);
      const data = door.encodeErrorResult("AdminHandoverNotAdmin", [STRANGER, ADMIN.address]);
      throw Object.assign(new Error("execution reverted"), { data });
    };
    return connection;
  };
}

describe("Deploying", () => {
  const folders: string[] = [];
  const lines: Line[] = [];

  function scratch(): string {
    const folder = mkdtempSync(join(tmpdir(), "civitas-deploy-test-"));
    folders.push(folder);
    return folder;
  }

  async function openLine(override: { chainId?: number; initialBaseFeePerGas?: number } = {}): Promise<Line> {
    const line = await Line.open(override);
    lines.push(line);
    return line;
  }

  function writeParameters(folder: string, parameters: unknown): string {
    const file = join(folder, "city.json");
    writeFileSync(file, JSON.stringify(parameters));
    return file;
  }

  const here = (folder: string): DeployOptions => ({
    network: "localhost",
    records: join(folder, "deployments"),
    journals: join(folder, "ignition"),
    build: NO_BUILD,
    verify: false,
  });

  after(async () => {
    for (const line of lines) await line.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  describe("a city that stands", () => {
    let line: Line;
    let original: string;
    let first: DeployOutcome;
    let folder: string;
    let connection: Connection;
    let snapshot: unknown;

    before(async () => {
      line = await openLine();
      original = scratch();
      first = await deployCity({ ...here(original), connect: line.connect() });
      connection = await line.connect()("localhost");
    });

    beforeEach(async () => {
      folder = scratch();
      cpSync(original, folder, { recursive: true });
      snapshot = await connection.provider.request({ method: "evm_snapshot" });
    });

    afterEach(async () => {
      await connection.provider.request({ method: "evm_revert", params: [snapshot] });
    });

    after(async () => connection.close());

    const recordIn = (where: string): string => join(where, "deployments", `${CHAIN}.json`);
    const again = async (options: Partial<DeployOptions> = {}): Promise<DeployOutcome> =>
      deployCity({ ...here(folder), connect: line.connect(), ...options });

    it("is not touched while another run is at work on it", async () => {
      const lock = join(folder, "ignition", `chain-${CHAIN}.lock`);
      // A process that is there, and one whose number is free again.
      writeFileSync(lock, String(process.ppid));
      expect(await faultOf(again())).to.match(
        new RegExp(
          `^Another run of this command is at work on this chain \\(process ${process.ppid}\\)\\. ` +
            `Run it again when that one has ended; if none is running, remove .*chain-${CHAIN}\\.lock first\\.$`,
        ),
      );
      expect(existsSync(lock)).to.equal(true);
      writeFileSync(lock, "");
      expect(await faultOf(again())).to.match(/^Another run of this command is at work on this chain\. Run it again/);
      const { pid } = spawnSync(process.execPath, ["--version"]);
      writeFileSync(lock, String(pid));
      expect((await again()).deployed).to.equal(false);
      expect(existsSync(lock)).to.equal(false);
    });

    it("is recorded with what stands where, and who holds what", async () => {
      const record = JSON.parse(readFileSync(recordIn(folder), "utf8")) as DeploymentRecord;
      expect(record).to.deep.equal(first.record);
      expect([record.chainId, record.network, record.module]).to.deep.equal([CHAIN, "localhost", "City"]);
      const { ethers } = connection;
      const accounts = await ethers.getSigners();
      expect(record.transactions).to.equal(await accounts[0]!.getNonce());
      let gas = 0n;
      for (let height = record.firstBlock; height <= record.block; ++height) {
        gas += (await ethers.provider.getBlock(height))!.gasUsed;
      }
      expect(BigInt(record.gas)).to.equal(gas);
      // The bench measures the same deployment, a comment's hash more or less.
      expect(record.gas / Number(measuredGas())).to.be.within(0.98, 1.02);

      const city = connectCity(record.addresses, ethers.provider);
      expect(await city.ballotBox.census()).to.equal(record.addresses.census);
      const manager = AccessManager__factory.connect(record.addresses.manager, ethers.provider);
      for (const { id, body, holder, executionDelay } of Object.values(record.roles)) {
        expect(holder).to.equal(accounts[bodies.indexOf(body)]!.address);
        expect([...(await manager.hasRole(id, holder))]).to.deep.equal([true, BigInt(executionDelay)]);
      }
      expect(Object.keys(record.roles)).to.deep.equal(Object.keys(roles));
      expect(record.compiler.version).to.equal("0.8.37");
      expect(record.contracts["Participation#BallotBox"]!.solc).to.equal("0.8.37");
      expect(record.contracts["Participation#BallotBox"]!.address).to.equal(record.addresses.ballotBox);

      const { ballotExecutor, timelock } = record.addresses;
      expect(record.timelock).to.deep.equal({
        minDelay: 2 * 24 * 60 * 60,
        roles: {
          DEFAULT_ADMIN_ROLE: [timelock],
          PROPOSER_ROLE: [ballotExecutor],
          EXECUTOR_ROLE: [ZeroAddress],
          CANCELLER_ROLE: [],
        },
      });
      const abi = ["function hasRole(bytes32, address) view returns (bool)"];
      const asked = new ethers.Contract(timelock, abi, ethers.provider);
      const proposer = ethers.id("PROPOSER_ROLE");
      expect(await asked.hasRole!(proposer, ballotExecutor)).to.equal(true);
      expect(await asked.hasRole!(ethers.ZeroHash, accounts[0]!.address)).to.equal(false);
    });

    describe("has powers", () => {
      const account = (name: RoleName): string => first.record.roles[name].holder;

      /** What of the city is asked about, with every transaction of the chain. */
      async function placeOf(): Promise<Place> {
        const { addresses: standing, admin, block, contracts, firstBlock } = first.record;
        const transactions = new Set<string>();
        for (let height = firstBlock; height <= block; ++height) {
          for (const hash of (await connection.ethers.provider.getBlock(height))!.transactions) transactions.add(hash);
        }
        const under = Object.values(contracts).flatMap(({ address, contract }): [Target, string][] => {
          const target = targets.find((one) => contract.endsWith(`:${one}`));
          return target === undefined ? [] : [[target, address]];
        });
        expect(under).to.have.length(targets.length);
        const { ballotExecutor, manager, timelock } = standing;
        return {
          ...{ provider: connection.provider, networkName: "localhost", manager, timelock, ballotExecutor },
          ...{ handover: admin.handover, targets: new Map(under), transactions, firstBlock, block },
        };
      }

      it("that are read piece by piece where a node tells little at once", async () => {
        const place = await placeOf();
        const powers = await readPowers(place);
        checkPowers(powers, place, account);
        let asked = 0;
        const provider = {
          request: async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
            const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }];
            ++asked;
            if (Number(toBlock) - Number(fromBlock) > 9) throw new Error("block range too large");
            return connection.provider.request({ method, params: params as unknown[] });
          },
        };
        expect(await readPowers({ ...place, provider })).to.deep.equal(powers);
        expect(asked).to.be.greaterThan(5);
      });

      it("in which nothing else had a part", async () => {
        const place = await placeOf();
        const { provider } = connection.ethers;
        const hashes = (await provider.getBlock(place.block))!.transactions;
        const transactions = new Set([...place.transactions].filter((hash) => !hashes.includes(hash)));
        expect(await faultOf(readPowers({ ...place, transactions }))).to.match(
          new RegExp(
            `^Transaction ${hashes[0]} in block ${place.block} of network localhost changed who may do what at `,
          ),
        );
      });

      const others: [string, (powers: Powers, place: Place) => Partial<Powers>, RegExp][] = [
        [
          "a second holder",
          ({ members }) => ({ members: new Map(members).set(3n, new Map(members.get(3n)).set(STRANGER, 0n)) }),
          new RegExp(`: ${STRANGER} holds MINTER\\. Do not use it: .*--reset`),
        ],
        [
          "a role that the table has not",
          ({ members }) => ({ members: new Map(members).set(99n, new Map([[STRANGER, 0n]])) }),
          new RegExp(`: ${STRANGER} holds role 99\\.`),
        ],
        [
          "a deployer that administers",
          ({ members }) => ({ members: new Map(members).set(0n, new Map(members.get(0n)).set(DEPLOYER.address, 0n)) }),
          new RegExp(`: ${DEPLOYER.address} holds ADMIN\\.`),
        ],
        [
          "no holder",
          ({ members }) => ({ members: new Map(members).set(1n, new Map()) }),
          /: 0x\w{40} does not hold GUARDIAN\./,
        ],
        [
          "another delay",
          ({ members }) => ({
            members: new Map(members).set(20n, new Map([[account("ECO_WIRING"), 5n]])),
          }),
          /: the delay of ECO_WIRING is 5, not 604800\./,
        ],
        ["another guardian", () => ({ guardians: new Map() }), /: the guardian of \w+ is 0, not 1\./],
        [
          "another delay of grants",
          ({ grantDelays }) => ({ grantDelays: new Map(grantDelays).set(3n, 1n) }),
          /: the delay before MINTER can be granted is 1, not 172800\./,
        ],
        [
          "a function that another role opens",
          ({ functions }, { targets: under }) => ({
            functions: new Map(functions).set(`0x40c10f19 of ${under.get("CityEuro")}`, 2n),
          }),
          /: 0x40c10f19 of 0x\w{40} is open to STEWARD\./,
        ],
        [
          "a function that nothing is to open",
          ({ functions }) => ({ functions: new Map(functions).set("0x12345678 of somewhere", 2n) }),
          /: 0x12345678 of somewhere is open to STEWARD\./,
        ],
        ["a function that nothing opens", () => ({ functions: new Map() }), / is open to nobody\./],
        [
          "another proposer",
          ({ timelock }) => ({
            timelock: { ...timelock, roles: { ...timelock.roles, PROPOSER_ROLE: [STRANGER] } },
          }),
          new RegExp(`: ${STRANGER} holds PROPOSER_ROLE of the timelock\\.`),
        ],
        [
          "an admin of the timelock",
          ({ timelock }, place) => ({
            timelock: { ...timelock, roles: { ...timelock.roles, DEFAULT_ADMIN_ROLE: [place.timelock, STRANGER] } },
          }),
          new RegExp(` and ${STRANGER} holds DEFAULT_ADMIN_ROLE of the timelock\\.`),
        ],
      ];
      it("that are the table's and no other", async () => {
        const place = await placeOf();
        const powers = await readPowers(place);
        for (const [what, change, message] of others) {
          const changed = { ...powers, ...change(powers, place) };
          const fault = faultIn(() => {
            checkPowers(changed, place, account);
          });
          expect(fault, what).to.match(message);
        }
      });
    });

    it("has its admin, whose key the node has", () => {
      expect([first.deployed, first.handover, first.record.admin.accepted]).to.deep.equal([true, "accepted", true]);
    });

    it("is left alone by the same command", async () => {
      const height = await connection.ethers.provider.getBlockNumber();
      const second = await again();
      expect([second.deployed, second.handover]).to.deep.equal([false, "already"]);
      expect(second.record).to.deep.equal(first.record);
      expect(await connection.ethers.provider.getBlockNumber()).to.equal(height);
    });

    it("is left alone without Ignition's journal, and found again without the record", async () => {
      rmSync(join(folder, "ignition"), { recursive: true });
      expect((await again()).deployed).to.equal(false);
      cpSync(join(original, "ignition"), join(folder, "ignition"), { recursive: true });
      rmSync(recordIn(folder));
      const height = await connection.ethers.provider.getBlockNumber();
      expect((await again()).record).to.deep.equal(first.record);
      expect(await connection.ethers.provider.getBlockNumber()).to.equal(height);
    });

    it("is not recorded with an admin that its door does not wait for", async () => {
      rmSync(recordIn(folder));
      const door = AdminHandover__factory.createInterface();
      const connect = async (): Promise<Connection> => {
        const other = await line.connect()("localhost");
        const request = other.provider.request.bind(other.provider);
        other.provider.request = async (call): Promise<unknown> => {
          const [asked] = (call.params ?? []) as [{ data?: string }?];
          if (call.method !== "eth_call" || asked?.data !== door.encodeFunctionData("admin")) return request(call);
          return door.encodeFunctionResult("admin", [STRANGER]);
        };
        return other;
      };
      expect(await faultOf(again({ connect }))).to.match(
        new RegExp(`^AdminHandover at 0x\\w{40} on network localhost waits for ${STRANGER}, and not for .*--reset\\.$`),
      );
      expect(existsSync(recordIn(folder))).to.equal(false);
    });

    it("is missed where its code is gone or another", async () => {
      const { ballotBox } = first.record.addresses;
      await connection.provider.request({ method: "hardhat_setCode", params: [ballotBox, "0x00"] });
      expect(await faultOf(again())).to.match(
        new RegExp(
          `31337.json says that Participation#BallotBox stands at ${ballotBox}, where network localhost has other code\\. .*--reset`,
        ),
      );
      await connection.provider.request({ method: "hardhat_setCode", params: [ballotBox, "0x"] });
      expect(await faultOf(again())).to.contain("has no code");
    });

    it("is not mistaken for that of another chain, nor for a broken record", async () => {
      const record = { ...first.record, chainId: 5 };
      writeFileSync(recordIn(folder), JSON.stringify(record));
      expect(await faultOf(again())).to.match(/is the record of chain 5, but the network is chain 31337\. .*--reset/);
      writeFileSync(recordIn(folder), "{");
      expect(await faultOf(again())).to.match(/31337.json is no JSON .*Restore it, or set it aside by --reset/);
      writeFileSync(recordIn(folder), "{}");
      expect(await faultOf(again())).to.contain("is no record of a deployment");
    });

    it("does not take other parameters", async () => {
      const parameters = writeParameters(folder, { [GLOBAL]: { adminDelay: 5 } });
      expect(await faultOf(again({ parameters }))).to.match(/is not what the city in .* was deployed with.*--reset/);
      expect((await again({ parameters: writeParameters(folder, {}) })).deployed).to.equal(false);
    });

    it("is not gone on with on a chain that was begun anew", async () => {
      rmSync(recordIn(folder));
      const other = await openLine();
      expect(await faultOf(again({ connect: other.connect() }))).to.match(
        /deployed_addresses.json says that .* stands at .*, where network localhost has no code\. .*--reset/,
      );
    });

    it("makes way for another on demand", async () => {
      const other = await again({ reset: true });
      expect(other.setAside).to.have.length(2);
      for (const path of other.setAside) expect(existsSync(path), path).to.equal(true);
      expect(other.deployed).to.equal(true);
      expect(other.record.addresses.ballotBox).to.not.equal(first.record.addresses.ballotBox);
    });

    it("is not set aside before everything is checked that can be", async () => {
      const journal = join(folder, "ignition", `chain-${CHAIN}`);
      const record = readFileSync(recordIn(folder), "utf8");
      const faults: [Partial<DeployOptions>, RegExp][] = [
        [{ parameters: writeParameters(folder, { [GLOBAL]: { admindelay: 5 } }) }, / Write adminDelay\.$/],
        [
          { parameters: writeParameters(scratch(), { [GLOBAL]: { ...addresses, settlementToken: STRANGER } }) },
          /, where no contract stands on network localhost\. Name an ERC-20 there, and run again\.$/,
        ],
        [{ build: async () => Promise.reject(new Error("no compiler")) }, / \(no compiler\)\. .* where it stopped\.$/],
        [
          {
            connect: line.connect([PENNILESS]),
            parameters: writeParameters(scratch(), { [GLOBAL]: addresses }),
          },
          // The whole price: nothing of what stands counts.
          /^0x\w{40} has 0\.0 ETH .* takes 1\d\d million gas: .* run the same command again\.$/,
        ],
      ];
      for (const [options, message] of faults) {
        const { exitCode, message: fault } = await errorOf(again({ ...options, reset: true }));
        expect(fault).to.match(message);
        expect(exitCode).to.equal(2);
        expect(readFileSync(recordIn(folder), "utf8")).to.equal(record);
        expect(existsSync(journalOf(journal))).to.equal(true);
      }
      expect((await again()).deployed).to.equal(false);
    });

    it("says that --reset is to be left out once it was set aside", async () => {
      line.break(3, "before");
      const { exitCode, message } = await errorOf(again({ reset: true }));
      expect(message).to.match(
        /Run the same command again .* where it stopped\. But leave --reset out, which would set aside what this run did\. What stood before is set aside as \S*31337-old-1\.json, \S*chain-31337-old-1\.$/,
      );
      expect(exitCode).to.equal(2);
      const { deployed, record } = await again();
      expect([deployed, record.addresses.ballotBox === first.record.addresses.ballotBox]).to.deep.equal([true, false]);
    });

    it("is not found again by a list of addresses that was cut short, and says what to do", async () => {
      rmSync(recordIn(folder));
      const file = join(folder, "ignition", `chain-${CHAIN}`, "deployed_addresses.json");
      writeFileSync(file, '{ "Authority#Acc');
      expect(await faultOf(again())).to.match(
        /deployed_addresses\.json is no JSON \(.*\)\. Remove it and run the same/,
      );
      rmSync(file);
      expect((await again()).record).to.deep.equal(first.record);
    });

    it("is shown to explorers, and who refuses is named", async () => {
      const asked = new Set<string>();
      const { telemetry } = first.record.addresses;
      const match = "exact_match";
      const known = { match, creationMatch: match, runtimeMatch: match, chainId: `${SEPOLIA}`, address: telemetry };
      const explorer = createServer((request, response) => {
        asked.add(request.url ?? "");
        const isRefused = request.url?.includes(telemetry) === true;
        response.writeHead(isRefused ? 500 : 200, { "content-type": "application/json" });
        response.end(JSON.stringify(isRefused ? { message: "out of order" } : known));
      });
      await new Promise<void>((done) => explorer.listen(0, "127.0.0.1", done));
      const { config } = await import("hardhat");
      const sourcify = config.verify.sourcify as { apiUrl?: string };
      const sepolia = await openLine({ chainId: SEPOLIA });
      const there = await sepolia.connect(undefined, { chainId: SEPOLIA })("localhost");
      const { apiUrl } = sourcify;
      const { log } = console;
      try {
        // The plugin tells of each contract.
        console.log = () => undefined;
        sourcify.apiUrl = `http://127.0.0.1:${(explorer.address() as AddressInfo).port}`;
        const [shown] = await showTo(there, join(folder, "ignition", `chain-${CHAIN}`), ["sourcify"]);
        expect(shown!.failed, shown!.failed[0]).to.have.length(1);
        expect(shown!.failed[0]).to.contain("contracts/batteries/BatteryTelemetry.sol:BatteryTelemetry: ");
        // All but what OpenZeppelin compiled.
        const own = Object.values(first.record.contracts).filter(({ solc }) => solc === "0.8.37");
        expect(shown!.verified).to.equal(own.length - 1);
        expect(asked.size).to.equal(own.length);
      } finally {
        console.log = log;
        if (apiUrl === undefined) delete sourcify.apiUrl;
        else sourcify.apiUrl = apiUrl;
        await there.close();
        explorer.closeAllConnections();
        explorer.close();
      }
    });
  });

  describe("a deployment that is interrupted", () => {
    it("goes on whatever the line did, and sends nothing twice", async () => {
      const line = await openLine();
      const folder = scratch();
      const options = { ...here(folder), parameters: writeParameters(folder, { chainId: CHAIN, [GLOBAL]: addresses }) };
      const journal = journalOf(join(folder, "ignition", `chain-${CHAIN}`));
      const run = async (): Promise<DeployOutcome> =>
        deployCity({ ...options, connect: line.connect([DEPLOYER], { timeout: 5_000 }) });
      const again = /did not answer .*Run the same command again when it does: it goes on where it stopped\./;

      line.break(3, "before");
      expect(await faultOf(run())).to.match(again);
      line.break(9, "behind");
      expect(await faultOf(run())).to.match(again);
      line.break(20, "silence");
      expect(await faultOf(run())).to.match(again);
      // As if the process had ended in the middle of a line.
      appendFileSync(journal, '\n{"futureId":"Energy#EnergyMar');

      const { record, handover, mended } = await run();
      expect([mended!.found, mended!.unsent > 0, mended!.failed]).to.deep.equal([0, true, 0]);
      expect([record.module, record.deployer]).to.deep.equal(["LiveCity", DEPLOYER.address]);
      const connection = await line.connect()("localhost");
      try {
        const { ethers } = connection;
        // Each transaction of the deployer is one of the deployment.
        expect(await ethers.provider.getTransactionCount(DEPLOYER.address)).to.equal(record.transactions);
        const manager = AccessManager__factory.connect(record.addresses.manager, ethers.provider);
        for (const { id, body, holder } of Object.values(record.roles)) {
          expect(holder).to.equal(addresses[body]);
          expect((await manager.hasRole(id, holder))[0]).to.equal(body !== "admin");
          expect((await manager.hasRole(id, DEPLOYER.address))[0]).to.equal(false);
        }

        // The admin's turn: the same command with its own key.
        expect([handover, record.admin.accepted]).to.deep.equal(["waiting", false]);
        const standing = / The city stands all the same, as \S*31337\.json says\.$/;
        const penniless = await errorOf(deployCity({ ...options, connect: line.connect([ADMIN]) }));
        expect(penniless.message).to.match(/ cannot pay for its next transaction .* run the same command again/);
        expect(penniless.message).to.match(standing);
        expect([penniless.stands, penniless.exitCode]).to.deep.equal([true, 1]);
        await connection.networkHelpers.setBalance(ADMIN.address, 10n ** 18n);
        const closed = await errorOf(deployCity({ ...options, connect: closedDoor(line) }));
        expect(closed.message).to.match(
          /^The admin 0x\w{40} could not take over by AdminHandover at 0x\w{40} \(AcceptAdmin#AdminHandover\.accept: .*AdminHandoverNotAdmin.*\)\. Mend what it says /,
        );
        expect(closed.message).to.match(standing);
        expect(closed.exitCode).to.equal(1);
        const before: unknown = await connection.provider.request({ method: "evm_snapshot" });
        const file = join(folder, "deployments", `${CHAIN}.json`);
        const text = readFileSync(file, "utf8");
        const { executionDelay } = record.roles.ADMIN;
        const other = { ...record, roles: { ...record.roles, ADMIN: { ...record.roles.ADMIN, executionDelay: 1 } } };
        writeFileSync(file, JSON.stringify(other));
        const unfit = await errorOf(deployCity({ ...options, connect: line.connect([ADMIN]) }));
        expect(unfit.message).to.match(
          /^After the hand-over the admin .* does not administer .* as the record says\. .*--reset\.$/,
        );
        expect(unfit.exitCode).to.equal(2);
        await connection.provider.request({ method: "evm_revert", params: [before] });
        writeFileSync(file, text);
        const taken = await deployCity({ ...options, connect: line.connect([ADMIN]) });
        expect([taken.deployed, taken.handover, taken.record.admin.accepted]).to.deep.equal([false, "accepted", true]);
        expect([...(await manager.hasRole(roles.ADMIN.id, ADMIN.address))]).to.deep.equal([
          true,
          BigInt(executionDelay),
        ]);
      } finally {
        await connection.close();
      }
    });

    it("tries a step anew once what it failed for is mended", async () => {
      const line = await openLine();
      const folder = scratch();
      const run = async (redemptionFeeBp: number): Promise<DeployOutcome> =>
        deployCity({
          ...here(folder),
          parameters: writeParameters(folder, { [GLOBAL]: { redemptionFeeBp } }),
          connect: line.connect(),
        });
      expect(await faultOf(run(60_000))).to.match(
        /Step Rewards#Redemption failed on network localhost .*the step is tried anew/,
      );
      const { mended, deployed } = await run(100);
      expect([mended!.found, mended!.unsent > 0, mended!.failed]).to.deep.equal([0, true, 0]);
      expect(deployed).to.equal(true);
    });
  });

  describe("a deployment that is half done, by somebody without coins on a chain where gas is free", () => {
    const planned = { chainId: CHAIN, [GLOBAL]: { ...addresses, adminDelay: 5 } };
    let line: Line;
    let original: string;
    let folder: string;
    let connection: Connection;
    let snapshot: unknown;

    before(async () => {
      line = await openLine({ initialBaseFeePerGas: 0 });
      original = scratch();
      // Roles are set up by then, and the deployer still has its own.
      const { selector } = Credentials__factory.createInterface().getFunction("registerType");
      line.breakAt(concat([selector, typeIdOf("RESIDENT")]));
      folder = original;
      expect(await faultOf(run())).to.contain("did not answer");
      connection = await line.connect([PENNILESS])("localhost");
    });

    beforeEach(async () => {
      folder = scratch();
      cpSync(original, folder, { recursive: true });
      snapshot = await connection.provider.request({ method: "evm_snapshot" });
    });

    afterEach(async () => {
      await connection.provider.request({ method: "evm_revert", params: [snapshot] });
    });

    after(async () => connection.close());

    const run = async (parameters: object = planned, key = PENNILESS): Promise<DeployOutcome> =>
      deployCity({
        ...here(folder),
        parameters: writeParameters(folder, parameters),
        connect: line.connect([key]),
      });

    /** Where a contract stands by now. */
    const standing = (step: string): string => {
      const file = join(folder, "ignition", `chain-${CHAIN}`, "deployed_addresses.json");
      return (JSON.parse(readFileSync(file, "utf8")) as Record<string, string>)[step]!;
    };
    /** What the deployer's key signs besides. */
    const free = { maxFeePerGas: 0, maxPriorityFeePerGas: 0 };
    const hasRecord = (): boolean => existsSync(join(folder, "deployments", `${CHAIN}.json`));

    it("is ended by the same command", async () => {
      const { deployed, handover, record } = await run();
      expect([deployed, handover, record.deployer]).to.deep.equal([true, "waiting", PENNILESS.address]);
      expect(await connection.ethers.provider.getBalance(PENNILESS.address)).to.equal(0n);
      expect(record.roles.ADMIN.executionDelay).to.equal(5);
    });

    it("is ended after an end in which an earlier transaction was still waited for", async () => {
      const file = journalOf(join(folder, "ignition", `chain-${CHAIN}`));
      const lines = readFileSync(file, "utf8").split("\n");
      const isAfter = (line: string): boolean =>
        line.includes('"Waste#RecyclingCertificates"') &&
        /"TRANSACTION_CONFIRM"|"DEPLOYMENT_EXECUTION_STATE_COMPLETE"/.test(line);
      expect(lines.filter(isAfter)).to.have.length(2);
      writeFileSync(file, lines.filter((line) => !isAfter(line)).join("\n"));
      expect((await run()).deployed).to.equal(true);
    });

    it("is not gone on with by other parameters or another account", async () => {
      const other = { ...planned, [GLOBAL]: { ...addresses, adminDelay: 6 } };
      expect(await faultOf(run(other))).to.match(/was begun with other parameters.*AdminHandover.*--reset/);
      expect(await faultOf(run(planned, SECOND))).to.match(/was begun with .* another account .*--reset/);
      expect(hasRecord()).to.equal(false);
    });

    it("does not end well if somebody else used the deployer's powers meanwhile", async () => {
      const [signer] = await connection.ethers.getSigners();
      const manager = AccessManager__factory.connect(standing("Authority#AccessManager"), signer);
      const ecoToken = EcoToken__factory.connect(standing("Rewards#EcoToken"), signer);
      const acts = [
        ["Authority#AccessManager", async () => manager.grantRole(roles.MINTER.id, STRANGER, 0, free)],
        ["Rewards#EcoToken", async () => ecoToken.setRights(STRANGER, 1, free)],
      ] as const;
      for (const [step, act] of acts) {
        const before: unknown = await connection.provider.request({ method: "evm_snapshot" });
        cpSync(join(original, "ignition"), join(folder, "ignition"), { recursive: true });
        const { hash } = await act();
        const fault = await faultOf(run());
        expect(fault).to.match(
          new RegExp(`^Transaction ${hash} in block .* who may do what at ${standing(step)}, .*--reset`),
        );
        expect(hasRecord()).to.equal(false);
        await connection.provider.request({ method: "evm_revert", params: [before] });
      }
    });

    it("cannot be ended by who lost the role for it", async () => {
      const [signer] = await connection.ethers.getSigners();
      const manager = AccessManager__factory.connect(standing("Authority#AccessManager"), signer);
      await manager.renounceRole(roles.ADMIN.id, PENNILESS.address, free);
      expect(await faultOf(run())).to.match(
        /^The account that deploys lacks the role that step City#handOver takes on network localhost \(.*\), .*--reset\.$/,
      );
    });
  });

  describe("the journal", () => {
    const sender = DEPLOYER.address;
    const other = { type: "DEPLOYMENT_INITIALIZE", chainId: CHAIN };
    const begun = {
      type: "DEPLOYMENT_EXECUTION_STATE_INITIALIZE",
      futureId: "A#B",
      from: sender,
    };
    const asked = {
      type: "NETWORK_INTERACTION_REQUEST",
      futureId: "A#B",
      networkInteraction: { id: 1, data: "0x6000", type: "ONCHAIN_INTERACTION" },
    };
    const announced = { type: "TRANSACTION_PREPARE_SEND", futureId: "A#B", networkInteractionId: 1, nonce: 7 };

    /** A chain of ten blocks, one transaction each, of which the eighth has the number 7. */
    const chain = (input: string, latest = 10, remembers = 4) => ({
      request: async ({ method, params = [] }: { method: string; params?: unknown }): Promise<unknown> => {
        const [at, tag] = params as [string, string];
        if (method === "eth_blockNumber") return "0xa";
        if (method === "eth_getTransactionCount") {
          if (tag === "latest" || tag === "pending") return `0x${latest.toString(16)}`;
          if (Number(tag) < remembers) throw new Error("missing trie node");
          return tag;
        }
        const transaction = { hash: `0x${at.slice(2)}`, from: sender, to: null, nonce: "0x7", input, gasPrice: "0x5" };
        return { transactions: at === "0x8" ? [transaction] : [] };
      },
    });

    async function mend(messages: readonly unknown[], provider: ReturnType<typeof chain>) {
      const folder = scratch();
      writeFileSync(journalOf(folder), messages.map((message) => `\n${JSON.stringify(message)}`).join(""));
      const mended = await mendJournal(folder, provider);
      const text = readFileSync(journalOf(folder), "utf8").trim();
      return { mended, messages: text.split("\n").map((one) => JSON.parse(one) as unknown) };
    }

    it("is told of a transaction that reached the chain", async () => {
      const { mended, messages } = await mend([begun, asked, announced], chain("0x6000"));
      expect(mended).to.deep.equal({ found: 1, unsent: 0, failed: 0 });
      expect(messages).to.deep.equal([
        begun,
        asked,
        announced,
        {
          type: "TRANSACTION_SEND",
          futureId: "A#B",
          networkInteractionId: 1,
          nonce: 7,
          transaction: { fees: { gasPrice: { _kind: "bigint", value: "5" } }, hash: "0x8" },
        },
      ]);
    });

    it("forgets what never got there, and a number that another transaction took", async () => {
      for (const provider of [chain("0x6000", 7), chain("0x6001")]) {
        const { mended, messages } = await mend([other, begun, asked, announced], provider);
        expect(mended).to.deep.equal({ found: 0, unsent: 1, failed: 0 });
        expect(messages).to.deep.equal([other]);
      }
    });

    it("forgets a step whose transaction failed", async () => {
      const sent = { type: "TRANSACTION_SEND", futureId: "A#B", networkInteractionId: 1, nonce: 7 };
      const failed = {
        type: "DEPLOYMENT_EXECUTION_STATE_COMPLETE",
        futureId: "A#B",
        result: { type: "REVERTED_TRANSACTION" },
      };
      const { mended, messages } = await mend([other, begun, asked, announced, sent, failed], chain("0x6000"));
      expect(mended).to.deep.equal({ found: 0, unsent: 0, failed: 1 });
      expect(messages).to.deep.equal([other]);
    });

    it("is rid of a line that was cut short, whatever was in it", async () => {
      const sent = { type: "TRANSACTION_SEND", futureId: "A#B", networkInteractionId: 1, nonce: 7 };
      const folder = scratch();
      const whole = [begun, asked, announced, sent].map((message) => `\n${JSON.stringify(message)}`).join("");
      writeFileSync(journalOf(folder), `${whole}\n{"futureId":"A#B","receipt":{`);
      expect(await mendJournal(folder, chain("0x6000"))).to.deep.equal({ found: 0, unsent: 0, failed: 0 });
      expect(readFileSync(journalOf(folder), "utf8")).to.equal(whole);
    });

    it("is not told twice of a transaction that was to be sent again with a higher fee", async () => {
      const sent = {
        ...{ type: "TRANSACTION_SEND", futureId: "A#B", networkInteractionId: 1, nonce: 7 },
        transaction: { fees: {}, hash: "0x8" },
      };
      const { mended, messages } = await mend([begun, asked, announced, sent, announced], chain("0x6000"));
      expect(mended).to.deep.equal({ found: 0, unsent: 0, failed: 0 });
      expect(messages).to.deep.equal([begun, asked, announced, sent]);
    });

    it("is told of a transaction from before what the node remembers, and does not guess where it finds none", async () => {
      const { mended } = await mend([begun, asked, announced], chain("0x6000", 10, 10));
      expect(mended).to.deep.equal({ found: 1, unsent: 0, failed: 0 });
      const confirmed = { type: "TRANSACTION_CONFIRM", futureId: "A#A", receipt: { blockNumber: 9 } };
      expect(await faultOf(mend([confirmed, begun, asked, announced], chain("0x6000", 10, 10)))).to.match(
        /^Transaction 7 of 0x\w{40}, which an earlier run may have sent, is in none of the blocks 9 to 10, .*archive node/,
      );
    });

    it("waits again for what it had given up", async () => {
      const sent = { type: "TRANSACTION_SEND", futureId: "A#B", networkInteractionId: 1, nonce: 7 };
      const gaveUp = { type: "ONCHAIN_INTERACTION_TIMEOUT", futureId: "A#B", networkInteractionId: 1 };
      const { messages } = await mend([begun, asked, announced, sent, gaveUp], chain("0x6000"));
      expect(messages).to.deep.equal([begun, asked, announced, sent]);
    });

    it("is not guessed where it is broken", async () => {
      const folder = scratch();
      writeFileSync(journalOf(folder), '\n{"type\n{"type":"RUN_START"}');
      expect(await faultOf(mendJournal(folder, chain("0x")))).to.match(/Line 2 of .* is no JSON/);
    });
  });

  describe("what is told at the end", () => {
    const outcome = (chainId: number, more: Partial<DeployOutcome> = {}): DeployOutcome => ({
      record: {
        ...{ chainId, module: "LiveCity", block: 9, transactions: 5, gas: 1 },
        admin: { account: ADMIN.address, handover: STRANGER, accepted: false },
      } as DeploymentRecord,
      ...{ file: `deployments/${chainId}.json`, journal: `ignition/deployments/chain-${chainId}` },
      ...{ deployed: true, handover: "waiting", verified: [], setAside: [] },
      ...more,
    });

    it("names the record and, of a public chain, what is left to do with it", () => {
      const city = `The city stands on chain ${CHAIN} since block 9 (LiveCity, 5 transactions, 1 million gas).`;
      const taken = `The admin ${ADMIN.address} has taken over.`;
      const record = (chain: number): string =>
        `Record: deployments/${chain}.json, with the addresses that connectCity takes.`;
      expect(linesOf(outcome(CHAIN, { handover: "accepted" }))).to.deep.equal([city, taken, record(CHAIN)]);
      expect(linesOf(outcome(SEPOLIA)).slice(1)).to.deep.equal([
        `Next step: the admin ${ADMIN.address} takes over, by this command with its key as CIVITAS_KEY, ` +
          `or by calling accept() of AdminHandover at ${STRANGER}.`,
        record(SEPOLIA),
        "Next step: commit deployments/11155111.json and ignition/deployments/chain-11155111, and list the record in " +
          "sdk/deployments.ts, so that connectCity finds the city by its chain's id.",
      ]);
    });

    it("says that nothing is left of a rehearsal", () => {
      const { record, deployed, handover, verified, setAside } = outcome(CHAIN, { handover: "accepted" });
      expect(linesOf({ record, deployed, handover, verified, setAside }).at(-1)).to.equal(
        "The chain ended with this rehearsal; nothing was written.",
      );
    });

    it("is one sentence with its cause where nobody foresaw it, and exit code 2", async () => {
      const line = await openLine();
      const folder = scratch();
      const file = join(folder, "file");
      writeFileSync(file, "");
      const error = await errorOf(deployCity({ ...here(folder), journals: file, connect: line.connect() }));
      expect(error.message).to.match(
        /^What nobody foresaw ended the run on network localhost \(E\w+: .*\)\. Mend what it says and run the same command again/,
      );
      expect([error.stands, error.exitCode]).to.deep.equal([undefined, 2]);
      const inner = new Error("connect EACCES 10.0.0.1:8545");
      expect(inWords(new TypeError("fetch failed", { cause: inner }), "besu").message).to.contain(
        "(fetch failed; connect EACCES 10.0.0.1:8545)",
      );
      expect(inWords(new RangeError(), "besu").message).to.contain("(RangeError)");
      expect(inWords("a word", "besu").message).to.contain("(a word)");
    });

    it("is exit code 2 of the command, and no stack", () => {
      const script = join(root, "scripts", "deploy.ts");
      const args = ["--import", "tsx", script, "--network", "localhost", "--parameters", scratch()];
      const { status, stderr, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
      expect([status, stdout]).to.deep.equal([2, ""]);
      expect(stderr.trim().split("\n"), stderr).to.have.length(1);
    });

    it("has the reason of each kind of end that Ignition knows", () => {
      const none = { started: [], timedOut: [], held: [], failed: [], successful: [] };
      const type = DeploymentResultType.EXECUTION_ERROR;
      const failed = [{ futureId: "A#b", networkInteractionId: 1, error: "Reverted with No()\nat line 5" }];
      expect(reasonOf({ ...none, type, failed })).to.equal("A#b: Reverted with No()");
      const timedOut = [{ futureId: "A#b", networkInteractionId: 1 }];
      expect(reasonOf({ ...none, type, timedOut })).to.equal("A#b: its transaction is in no block yet");
      const errors = { "A#c": ["it is no address."] };
      expect(reasonOf({ type: DeploymentResultType.VALIDATION_ERROR, errors })).to.equal("A#c: it is no address");
    });
  });

  describe("what is told before anything is sent", () => {
    const deploy = async (options: DeployOptions): Promise<DeployOutcome> =>
      deployCity({ ...here(scratch()), ...options });

    it("a network that the configuration does not have", async () => {
      expect(await faultOf(openNetwork("sepolja"))).to.equal(
        "hardhat.config.ts has no network sepolja. Name one of localhost, sepolia, opSepolia, arbitrumSepolia, besu " +
          "after --network, or add it there.",
      );
    });

    it("a variable that is not set, and only for the network that needs it", async () => {
      expect(await faultOf(deploy({ network: "opSepolia" }))).to.match(
        /^Network opSepolia needs the variable OP_SEPOLIA_RPC_URL, which is not set\. .*npm run keystore -- set OP_SEPOLIA_RPC_URL/,
      );
    });

    it("a node that does not answer", async () => {
      const connect = async (): Promise<Connection> =>
        network.create({ network: "localhost", override: { url: "http://127.0.0.1:9" } });
      expect(await faultOf(deploy({ connect }))).to.match(
        /^The node of network localhost did not answer .*Run the same command again/,
      );
    });

    it("a chain that is not the configuration's or the file's", async () => {
      const line = await openLine();
      expect(await faultOf(deploy({ connect: line.connect(undefined, { chainId: 5 }) }))).to.match(
        /^Network localhost is chain 5 in hardhat.config.ts, but its node is of chain 31337\. /,
      );
      const parameters = writeParameters(scratch(), { chainId: SEPOLIA });
      expect(await faultOf(deploy({ parameters, connect: line.connect() }))).to.match(
        /city.json is meant for chain 11155111, but network localhost is chain 31337\. /,
      );
    });

    it("an empty balance, with what is needed", async () => {
      const line = await openLine();
      const parameters = writeParameters(scratch(), { [GLOBAL]: addresses });
      const fault = await faultOf(deploy({ parameters, connect: line.connect([PENNILESS]) }));
      expect(fault).to.contain(`${PENNILESS.address} has 0.0 ETH on network localhost, and the deployment takes 1`);
      expect(fault).to.match(
        / takes 1\d\d million gas: 0\.\d+ ETH at [\d.]+ gwei\. Send it 0\.\d+ ETH, .* run the same command again\.$/,
      );
    });

    it("a node that refuses, in its words", async () => {
      const line = await openLine();
      const connect = async (): Promise<Connection> => {
        const connection = await line.connect()("localhost");
        const request = connection.provider.request.bind(connection.provider);
        connection.provider.request = async (call): Promise<unknown> =>
          request(call.method === "eth_getBalance" ? { method: "eth_unheardOf" } : call);
        return connection;
      };
      expect(await faultOf(deploy({ connect }))).to.match(
        /^The node of network localhost refused what it was asked \(.*eth_unheardOf.*\)\. .* run the same command again/,
      );
    });

    it("addresses that are missing", async () => {
      const line = await openLine();
      const connect = line.connect([DEPLOYER]);
      expect(await faultOf(deploy({ connect }))).to.match(
        /Name an address for each of admin, guardian, .* --parameters/,
      );
      const others = Object.fromEntries(Object.entries(addresses).filter(([body]) => body !== "auditor"));
      const parameters = writeParameters(scratch(), { [GLOBAL]: others });
      expect(await faultOf(deploy({ parameters, connect }))).to.match(
        /city.json names no address for auditor\. Add it under "\$global"\.$/,
      );
    });
  });

  describe("gas", () => {
    const reckoned = async (gas: bigint, method = "eth_estimateGas"): Promise<unknown> =>
      withMargin({ request: async () => Promise.resolve(`0x${gas.toString(16)}`) }).request({ method });

    it("is a tenth more than a node reckons, but no more than a transaction can have", async () => {
      expect(BigInt((await reckoned(1_000_000n)) as string)).to.equal(1_100_000n);
      expect(BigInt((await reckoned(16_000_000n)) as string)).to.equal(16_777_216n);
      // Beyond it the chain decides.
      expect(BigInt((await reckoned(20_000_000n)) as string)).to.equal(22_000_000n);
      expect(await reckoned(1_000_000n, "eth_call")).to.equal("0xf4240");
    });
  });

  describe("parameters", () => {
    const withGlobal = (table: object) => ({ file: "city.json", values: { [GLOBAL]: { ...table } } });

    it("choose the module", () => {
      expect(chooseModule({ values: {} }, bodies.length)).to.equal("City");
      expect(chooseModule(withGlobal({ admin: ADMIN.address }), bodies.length)).to.equal("City");
      expect(chooseModule(withGlobal(addresses), bodies.length)).to.equal("LiveCity");
      expect(chooseModule({ values: {} }, bodies.length - 1)).to.equal("LiveCity");
      expect(chooseModule(withGlobal({ settlementToken: ADMIN.address }), bodies.length)).to.equal("LiveCityWithToken");
    });

    const faults: [string, object, RegExp][] = [
      [
        "a misspelt name",
        { admindelay: 5 },
        /has "admindelay" under "\$global", which nothing takes\. Write adminDelay\./,
      ],
      ["an unknown name", { colour: 5 }, /has "colour" .* There is accreditor, admin, adminDelay, /],
      ["no address", { ...addresses, steward: "0x12" }, /^steward in city.json is "0x12", which is no address\./],
      ["nobody's address", { ...addresses, steward: ZeroAddress }, /^steward .*, which is nobody's address\. /],
      [
        "an address of banks",
        { ...addresses, steward: getIcapAddress(STRANGER) },
        /^steward .*, which is no address\./,
      ],
      [
        "an address without its checksum",
        { ...addresses, steward: STRANGER.toLowerCase() },
        /^steward .*, without the capitals that tell a wrong digit\. Copy it .*EIP-55/,
      ],
      [
        "an address with a wrong digit",
        { ...addresses, steward: STRANGER.replace(/.$/, (digit) => (digit === "1" ? "2" : "1")) },
        /^steward .*, whose capitals say that a digit is wrong\. Copy it anew/,
      ],
      [
        "the token as a body",
        { ...addresses, steward: STRANGER, settlementToken: STRANGER },
        /^steward .*, which is the settlementToken\./,
      ],
      [
        "the deployer as a body",
        { ...addresses, steward: DEPLOYER.address },
        /^steward .* is the account that deploys\./,
      ],
    ];
    for (const [what, table, message] of faults) {
      it(`refuse ${what}`, () => {
        expect(
          faultIn(() => {
            const parameters = withGlobal(table);
            checkParameters(parameters, chooseModule(parameters, 1), DEPLOYER.address);
          }),
        ).to.match(message);
      });
    }

    it("refuse the table of a module that is none, or does not take the name", () => {
      const check = (values: Record<string, Record<string, number>>) => () => {
        checkParameters({ file: "city.json", values }, "City", DEPLOYER.address);
      };
      expect(faultIn(check({ Enerjy: { horizon: 4 } }))).to.match(/has a table "Enerjy", and there is no such module/);
      expect(faultIn(check({ Energy: { adminDelay: 4 } }))).to.match(/has "adminDelay" under "Energy"/);
      check({ Energy: { horizon: 4 } })();
    });

    it("refuse an address under a module, where it would take the place of the one that is checked and recorded", () => {
      const named: [string, string][] = [
        ["Authority", "admin"],
        ["City", "steward"],
        ["Energy", "supplier"],
        ["Finance", "settlementToken"],
        ["Rewards", "treasury"],
      ];
      for (const [module, key] of named) {
        const values = { [GLOBAL]: { ...addresses, settlementToken: STRANGER }, [module]: { [key]: STRANGER } };
        expect(
          faultIn(() => {
            checkParameters({ file: "city.json", values }, "LiveCityWithToken", DEPLOYER.address);
          }),
        ).to.equal(
          `city.json has ${key} under "${module}". Addresses stand under "$global" alone: move it there, and run again.`,
        );
      }
    });

    it("name a token that is one, and amounts in its units", async () => {
      const line = await openLine();
      const connection = await line.connect()("localhost");
      const check = async (table: object): Promise<void> =>
        checkToken(
          connection.provider,
          "localhost",
          DEPLOYER.address,
          withGlobal({ ...table, settlementToken: STRANGER }),
        );
      const place = async (code: string): Promise<unknown> =>
        connection.provider.request({ method: "hardhat_setCode", params: [STRANGER, code] });
      try {
        expect(await faultOf(check({}))).to.match(
          /^settlementToken in city.json is 0x\w{40}, where no contract stands on network localhost\. /,
        );
        // A contract that answers nothing, and such that answer every question by 18 and by 6.
        await place("0x00");
        expect(await faultOf(check({}))).to.match(/, which is no ERC-20: it does not answer totalSupply\. /);
        await place("0x60125f5260205ff3");
        expect(await faultOf(check({ supplierFloor: 5 }))).to.match(
          /, which has 18 decimals, .* Set readingBond, readingPenalty in its smallest units/,
        );
        await check({ supplierFloor: 5, readingBond: 5, readingPenalty: 5 });
        await place("0x60065f5260205ff3");
        await check({});
      } finally {
        await connection.close();
      }
    });

    it("ask for the token's module all that it needs", () => {
      const fault = faultIn(() => {
        checkParameters(withGlobal({ settlementToken: ADMIN.address }), "LiveCityWithToken", DEPLOYER.address);
      });
      expect(fault).to.match(/^city.json names no address for admin, guardian, /);
    });

    it("are read from a file that is there and is JSON", async () => {
      const folder = scratch();
      expect(await faultOf(readParameters(join(folder, "none.json")))).to.match(
        /^There is no file .*docs\/networks.md/,
      );
      writeFileSync(join(folder, "bad.json"), "{ $global: ");
      expect(await faultOf(readParameters(join(folder, "bad.json")))).to.match(
        /cannot be read as JSON \(.+\)\. Mend it/,
      );
      writeFileSync(join(folder, "list.json"), "[]");
      expect(await faultOf(readParameters(join(folder, "list.json")))).to.contain("is no table of parameters");
      writeFileSync(join(folder, "flat.json"), '{ "adminDelay": 5 }');
      expect(await faultOf(readParameters(join(folder, "flat.json")))).to.contain('"adminDelay" in');
      writeFileSync(join(folder, "chain.json"), '{ "chainId": "five" }');
      expect(await faultOf(readParameters(join(folder, "chain.json")))).to.contain("which is no chain's id");
      writeFileSync(
        join(folder, "big.json"),
        '{ "chainId": 5, "Rewards": { "rewardYearCap": "20000000000000000000n" } }',
      );
      expect(await readParameters(join(folder, "big.json"))).to.deep.equal({
        file: join(folder, "big.json"),
        chainId: 5n,
        values: { Rewards: { rewardYearCap: 20_000_000_000_000_000_000n } },
      });
    });
  });

  describe("explorers", () => {
    it("are those that know the chain, and whose key is known if they need one", async () => {
      expect(await explorersOf(BigInt(CHAIN))).to.deep.equal([]);
      expect(await explorersOf(987_654_321n)).to.deep.equal([]);
      expect(await explorersOf(BigInt(SEPOLIA))).to.deep.equal(["blockscout", "sourcify"]);
    });

    it("are told the compiler by the code itself", () => {
      expect(solcOf("0x6000a164736f6c6343000825000a")).to.equal("0.8.37");
      expect(solcOf("0x6000")).to.equal(undefined);
    });
  });

  describe("the costs of a million people", () => {
    const figures = JSON.parse(readFileSync(new URL("../../bench/gas.json", import.meta.url), "utf8")) as GasFigures;
    const page = "<!-- begin: chains -->\n<!-- end: chains -->\n";

    it("follow the measured gas", () => {
      const tables = networkTables(figures);
      expect(tables.founding).to.contain(measuredGas().toLocaleString("en"));
      const dearer = networkTables({ ...figures, "energy.submitDay250": { gas: 1, perItem: 100_000 } });
      expect(dearer.year).to.not.equal(tables.year);
      expect(dearer.chains).to.not.equal(tables.chains);
      expect(() => networkTables({ ...figures, "reward.claim17": undefined })).to.throw("no figure reward.claim17");
    });

    it("have a place in the page, and the page no place beside", () => {
      expect(fillPage(page, { chains: "| a |" })).to.equal("<!-- begin: chains -->\n\n| a |\n\n<!-- end: chains -->\n");
      expect(() => fillPage(page, {})).to.throw("nothing computes the part chains");
      expect(() => fillPage("", { chains: "" })).to.throw("no place for chains");
    });
  });
});
