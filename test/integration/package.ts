import { expect } from "chai";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Interface, type InterfaceAbi } from "ethers";
import { network } from "hardhat";

import { EnergyOrders__factory, EnergySettlement__factory } from "../../typechain-types/index.js";
import { leasingCity, offerOf, startLease, terms } from "./utils/leasing.js";
import { compile, type Consumer, makeConsumer, neededBy, recordOf, root, run, served } from "./utils/package.js";

/** The package as another project gets it: packed, unpacked, type-checked and used against a city on a chain. */

/** What the archive may take: a web page's author waits for it, and so does every build. */
const MOST_BYTES = 2_000_000;

/** What another project writes that uses every entry. Its arguments: address of the chain, addresses of the city, pack, parties. */
const EVERYTHING = `
import { buildOffer, type CityAddresses, connectCity, LeaseState, offerHash, signOffer, signPermit } from "civitas";
import { clearInterval, type Tariff } from "civitas/energy";
import { Identity, parseDid } from "civitas/identity";
import * as importers from "civitas/importers";
import { packRanking } from "civitas/participation";
import { earnedDown } from "civitas/rewards";
import { LotLedger, wasteCode } from "civitas/waste";
import { JsonRpcProvider } from "ethers";

const [url = "", addresses = "{}", packId = "0", lessorAddress = "", lesseeAddress = ""] = process.argv.slice(2);
const provider = new JsonRpcProvider(url);
const city = connectCity(JSON.parse(addresses) as CityAddresses, provider);
const lessor = await provider.getSigner(lessorAddress);
const lessee = await provider.getSigner(lesseeAddress);

const day = 86_400n;
const offer = buildOffer({
  packId: BigInt(packId),
  lessor: lessor.address,
  rent: 5n,
  deposit: 7n,
  period: 30n * day,
  periods: 12n,
  grace: 5n * day,
  claimWindow: 7n * day,
  arbiterWindow: 30n * day,
  deadline: (1n << 48n) - 1n,
});
const signature: { key: string; data: string } = await signOffer(city, lessor, offer);
const permit = await signPermit(city, lessee, { value: offer.rent + offer.deposit });
await (await city.lease.connect(lessee).accept(offer, signature, permit)).wait();

const state: bigint = await city.lease.stateOf(1n);
const lease = await city.lease.leaseOf(1n);
const held: bigint = await city.token.balanceOf(city.lease);
const identity = new Identity(city.identities.connect(lessor), lessor.address);
await identity.addDelegate("veriKey", lessee.address, 36_500n * day);
const { didDocument } = await identity.resolve();
const prices = { feedIn: 80n, retail: 320n, feederFee: 20n, gridFee: 40n, basePrice: 80n, tickSize: 1n };
const tariff: Tariff = { ...prices, rules: 0n };
const at = (tick: number): bigint[] => Array.from({ length: 256 }, (_, index) => (index === tick ? 500n : 0n));
const clearing = clearInterval(tariff, [{ feeder: 0, levels: { Bid: at(100), Offer: at(50) } }]);
// @ts-expect-error The contracts are typed: there is no such function.
const unknown: unknown = city.lease.noSuchFunction;
console.log(
  JSON.stringify({
    active: state === LeaseState.Active,
    sameOffer: lease.offerHash === offerHash(offer),
    held: held.toString(),
    untyped: unknown === undefined,
    importers: Object.keys(importers).length > 0,
    resolved: parseDid(didDocument?.id ?? "").address === lessor.address,
    methods: didDocument?.verificationMethod?.length,
    traded: clearing.bought.toString(),
    earned: earnedDown(2_400n, 2_500_000n, 9_500).toString(),
    waste: [wasteCode("15 01 06"), new LotLedger().lots.length],
    ranking: packRanking([[2], [1]]).toString(),
  }),
);
provider.destroy();
`;

/** What a project writes that has ethers alone. Its arguments: address of the chain, a lessor, transaction that began a lease. */
const ETHERS_ALONE = `
import { connectDeployment, type DecodedEvent, decodeLogs, DeploymentError, explainError, readDeployment } from "civitas";
import lease from "civitas/abi/BatteryLease.json" with { type: "json" };
import contracts from "civitas/abi/contracts.json" with { type: "json" };
import record from "civitas/deployments/4242.json" with { type: "json" };
import { Contract, JsonRpcProvider } from "ethers";

const [url = "", lessor = "", transaction = ""] = process.argv.slice(2);
const provider = new JsonRpcProvider(url);
const { city, deployment } = await connectDeployment(record, provider);
const receipt = await provider.getTransactionReceipt(transaction);
const events: DecodedEvent[] = decodeLogs(receipt, city.addresses);
const started = events.find(({ name }) => name === "LeaseStarted");
const signer = await provider.getSigner(lessor);
const refusal = explainError(await city.lease.connect(signer).requestReturn(1n).catch((error: unknown) => error));
const elsewhere = await connectDeployment({ ...record, chainId: 1 }, provider).catch((error: unknown) => error);
const byJson = new Contract(deployment.addresses.lease, lease, provider);
console.log(
  JSON.stringify({
    events: events.map(({ contract, name }) => contract + "." + name),
    started: started?.sentence.split(";").slice(0, 2).join(";"),
    refusal: [refusal.kind, refusal.revert?.name, refusal.sentence.replace(lessor, "LESSOR")],
    elsewhere: elsewhere instanceof DeploymentError && [elsewhere.field, String(elsewhere.value), elsewhere.message],
    leases: String(await byJson.getFunction("leaseCount")()),
    abi: contracts.lease,
    chain: String(readDeployment(record).chainId),
  }),
);
provider.destroy();
`;

/** What a file imports or passes on. */
function importsOf(file: string): string[] {
  const imports = readFileSync(file, "utf8").matchAll(/^(?:import|export|\}).* from "([^"]*)";$/gm);
  return [...imports].map(([, name]) => name!);
}

/** A file and all that it loads of its own package. */
function filesFrom(file: string, found = new Set<string>()): string[] {
  if (found.has(file)) return [];
  found.add(file);
  const loaded = importsOf(file).filter((name) => name.startsWith("."));
  return [file, ...loaded.flatMap((name) => filesFrom(join(dirname(file), name), found))];
}

/** Packages that files import, each once. */
function packagesIn(files: readonly string[]): string[] {
  const named = files.flatMap(importsOf).filter((name) => !name.startsWith("."));
  return [...new Set(named.map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)![0]))];
}

describe("Package", () => {
  let everything: Consumer;
  let alone: Consumer;

  before(async () => {
    everything = await makeConsumer();
    alone = await makeConsumer(["ethers"]);
  });

  after(() => {
    for (const { folder } of [everything, alone]) rmSync(folder, { recursive: true });
  });

  it("holds the SDK with its types, the contracts and the pages, and neither tests nor test doubles", () => {
    const { installed, manifest } = everything;
    expect(manifest.name).to.equal("civitas");
    const top = readdirSync(installed).filter((name) => name !== "deployments");
    const pages = ["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"];
    const folders = ["contracts", "data", "dist", "docs", "examples", "package.json"];
    expect(top.sort()).to.deep.equal([...pages, ...folders]);
    expect(readdirSync(join(installed, "contracts"))).not.to.include("mocks");
    expect(readdirSync(join(installed, "dist", "sdk"))).to.include.members(["index.js", "index.d.ts"]);
  });

  it("has what its pages link to", () => {
    const { installed } = everything;
    const pages = readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".md"));
    const dead = pages.flatMap((page) => {
      const links = readFileSync(join(installed, page), "utf8").matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g);
      const targets = [...links].map(([, target]) => join(dirname(page), target!));
      return targets.filter((target) => !existsSync(join(installed, target))).map((target) => `${page}: ${target}`);
    });
    expect(dead).to.deep.equal([]);
  });

  it("is small, and has no contract's code", () => {
    expect(everything.size).to.be.lessThan(MOST_BYTES);
    const dist = join(everything.installed, "dist");
    for (const file of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
      if (!/\.(js|json|ts)$/.test(file)) continue;
      // Nothing but code is thousands of digits long.
      expect(/0x[\da-f]{2000}/i.test(readFileSync(join(dist, file), "utf8")), file).to.equal(false);
    }
  });

  it("has the interface of every contract as JSON, with the errors and events of its libraries", () => {
    const folder = join(everything.installed, "dist", "abi");
    const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
    for (const name of Object.values(read("contracts") as Record<string, string>)) {
      expect(read(name), name).to.be.an("array").that.is.not.empty;
    }
    const market = new Interface(read("EnergyMarket") as InterfaceAbi);
    for (const library of [EnergyOrders__factory, EnergySettlement__factory]) {
      library.createInterface().forEachError(({ name, selector }) => {
        expect(market.getError(selector)?.name).to.equal(name);
      });
      library.createInterface().forEachEvent(({ name, topicHash }) => {
        expect(market.getEvent(topicHash)?.name).to.equal(name);
      });
    }
  });

  it("imports its dependencies and nothing else", () => {
    const dist = join(everything.installed, "dist");
    const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
    const imported = packagesIn(files.map((file) => join(dist, file)));
    const allowed = neededBy(everything.manifest);
    expect(imported).to.include("ethers");
    // As a peer it is the project's own: one copy, whose errors and signers are the same classes.
    expect(everything.manifest.dependencies).not.to.have.property("ethers");
    expect(imported.filter((name) => !allowed.includes(name))).to.deep.equal([]);
  });

  it("needs ethers alone for its main entry, and other packages for entries of their own", () => {
    const sdk = join(everything.installed, "dist", "sdk");
    const needs = (file: string): string[] => packagesIn(filesFrom(join(sdk, file))).sort();
    expect(needs("index.js")).to.deep.equal(["ethers"]);
    expect(needs("waste/index.js")).to.deep.equal(["ethers"]);
    expect(needs("merkle.js")).to.deep.equal(["@openzeppelin/merkle-tree", "ethers"]);
    expect(needs("p256Keys.js")).to.deep.equal(["@noble/curves", "ethers"]);
    expect(needs("identity/index.js")).to.include.members(["did-resolver", "ethr-did-resolver"]);
  });

  it("is used by a project that has ethers alone: it connects by a record, reads, and tells events and errors in words", async () => {
    const connection = await network.create({ override: { chainId: 4_242 } });
    const scene = await leasingCity(connection);
    const { addresses, ethers, lessor } = scene;
    await startLease(scene, await offerOf(scene));
    const [started] = await scene.city.lease.queryFilter(scene.city.lease.filters.LeaseStarted(1n));
    mkdirSync(join(alone.installed, "deployments"), { recursive: true });
    const record = JSON.stringify(await recordOf(ethers.provider, addresses));
    writeFileSync(join(alone.installed, "deployments", "4242.json"), record);
    writeFileSync(join(alone.folder, "main.ts"), ETHERS_ALONE);
    copyFileSync(join(root, "examples", "web", "main.ts"), join(alone.folder, "page.ts"));
    await compile(alone, ["main.ts", "page.ts"], {
      ...{ module: "esnext", moduleResolution: "bundler", resolveJsonModule: true, noEmit: true },
      lib: ["es2023", "dom", "dom.iterable"],
    });
    await compile(alone, ["main.ts"], { module: "nodenext", resolveJsonModule: true });
    const output = await served(connection.provider, async (url) => {
      return (
        await run(process.execPath, ["main.js", url, lessor.address, started!.transactionHash], { cwd: alone.folder })
      ).stdout;
    });
    const said = JSON.parse(output) as Record<string, unknown>;
    expect(said.events).to.include.members(["lease.LeaseStarted", "token.Transfer"]);
    expect(said).to.deep.include({
      started: `A lease began. Number of the lease: 1; the pack: ${scene.packId}`,
      elsewhere: [
        "chainId",
        "4242",
        "The provider is on chain 4242, but the record is of chain 1. Switch the wallet or the provider to chain 1, " +
          "or take deployments/4242.json.",
      ],
      leases: "1",
      abi: "BatteryLease",
      chain: "4242",
    });
    expect(said.refusal).to.deep.equal([
      "revert",
      "BatteryLeaseNotParty",
      `The caller or signer has no part in this. The lease: 1; who tried: LESSOR; who may: ${scene.lessee.address}.`,
    ]);
  });

  it("is imported, type-checked and used by another project that has only its dependencies", async () => {
    writeFileSync(join(everything.folder, "main.ts"), EVERYTHING);
    await compile(everything, ["main.ts"], { module: "nodenext" });

    const connection = await network.create();
    const scene = await leasingCity(connection);
    const { city, actors, addresses, lessor, lessee, packId } = scene;
    await city.token.connect(actors.treasury).mint(lessee, terms.deposit);
    const output = await served(connection.provider, async (url) => {
      const args = [url, JSON.stringify(addresses), packId.toString(), lessor.address, lessee.address];
      return (await run(process.execPath, ["main.js", ...args], { cwd: everything.folder })).stdout;
    });
    expect(JSON.parse(output)).to.deep.equal({
      active: true,
      sameOffer: true,
      held: "12",
      untyped: true,
      importers: true,
      resolved: true,
      methods: 2,
      traded: "500",
      earned: "5700000",
      waste: [150_106, 0],
      ranking: "258",
    });
  });
});
