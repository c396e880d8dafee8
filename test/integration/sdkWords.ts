/** What the SDK says of errors, events and records of deployments. */
import { expect } from "chai";
import {
  AbiCoder,
  BrowserProvider,
  concat,
  type EventFragment,
  Interface,
  type InterfaceAbi,
  makeError,
  type ParamType,
  toBeHex,
  ZeroAddress,
  ZeroHash,
} from "ethers";
import hre, { network } from "hardhat";

import {
  checkDeployment,
  connectCity,
  connectDeployment,
  decodeLogs,
  DeploymentError,
  explainError,
  explainRevert,
  LeaseState,
  readDeployment,
} from "../../sdk/index.js";
import { errors, events } from "../../sdk/natspec.js";
import {
  AccessManager__factory,
  BatteryLease__factory,
  BatteryPack__factory,
  CityEuro__factory,
} from "../../typechain-types/index.js";
import { leasingCity, offerOf, startLease } from "./utils/leasing.js";
import { recordOf } from "./utils/package.js";

const { networkHelpers, ...connection } = await network.create();
const lease = BatteryLease__factory.createInterface();

/** Everything that is deployed or linked: the suite without its test doubles, and what it brings of packages. */
async function interfaces(): Promise<Map<string, Interface>> {
  const names = [...(await hre.artifacts.getAllFullyQualifiedNames())].filter(
    (name) => /^(contracts\/(?!mocks)|@openzeppelin\/)/.test(name) && !name.includes(".t.sol"),
  );
  const found = new Map<string, Interface>();
  for (const name of names)
    found.set(name, new Interface((await hre.artifacts.readArtifact(name)).abi as InterfaceAbi));
  return found;
}

/** Some value of a type, different by its place. */
function some(type: ParamType, place: number): unknown {
  if (type.arrayChildren !== null) {
    const length = Math.max(type.arrayLength ?? 2, 0) || 2;
    return Array.from({ length }, (_, index) => some(type.arrayChildren!, place + index));
  }
  if (type.components !== null) return type.components.map((one, index) => some(one, place + index));
  if (type.type === "bool") return true;
  if (type.type === "string") return `text ${place}`;
  if (type.type === "address") return toBeHex(place + 1, 20);
  if (type.type.startsWith("bytes")) return toBeHex(place + 1, Number(type.type.slice("bytes".length) || "3"));
  return BigInt(place);
}

/** How decoded values are without ethers' own types. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return value;
}

describe("Errors in words", () => {
  it("has a sentence for every error of every contract and linked library, with every argument by what it is", async () => {
    const seen = new Set<string>();
    for (const [name, contract] of await interfaces()) {
      contract.forEachError((error) => {
        // Solidity's own are told apart.
        if (error.name === "Error" || error.name === "Panic") return;
        const values = error.inputs.map(some);
        const revert = explainRevert(contract.encodeErrorResult(error, values));
        const label = `${name}: ${error.format()}`;
        expect(revert?.name, label).to.equal(error.name);
        expect(revert?.sentence, label)
          .to.match(/^[A-Z\d].{9,}\.$/s)
          .and.not.match(/undefined|\[object|\.\./);
        expect(revert?.told.length, label).to.equal(error.inputs.length);
        for (const { label: means, text } of revert!.told)
          expect(means.length * text.length, label).to.be.greaterThan(0);
        for (const [index, input] of error.inputs.entries()) {
          if (input.components !== null || (input.arrayChildren?.components ?? null) !== null) continue;
          expect(plain(revert!.told[index]!.value), label).to.deep.equal(values[index]);
        }
        seen.add(error.selector);
      });
    }
    expect(seen.size).to.be.greaterThan(450);
    const others = Object.entries(errors).filter(([selector]) => !seen.has(selector));
    // The timelock's come as a package's build, which is no artifact here.
    expect(others.filter(([, { fragment }]) => !/^error (Timelock|AccessControl)/.test(fragment))).to.deep.equal([]);
  });

  it("tells units, dates, states and roles' holders as the comments name them", () => {
    const tell = (name: string, values: unknown[]): string | undefined =>
      explainRevert(lease.encodeErrorResult(name, values))?.sentence;
    expect(tell("BatteryLeaseWrongState", [3n, LeaseState.Settled])).to.match(/Settled\.$/);
    expect(tell("BatteryLeaseTooEarly", [3n, 1_764_000_000n, 1_764_086_400n])).to.match(
      /1764000000 \(2025-11-24T16:00:00\.000Z\).*1764086400 \(2025-11-25T16:00:00\.000Z\)/,
    );
    expect(tell("BatteryLeaseHealthNotAffected", [3n, 9_200n, 7_000n])).to.match(/7000 basis points\.$/);
    const access = AccessManager__factory.createInterface();
    const missing = access.encodeErrorResult("AccessManagerUnauthorizedAccount", [ZeroAddress, 7n]);
    expect(explainRevert(missing)?.sentence).to.match(/^The account lacks the role that the act asks for\. .*: 7\.$/);
  });

  const data = lease.encodeErrorResult("BatteryLeaseWrongState", [3n, LeaseState.Settled]);
  const shapes: Record<string, unknown> = {
    "ethers' call exception": makeError("execution reverted", "CALL_EXCEPTION", {
      action: "call",
      data,
      reason: null,
      transaction: { to: ZeroAddress, data: "0x12345678" },
      invocation: null,
      revert: null,
    }),
    "ethers around a wallet's fault": makeError("could not coalesce error", "UNKNOWN_ERROR", {
      error: {
        code: -32_603,
        message: "Internal JSON-RPC error.",
        data: { code: 3, message: "execution reverted", data },
      },
    }),
    "geth and anvil": { code: 3, message: "execution reverted", data },
    Hardhat: { code: -32_603, message: "reverted", data: { message: "reverted", txHash: "0x1234", data } },
    Besu: { code: -32_000, message: "Execution reverted", data },
    "a node that puts it in words": { code: -32_015, message: "VM execution error.", data: `Reverted ${data}` },
    "a wallet": { code: -32_603, data: { originalError: { code: 3, data } } },
    "an answer as text": { code: "SERVER_ERROR", info: { responseBody: JSON.stringify({ error: { code: 3, data } }) } },
    "a cause": new Error("it failed", { cause: { data } }),
    "the data itself": data,
  };
  for (const [name, failure] of Object.entries(shapes)) {
    it(`finds the contract's reason in the failure of ${name}`, () => {
      expect(explainError(failure)).to.deep.include({ kind: "revert" });
      expect(explainError(failure).revert).to.deep.include({
        name: "BatteryLeaseWrongState",
        args: { leaseId: 3n, state: LeaseState.Settled },
      });
    });
  }

  it("tells Solidity's own failures, errors of others, and those of interfaces that are handed in", () => {
    const coder = AbiCoder.defaultAbiCoder();
    const panic = concat(["0x4e487b71", coder.encode(["uint256"], [0x32])]);
    expect(explainError({ data: panic }).sentence).to.match(/an index is beyond the end of a list\.$/);
    expect(explainError({ data: concat(["0x08c379a0", coder.encode(["string"], ["no reason"])]) }).sentence).to.equal(
      "The contract says: no reason",
    );
    expect(explainError({ data: "0xdeadbeef" })).to.deep.equal({
      kind: "unknownRevert",
      sentence: "The contract refused the call with an error that is none of the city's: 0xdeadbeef.",
    });
    const mine = new Interface(["error MineTooDeep(uint256 depth)"]);
    const deep = explainRevert(mine.encodeErrorResult("MineTooDeep", [9n]), [mine]);
    expect(deep).to.deep.include({ name: "MineTooDeep", args: { depth: 9n }, sentence: "Mine too deep. Depth: 9." });
    // The right four bytes, and nothing that belongs behind them.
    expect(explainRevert(data.slice(0, 20))).to.equal(undefined);
  });

  it("says what to do about failures that no contract made", () => {
    const kinds = (codes: readonly unknown[]): string[] =>
      codes.map((code) => explainError({ code, message: "m" }).kind);
    expect(kinds(["ACTION_REJECTED", 4001, 4100])).to.deep.equal(["declined", "declined", "declined"]);
    expect(kinds(["INSUFFICIENT_FUNDS", "NONCE_EXPIRED", "BAD_DATA"])).to.deep.equal(["funds", "nonce", "noContract"]);
    expect(kinds(["NETWORK_ERROR", "TIMEOUT", 4900, "ECONNREFUSED"])).to.deep.equal(Array(4).fill("network"));
    expect(explainError({ cause: { code: "ECONNREFUSED" }, message: "fetch failed" }).sentence).to.equal(
      "The node did not answer as it should (fetch failed). Check the connection and, if you sent something, whether it " +
        "arrived; then try again.",
    );
    expect(explainError(new Error("something of one's own"))).to.deep.equal({
      kind: "other",
      sentence: "something of one's own",
    });
    expect(explainError(undefined).sentence).to.equal("Something failed and gave no reason.");
  });

  it("sends nobody twice what was sent and is in no block yet, or is in one with another fee", async () => {
    const request = async ({ method, params = [] }: { method: string; params?: unknown[] }): Promise<unknown> =>
      connection.ethers.provider.send(method, params);
    const [sender] = await connection.ethers.getSigners();
    // A provider of ethers' own, which waits as those of users do.
    const browser = new BrowserProvider({ request }, undefined, { polling: true, cacheTimeout: -1 });
    browser.pollingInterval = 10;
    const signer = await browser.getSigner(sender!.address);
    await request({ method: "evm_setAutomine", params: [false] });
    try {
      const fees = { maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 10n ** 9n, gasLimit: 21_000n };
      const nonce = await sender!.getNonce();
      const first = await signer.sendTransaction({ to: ZeroAddress, value: 1n, nonce, ...fees });
      const waited: unknown = await first.wait(1, 50).catch((error: unknown) => error);
      expect(explainError(waited)).to.deep.equal({
        kind: "sent",
        sentence: "The transaction was sent and is in no block yet. Wait for it: sent again, it may take effect twice.",
      });

      const wait = async (): Promise<unknown> => first.wait(1, 5_000).catch((error: unknown) => error);
      const replaced = wait();
      const more = { maxFeePerGas: 2n * fees.maxFeePerGas, maxPriorityFeePerGas: 2n * fees.maxPriorityFeePerGas };
      const second = await signer.sendTransaction({ to: ZeroAddress, value: 1n, nonce, ...fees, ...more });
      const miner = setInterval(() => void networkHelpers.mine(), 50);
      const { kind, sentence } = explainError(await replaced);
      clearInterval(miner);
      expect([kind, sentence]).to.deep.equal([
        "sent",
        `The account sent the same transaction with another fee, and that one is in a block: ${second.hash}. ` +
          "See what came of it before you try again.",
      ]);
    } finally {
      browser.destroy();
      await request({ method: "evm_setAutomine", params: [true] });
    }
  });

  it("tells a contract that is not there", async () => {
    const nowhere = connectCity({ ...(await city()).addresses, lease: toBeHex(99, 20) }, connection.ethers.provider);
    const failure: unknown = await nowhere.lease.leaseCount().catch((error: unknown) => error);
    expect(explainError(failure).kind).to.equal("noContract");
  });
});

describe("Events in words", () => {
  it("names every event of every contract and linked library, with its arguments", async () => {
    let count = 0;
    for (const [name, contract] of await interfaces()) {
      contract.forEachEvent((event: EventFragment) => {
        const values = event.inputs.map(some);
        const log = contract.encodeEventLog(event, values);
        const [decoded] = decodeLogs([{ ...log, address: ZeroAddress }]);
        const label = `${name}: ${event.format()}`;
        expect(decoded?.name, label).to.equal(event.name);
        expect(decoded?.sentence, label)
          .to.match(/^[A-Z].{5,}\.$/s)
          .and.not.match(/undefined|\[object/);
        for (const [index, { baseType, indexed }] of event.inputs.entries()) {
          const value = decoded!.told[index]!.value;
          if (baseType === "tuple" || baseType === "array") continue;
          if (indexed === true && (baseType === "string" || baseType === "bytes")) expect(value).to.match(/^0x/);
          else expect(value, label).to.deep.equal(values[index]);
        }
        ++count;
      });
    }
    expect(count).to.be.greaterThan(Object.keys(events).length - 1);
  });

  it("tells a receipt's events in order, of which contract each is, and leaves out those of others", async () => {
    const { addresses, city: connected, packId } = await city();
    const [started] = await connected.lease.queryFilter(connected.lease.filters.LeaseStarted(1n));
    const receipt = (await connection.ethers.provider.getTransactionReceipt(started!.transactionHash))!;
    const told = decodeLogs(receipt, addresses);
    expect(told.map(({ logIndex }) => logIndex)).to.deep.equal(receipt.logs.map(({ index }) => index));
    const lent = told.find(({ name }) => name === "LeaseStarted");
    expect(lent).to.deep.include({ contract: "lease", address: addresses.lease });
    expect(lent?.args.packId).to.equal(packId);
    expect((lent?.args.offer as Record<string, unknown>).minSohBp).to.equal(7_000n);
    const paid = told.find(({ contract, name }) => contract === "token" && name === "Transfer");
    expect(Object.keys(paid?.args ?? {})).to.deep.equal(["from", "to", "value"]);
    const onlyPack = decodeLogs(receipt.logs, { ...addresses, lease: ZeroAddress, token: ZeroAddress });
    expect(new Set(onlyPack.map(({ contract }) => contract))).to.deep.equal(new Set(["pack"]));
  });

  it("tells an ERC-721 token's transfer from an ERC-20 token's", () => {
    const transfer = (contract: Interface): string[] => {
      const log = contract.encodeEventLog("Transfer", [ZeroAddress, ZeroAddress, 5n]);
      return Object.keys(decodeLogs([{ ...log, address: ZeroAddress }])[0]!.args);
    };
    expect(transfer(CityEuro__factory.createInterface())).to.deep.equal(["from", "to", "value"]);
    expect(transfer(BatteryPack__factory.createInterface())).to.deep.equal(["from", "to", "tokenId"]);
  });

  it("leaves out what is no event of the suite", () => {
    const { topics } = lease.encodeEventLog("LeaseStarted", [
      1n,
      2n,
      ZeroAddress,
      lease.getEvent("LeaseStarted").inputs[3]!.components!.map(some),
    ]);
    const address = ZeroAddress;
    expect(decodeLogs([{ address, topics, data: "0x" }])).to.deep.equal([]);
    expect(decodeLogs([{ address, topics: [ZeroHash], data: "0x" }])).to.deep.equal([]);
    expect(decodeLogs([{ address, topics: [], data: "0x" }])).to.deep.equal([]);
    expect(decodeLogs(null)).to.deep.equal([]);
  });
});

describe("Records of deployments", () => {
  it("connect to the city that stands, with what else they say", async () => {
    const { addresses } = await city();
    const { provider } = connection.ethers;
    const record = JSON.parse(JSON.stringify(await recordOf(provider, addresses))) as object;
    const { city: connected, deployment } = await connectDeployment(record, provider);
    expect(deployment).to.deep.include({ chainId: 31_337n, firstBlock: 0, addresses });
    expect(await connected.lease.leaseCount()).to.equal(1n);
  });

  it("are refused with the field, its value and what to do", async () => {
    const { addresses } = await city();
    const record = (await recordOf(connection.ethers.provider, addresses)) as Record<string, object>;
    const { census, ...incomplete } = addresses;
    const cases: [field: string, value: unknown, record: unknown][] = [
      ["record", undefined, undefined],
      ["record", 5, 5],
      ["chainId", undefined, {}],
      ["chainId", "1", { ...record, chainId: "1" }],
      ["firstBlock", -1, { ...record, firstBlock: -1 }],
      ["addresses", undefined, { ...record, addresses: undefined }],
      ["addresses.census", undefined, { ...record, addresses: incomplete }],
      ["addresses.census", "0x12", { ...record, addresses: { ...addresses, census: "0x12" } }],
      ["addresses.manager", "", { ...record, addresses: { ...addresses, manager: "" } }],
      ["contracts", [], { ...record, contracts: [] }],
      ["contracts.X.address", "X", { ...record, contracts: { X: { address: "X", codeHash: ZeroHash } } }],
      ["contracts.X.codeHash", "0x", { ...record, contracts: { X: { address: census, codeHash: "0x" } } }],
    ];
    for (const [field, value, wrong] of cases) {
      const fault = faultOf(() => readDeployment(wrong));
      expect(fault, field).to.be.instanceOf(DeploymentError);
      expect((fault as DeploymentError).field).to.equal(field);
      expect((fault as DeploymentError).value, field).to.deep.equal(value);
      expect((fault as DeploymentError).message).to.match(
        / is (?:missing|of another kind|".*")\. Take the file that npm run deploy wrote/,
      );
    }
  });

  it("are refused on another chain, without a provider, and where code is gone or another", async () => {
    const { addresses } = await city();
    const { provider } = connection.ethers;
    const record = (await recordOf(provider, addresses)) as Record<string, unknown>;
    const other = await connectDeployment({ ...record, chainId: 5 }, provider).catch((error: unknown) => error);
    expect(other).to.deep.include({ name: "DeploymentError", field: "chainId", value: 31_337n });
    expect((other as Error).message).to.match(/on chain 31337, but the record is of chain 5\. Switch .* to chain 5/);
    const offline = await connectDeployment(record, { provider: null }).catch((error: unknown) => error);
    expect(offline).to.deep.include({ field: "provider", value: null });
    const deployment = readDeployment(record);
    for (const [code, fault] of [
      ["0x", "no code"],
      ["0x00", "other code"],
    ] as const) {
      const stale = await networkHelpers.takeSnapshot();
      await networkHelpers.setCode(addresses.census, code);
      const failure: unknown = await checkDeployment(deployment, provider).catch((error: unknown) => error);
      expect(failure).to.deep.include({ field: "census", value: addresses.census });
      expect((failure as Error).message).to.match(new RegExp(`^Chain 31337 has ${fault} at .* census stands\\.`));
      await stale.restore();
    }
    await checkDeployment(deployment, provider);
    // An address that was changed by hand, to that of something else that stands.
    const elsewhere = {
      ...deployment.addresses,
      census: await (await (await connection.ethers.getContractFactory("Identities")).deploy()).getAddress(),
    };
    const changed: unknown = await checkDeployment({ ...deployment, addresses: elsewhere }, provider).catch(
      (error: unknown) => error,
    );
    expect(changed).to.deep.include({ field: "census", value: elsewhere.census });
    expect((changed as Error).message).to.match(/ has code without a hash in the record at .* census stands\./);
  });
});

/** A city with a lease. */
async function city() {
  return networkHelpers.loadFixture(townWithLease);
}

async function townWithLease() {
  const scene = await leasingCity({ networkHelpers, ...connection });
  await startLease(scene, await offerOf(scene));
  return scene;
}

function faultOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
