import { expect } from "chai";
import { type BaseContract, type EventLog, id, type ParamType, Wallet, ZeroAddress, ZeroHash } from "ethers";
import { network } from "hardhat";

import {
  bodies,
  type Body,
  restrictedFunctions,
  restrictedFunctionsOf,
  type RoleName,
  roles,
  type Target,
  targets,
} from "../../ignition/authority.js";
import { credentialNames, credentialTypes, typeIdOf } from "../../ignition/credentials.js";
import AcceptAdmin from "../../ignition/modules/AcceptAdmin.js";
import LiveCity from "../../ignition/modules/LiveCity.js";
import LiveCityWithToken from "../../ignition/modules/LiveCityWithToken.js";
import { type AccessManager, AdminHandover__factory } from "../../typechain-types/index.js";
import { type Connection, type DeployedCity, deployedCity } from "./utils/city.js";
import { deployableContracts, libraryConstants } from "./utils/source.js";

const DAY = 24 * 60 * 60;
/** AccessManager's `minSetback`: a grant delay starts to be heeded after it. */
const SETBACK = 5 * DAY;

const { ignition, networkHelpers } = await network.create();

const roleNames = Object.keys(roles) as RoleName[];

/** Every restricted function of the table. */
const restrictedCalls = targets.flatMap((target) =>
  restrictedFunctionsOf(target).map((entry) => ({ target, ...entry })),
);

function contractsOf(city: DeployedCity): Record<Target, BaseContract> {
  return {
    Credentials: city.credentials,
    CityEuro: city.euro,
    BatteryPack: city.pack,
    BatteryLease: city.lease,
    EnergyRegistry: city.energyRegistry,
    EnergyMarket: city.energyMarket,
    MaterialCodes: city.materialCodes,
    WasteOperators: city.wasteOperators,
    Containers: city.containers,
    WasteLots: city.wasteLots,
    EcoToken: city.ecoToken,
    EcoRewards: city.ecoRewards,
    Redemption: city.redemption,
    Census: city.census,
    BallotBox: city.ballotBox,
    BallotExecutor: city.ballotExecutor,
  };
}

/** The emptiest argument of a type: enough to pass the decoder and reach the check of the caller. */
function emptyArgument({ baseType, components, type }: ParamType): unknown {
  if (baseType === "array") return [];
  if (baseType === "tuple") return components!.map(emptyArgument);
  if (type === "address") return `0x${"00".repeat(20)}`;
  if (type === "bool") return false;
  if (type === "string") return "";
  if (type.startsWith("bytes")) return `0x${"00".repeat(Number(type.slice("bytes".length)))}`;
  return 0n;
}

function emptyCall(contract: BaseContract, name: string): { to: BaseContract; data: string } {
  const fragment = contract.interface.getFunction(name)!;
  return {
    to: contract,
    data: contract.interface.encodeFunctionData(fragment, fragment.inputs.map(emptyArgument)),
  };
}

/** Name of the error that a call reverts with, or undefined when it succeeds. */
async function faultOf(call: Promise<unknown>, ...sources: BaseContract[]): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    const data = (error as { data?: unknown }).data;
    if (typeof data !== "string") throw error;
    for (const { interface: abi } of sources) {
      const parsed = abi.parseError(data);
      if (parsed !== null) return parsed.name;
    }
    throw error;
  }
}

/** Who holds each role by AccessManager's own events, so that no holder can hide. */
async function holders({ manager }: DeployedCity): Promise<Map<bigint, Set<string>>> {
  const held = new Map<bigint, Set<string>>();
  const granted = await manager.queryFilter(manager.filters.RoleGranted());
  const revoked = await manager.queryFilter(manager.filters.RoleRevoked());
  const inOrder = [...granted, ...revoked].sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index);
  for (const log of inOrder) {
    const { roleId, account } = log.args;
    const accounts = held.get(roleId) ?? new Set();
    if (log.eventName === "RoleGranted") accounts.add(account);
    else accounts.delete(account);
    held.set(roleId, accounts);
  }
  return held;
}

async function acceptedCity(connection: Connection) {
  const city = await deployedCity(connection);
  await connection.ignition.deploy(AcceptAdmin, {
    parameters: { AcceptAdmin: { handover: await city.handover.getAddress() } },
    defaultSender: city.actors.admin.address,
  });
  return city;
}

describe("City deployment", () => {
  describe("table", () => {
    it("has the numbers of Roles.sol and no other role", async () => {
      const table = roleNames.map((name) => [name, BigInt(roles[name].id)] as const);
      expect(Object.fromEntries(await libraryConstants("Roles"))).to.deep.equal(Object.fromEntries(table));
    });

    it("has the types of credentials that the contracts ask for, by the same ids", async () => {
      const table = credentialNames.map((name) => [name, typeIdOf(name)]);
      for (const library of ["BatteryCredentials", "EnergyCredentials"]) {
        const asked = [...(await libraryConstants(library))];
        expect(asked, library).to.have.length.above(0);
        expect(table, library).to.include.deep.members(asked);
      }
    });

    it("names every restricted function of every contract under the authority, and nothing else", async () => {
      const source = (await deployableContracts()).filter(({ managed }) => managed);
      const table = targets.map((target) => [target, Object.keys(restrictedFunctions[target]).sort()] as const);
      expect(Object.fromEntries(source.map(({ name, restricted }) => [name, restricted]))).to.deep.equal(
        Object.fromEntries(table),
      );
    });

    it("lets no contract use a restriction without the authority", async () => {
      const stray = (await deployableContracts()).filter(
        ({ managed, restricted }) => !managed && restricted.length > 0,
      );
      expect(stray).to.deep.equal([]);
    });

    it("gives a guardian to every delayed role below ADMIN and to no other", () => {
      for (const name of roleNames.filter((role) => role !== "ADMIN")) {
        expect(roles[name].guardian !== undefined, name).to.equal(roles[name].executionDelay > 0);
      }
    });
  });

  describe("roles", () => {
    it("leaves the deployer without any role", async () => {
      const city = await networkHelpers.loadFixture(deployedCity);
      const { manager, actors } = city;
      for (const name of roleNames) {
        expect((await manager.hasRole(roles[name].id, actors.deployer.address))[0], name).to.equal(false);
      }
      for (const [role, accounts] of await holders(city)) {
        expect(accounts.has(actors.deployer.address), `role ${role}`).to.equal(false);
      }
      await expect(manager.connect(actors.deployer).grantRole(roles.MINTER.id, actors.deployer.address, 0))
        .to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedAccount")
        .withArgs(actors.deployer.address, roles.ADMIN.id);
    });

    it("gives each role to the body of the table, with its delay, and to nobody else", async () => {
      const city = await networkHelpers.loadFixture(deployedCity);
      const { manager, handover, actors } = city;
      const held = await holders(city);
      expect([...held.keys()].map(Number).sort((a, b) => a - b)).to.deep.equal(roleNames.map((name) => roles[name].id));
      for (const name of roleNames) {
        const { id, holder, executionDelay } = roles[name];
        const expected = name === "ADMIN" ? await handover.getAddress() : actors[holder].address;
        expect([...held.get(BigInt(id))!], name).to.deep.equal([expected]);
        const delay = name === "ADMIN" ? 0 : executionDelay;
        expect([...(await manager.hasRole(id, expected))], name).to.deep.equal([true, BigInt(delay)]);
      }
    });

    it("labels each role and sets its guardian and grant delay", async () => {
      const { manager } = await networkHelpers.loadFixture(deployedCity);
      const labels = (await manager.queryFilter(manager.filters.RoleLabel())).map(({ args }) => [
        Number(args.roleId),
        args.label,
      ]);
      const below = roleNames.filter((name) => name !== "ADMIN").map((name) => roles[name]);
      expect(labels).to.deep.equal(below.map(({ id, label }) => [id, label]));
      await networkHelpers.time.increase(SETBACK);
      for (const { id, label, guardian, grantDelay } of below) {
        expect(await manager.getRoleGuardian(id), label).to.equal(guardian === undefined ? 0 : roles[guardian].id);
        expect(await manager.getRoleGrantDelay(id), label).to.equal(grantDelay ?? 0);
        expect(await manager.getRoleAdmin(id), label).to.equal(roles.ADMIN.id);
      }
    });

    it("puts every contract under the manager and every restricted function under its role", async () => {
      const city = await networkHelpers.loadFixture(deployedCity);
      const contracts = contractsOf(city);
      for (const target of targets) {
        const contract = contracts[target];
        expect(await contract.getFunction("authority")(), target).to.equal(await city.manager.getAddress());
        for (const fragment of contract.interface.fragments) {
          if (fragment.type !== "function") continue;
          const { name, selector } = contract.interface.getFunction(fragment.format("sighash"))!;
          const entry = restrictedFunctionsOf(target).find((candidate) => candidate.selector === selector);
          expect(await city.manager.getTargetFunctionRole(contract, selector), `${target}.${name}`).to.equal(
            entry === undefined ? roles.ADMIN.id : roles[entry.role].id,
          );
        }
      }
    });

    it("registers the types of credentials of the table, and no others", async () => {
      const { credentials, identities, actors } = await networkHelpers.loadFixture(deployedCity);
      const registered = await credentials.queryFilter(credentials.filters.TypeRegistered());
      const table = credentialNames.map((name) => {
        const { authority, bound, numbered, schemaURI } = credentialTypes[name];
        return [typeIdOf(name), actors[authority].address, bound, numbered, schemaURI];
      });
      expect(registered.map(({ args }) => [...args])).to.have.deep.members(table);
      expect(await credentials.identities()).to.equal(await identities.getAddress());
    });

    it("tells the batteries of the credentials, and the packs of their telemetry", async () => {
      const { credentials, pack, telemetry } = await networkHelpers.loadFixture(deployedCity);
      const wired = await pack.queryFilter(pack.filters.TelemetrySet());
      expect(wired.map(({ args }) => args.newTelemetry)).to.deep.equal([await telemetry.getAddress()]);
      expect(await telemetry.pack()).to.equal(await pack.getAddress());
      for (const asking of [pack, telemetry]) {
        expect(await asking.credentialsContract()).to.equal(await credentials.getAddress());
      }
    });
  });

  describe("waste and rewards", () => {
    it("tells the contracts of each other, of the money and of the identities", async () => {
      const city = await networkHelpers.loadFixture(deployedCity);
      const { containers, ecoRewards, ecoToken, materialCodes, recyclingCertificates, redemption } = city;
      const { wasteLots, wasteOperators } = city;
      expect(await containers.lots()).to.equal(await wasteLots.getAddress());
      expect(await wasteLots.containers()).to.equal(await containers.getAddress());
      for (const contract of [containers, wasteLots]) {
        expect(await contract.codes()).to.equal(await materialCodes.getAddress());
      }
      for (const contract of [containers, wasteLots, recyclingCertificates]) {
        expect(await contract.operators()).to.equal(await wasteOperators.getAddress());
      }
      for (const contract of [recyclingCertificates, ecoRewards]) {
        expect(await contract.lots()).to.equal(await wasteLots.getAddress());
      }
      for (const contract of [containers, wasteOperators, ecoRewards]) {
        expect(await contract.credentials()).to.equal(await city.credentials.getAddress());
      }
      for (const contract of [ecoRewards, redemption]) {
        expect(await contract.ecoToken()).to.equal(await ecoToken.getAddress());
      }
      expect(await ecoRewards.containers()).to.equal(await containers.getAddress());
      expect(await redemption.settlementToken()).to.equal(await city.euro.getAddress());
    });

    it("lets the rewards make tokens, the redemption make and end them, and nobody else touch them", async () => {
      const { ecoRewards, ecoToken, redemption } = await networkHelpers.loadFixture(deployedCity);
      const set = await ecoToken.queryFilter(ecoToken.filters.RightsSet());
      expect(set.map(({ args }) => [...args])).to.have.deep.members([
        [await ecoRewards.getAddress(), 1n],
        [await redemption.getAddress(), 3n],
      ]);
      expect(await ecoToken.transferable()).to.equal(false);
    });
  });

  describe("participation", () => {
    it("tells the contracts of each other, and the census of the box alone", async () => {
      const city = await networkHelpers.loadFixture(deployedCity);
      const { ballotBox, ballotExecutor, census, proofVerifier } = city;
      expect(await ballotBox.census()).to.equal(await census.getAddress());
      expect(await ballotBox.verifier()).to.equal(await proofVerifier.getAddress());
      expect(await ballotExecutor.box()).to.equal(await ballotBox.getAddress());
      expect(await ballotExecutor.timelock()).to.equal(await city.timelock.getAddress());
      for (const contract of [ballotBox, census]) {
        expect(await contract.credentials()).to.equal(await city.credentials.getAddress());
        expect(await contract.identities()).to.equal(await city.identities.getAddress());
      }
      expect(await census.voterType()).to.equal(typeIdOf("RESIDENT"));
      const attached = await census.queryFilter(census.filters.BoxAttached());
      expect(attached.map(({ args }) => args.box)).to.deep.equal([await ballotBox.getAddress()]);
    });

    it("gives the timelock one proposer, no admin but itself, and lets anybody execute", async () => {
      const { actors, ballotExecutor, timelock } = await networkHelpers.loadFixture(deployedCity);
      const itself = await timelock.getAddress();
      const granted = await timelock.queryFilter(timelock.filters.RoleGranted!());
      const holders = [];
      for (const event of granted) {
        const { role, account } = (event as EventLog).args as unknown as { role: string; account: string };
        if (await timelock.getFunction("hasRole")(role, account)) holders.push([role, account]);
      }
      expect(holders).to.have.deep.members([
        [ZeroHash, itself],
        [id("PROPOSER_ROLE"), await ballotExecutor.getAddress()],
        [id("EXECUTOR_ROLE"), ZeroAddress],
      ]);
      expect(await timelock.getFunction("hasRole")(ZeroHash, actors.deployer)).to.equal(false);
    });
  });

  describe("energy", () => {
    it("tells the contracts of each other, of the money and of the identities", async () => {
      const city = await networkHelpers.loadFixture(deployedCity);
      const { credentials, euro, identities } = city;
      const { energyCertificates, energyMarket, energyRegistry, energySharing, meterReadings } = city;
      expect(await meterReadings.credentials()).to.equal(await credentials.getAddress());
      for (const contract of [energyMarket, energyCertificates, energySharing]) {
        expect(await contract.readings()).to.equal(await meterReadings.getAddress());
      }
      for (const contract of [meterReadings, energyMarket, energySharing]) {
        expect(await contract.registry()).to.equal(await energyRegistry.getAddress());
        expect(await contract.identities()).to.equal(await identities.getAddress());
        expect(await contract.token()).to.equal(await euro.getAddress());
      }
    });

    it("gives supplier, grid operator and community the identities of the bodies", async () => {
      const { energyMarket, energySharing, actors } = await networkHelpers.loadFixture(deployedCity);
      expect(await energyMarket.supplier()).to.equal(actors.supplier.address);
      expect(await energyMarket.gridOperator()).to.equal(actors.gridOperator.address);
      expect(await energySharing.gridOperator()).to.equal(actors.gridOperator.address);
      expect(await energyMarket.community()).to.equal(actors.community.address);
    });

    it("trades quarters of an hour a day ahead, unless parameters say otherwise", async () => {
      const { energyCertificates, energyMarket, energyRegistry, energySharing, meterReadings } =
        await networkHelpers.loadFixture(deployedCity);
      expect(await energyRegistry.intervalLength()).to.equal(900);
      expect(await energyRegistry.horizon()).to.equal(96);
      expect(await energyRegistry.keyDelay()).to.equal(DAY);
      const { moneyUnit, gateLead, longStop, minimumWh, supplierFloor } = await energyMarket.settings();
      expect([moneyUnit, gateLead, longStop]).to.deep.equal([1n, 300n, BigInt(7 * DAY)]);
      expect([minimumWh, supplierFloor]).to.deep.equal([10n, 100_000_000n]);
      expect(await energySharing.moneyUnit()).to.equal(1);
      expect(await meterReadings.window()).to.equal(DAY);
      expect(await meterReadings.amendDuration()).to.equal(60 * DAY);
      expect(await meterReadings.toleranceBp()).to.equal(500);
      expect(await meterReadings.toleranceWh()).to.equal(256);
      expect(await meterReadings.community()).to.equal(await energyMarket.community());
      expect(await meterReadings.minimumBond()).to.equal(1_000_000_000);
      expect(await meterReadings.penalty()).to.equal(1_000_000);
      expect(await energyCertificates.uri(0)).to.equal("");
      expect(await energyCertificates.domain()).to.equal(1);
      expect(await energyCertificates.storageEfficiencyBp()).to.equal(8_500);
    });
  });

  describe("restricted functions", () => {
    for (const { target, name } of restrictedCalls) {
      it(`refuses a stranger at ${target}.${name}`, async () => {
        const city = await networkHelpers.loadFixture(deployedCity);
        const [stranger] = city.people;
        const contract = contractsOf(city)[target];
        await expect(stranger!.call(emptyCall(contract, name)))
          .to.be.revertedWithCustomError(contract, "AccessManagedUnauthorized")
          .withArgs(stranger!.address);
      });
    }

    for (const body of bodies) {
      it(`opens to the ${body} exactly what the table says`, async () => {
        const city = await networkHelpers.loadFixture(acceptedCity);
        const opened: string[] = [];
        const delayed: string[] = [];
        for (const { target, name } of restrictedCalls) {
          const contract = contractsOf(city)[target];
          const call = city.actors[body].call(emptyCall(contract, name));
          // A ballot is refused by the census that it asks.
          const fault = await faultOf(call, contract, city.manager, city.census);
          if (fault === "AccessManagerNotScheduled") delayed.push(`${target}.${name}`);
          else if (fault !== "AccessManagedUnauthorized") opened.push(`${target}.${name}`);
        }
        const held = restrictedCalls.filter(({ role }) => roles[role].holder === body);
        const names = (isDelayed: boolean): string[] =>
          held
            .filter(({ role }) => roles[role].executionDelay > 0 === isDelayed)
            .map(({ target, name }) => `${target}.${name}`);
        expect(opened).to.deep.equal(names(false));
        expect(delayed).to.deep.equal(names(true));
      });
    }
  });

  describe("delayed roles", () => {
    const { executionDelay } = roles.BATTERY_WIRING;

    async function scheduledWiring(connection: Connection) {
      const city = await acceptedCity(connection);
      const { manager, pack, actors, people } = city;
      const [book] = people;
      const data = pack.interface.encodeFunctionData("setLeaseBook", [book!.address, true]);
      await manager.connect(actors.engineer).schedule(pack, data, 0);
      const operation: string = await manager.hashOperation(actors.engineer.address, pack, data);
      return { ...city, book: book!, data, operation };
    }

    it("act only once their delay has passed", async () => {
      const { manager, pack, actors, book, operation } = await networkHelpers.loadFixture(scheduledWiring);
      const wire = async () => pack.connect(actors.engineer).setLeaseBook(book, true);
      const readyAt = Number(await manager.getSchedule(operation));
      expect(readyAt).to.equal((await networkHelpers.time.latest()) + executionDelay);

      await networkHelpers.time.setNextBlockTimestamp(readyAt - 1);
      await expect(wire()).to.be.revertedWithCustomError(manager, "AccessManagerNotReady").withArgs(operation);
      await networkHelpers.time.setNextBlockTimestamp(readyAt);
      await expect(wire()).to.emit(pack, "LeaseBookSet").withArgs(book.address, 2, true);
      await expect(wire()).to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled").withArgs(operation);
    });

    it("are stopped by the guardian and by nobody without a part in it", async () => {
      const { manager, pack, actors, book, data, operation } = await networkHelpers.loadFixture(scheduledWiring);
      const cancel = async (body: Body) => manager.connect(actors[body]).cancel(actors.engineer.address, pack, data);
      for (const body of bodies.filter((name) => !["admin", "guardian", "engineer"].includes(name))) {
        await expect(cancel(body))
          .to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedCancel")
          .withArgs(
            actors[body].address,
            actors.engineer.address,
            await pack.getAddress(),
            pack.interface.getFunction("setLeaseBook").selector,
          );
      }
      await expect(cancel("guardian")).to.emit(manager, "OperationCanceled").withArgs(operation, 1);
      await networkHelpers.time.increase(executionDelay);
      await expect(pack.connect(actors.engineer).setLeaseBook(book, true))
        .to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled")
        .withArgs(operation);
    });

    it("bind the admin", async () => {
      const { manager, actors, people } = await networkHelpers.loadFixture(acceptedCity);
      const [newcomer] = people;
      const data = manager.interface.encodeFunctionData("grantRole", [roles.STEWARD.id, newcomer!.address, 0]);
      const operation: string = await manager.hashOperation(actors.admin.address, manager, data);
      const byAdmin = manager.connect(actors.admin);
      await expect(byAdmin.grantRole(roles.STEWARD.id, newcomer!.address, 0))
        .to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled")
        .withArgs(operation);
      await byAdmin.schedule(manager, data, 0);
      await networkHelpers.time.increase(roles.ADMIN.executionDelay);
      await expect(byAdmin.execute(manager, data)).to.emit(manager, "RoleGranted");
      expect((await manager.hasRole(roles.STEWARD.id, newcomer!.address))[0]).to.equal(true);
    });
  });

  describe("second step", () => {
    it("is open to the named admin only", async () => {
      const { handover, actors, people } = await networkHelpers.loadFixture(deployedCity);
      const others = bodies.filter((body) => body !== "admin").map((body) => actors[body]);
      for (const other of [...others, people[0]!]) {
        await expect(handover.connect(other).accept())
          .to.be.revertedWithCustomError(handover, "AdminHandoverNotAdmin")
          .withArgs(other.address, actors.admin.address);
      }
    });

    it("makes the admin, with the delay, and leaves nothing to the handover", async () => {
      const city = await networkHelpers.loadFixture(acceptedCity);
      const { manager, handover, actors } = city;
      const accepted = await handover.queryFilter(handover.filters.AdminAccepted());
      expect(accepted.map(({ args }) => [...args])).to.deep.equal([
        [actors.admin.address, BigInt(roles.ADMIN.executionDelay)],
      ]);
      expect([...(await manager.hasRole(roles.ADMIN.id, actors.admin.address))]).to.deep.equal([
        true,
        BigInt(roles.ADMIN.executionDelay),
      ]);
      expect([...(await holders(city)).get(BigInt(roles.ADMIN.id))!]).to.deep.equal([actors.admin.address]);
    });

    it("cannot be taken twice", async () => {
      const { manager, handover, actors } = await networkHelpers.loadFixture(acceptedCity);
      await expect(handover.connect(actors.admin).accept())
        .to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedAccount")
        .withArgs(await handover.getAddress(), roles.ADMIN.id);
    });
  });

  describe("on a network where the deployer's is the only key", () => {
    it("names the parameter that is missing", async () => {
      const fault = await ignition.deploy(LiveCity).then(
        () => "none",
        (error: unknown) => String(error),
      );
      expect(fault).to.include("admin");
    });

    it("takes every address, the delay, the base URI and another token from parameters", async () => {
      const { ethers, ignition: single } = await network.create({ override: { accounts: { count: 1 } } });
      expect(await ethers.getSigners()).to.have.length(1);
      const addresses = Object.fromEntries(
        bodies.filter((body) => body !== "deployer").map((body) => [body, Wallet.createRandom().address]),
      ) as Record<Exclude<Body, "deployer">, string>;
      const money = await ethers.deployContract("CityEuro", [addresses.admin]);
      const settlementToken = await money.getAddress();
      const deployed = await single.deploy(LiveCityWithToken, {
        parameters: { $global: { ...addresses, adminDelay: 5, baseURI: "ipfs://packs/", settlementToken } },
      });
      expect(await deployed.token.getAddress()).to.equal(settlementToken);
      const handover = AdminHandover__factory.connect(await deployed.handover.getAddress(), ethers.provider);
      expect([await handover.admin(), await handover.executionDelay()]).to.deep.equal([addresses.admin, 5n]);
      const manager = deployed.manager as unknown as AccessManager;
      for (const name of roleNames.filter((role) => role !== "ADMIN")) {
        const { id, holder } = roles[name];
        expect((await manager.hasRole(id, addresses[holder as keyof typeof addresses]))[0], name).to.equal(true);
      }
    });
  });
});
