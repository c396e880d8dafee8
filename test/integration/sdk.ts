import { expect } from "chai";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { AbiCoder, concat, id, keccak256, toBeHex, toUtf8Bytes, Wallet, ZeroAddress, ZeroHash } from "ethers";
import { network } from "hardhat";

import { deployments } from "../../sdk/deployments.js";
import {
  acceptNonce,
  AccessTier,
  type AttributeValue,
  buildClaimAcceptance,
  buildKeepingPack,
  buildLeaseAct,
  buildOffer,
  buildReading,
  Category,
  type CityAddresses,
  connectCity,
  DeviceFlags,
  explainRevert,
  type FleetEntry,
  hashAttribute,
  LeaseActKind,
  LeaseState,
  type LogEntry,
  nameIn,
  NO_PERMIT,
  NO_SIGNATURE,
  offerHash,
  p256AccountOf,
  p256KeyOf,
  type P256Signer,
  packIdOf,
  randomNonce,
  randomSalt,
  type Reading,
  ReadingFault,
  rentNonce,
  serialHash,
  signAcceptance,
  signDeviceRotation,
  signHealthCertificate,
  signLeaseAct,
  signLeaseWithdrawal,
  signNovation,
  signOffer,
  signPermit,
  signReading,
  signRentPayment,
  signSwap,
  Status,
  structs,
  telemetryModel,
  textHash,
  UnknownCityError,
  withNonce,
} from "../../sdk/index.js";
import { DayLog, FleetTree, Passport, ProductionBatch, verifyProof } from "../../sdk/merkle.js";
import { SoftwareP256Key } from "../../sdk/p256Keys.js";
import {
  fund,
  type Leasing,
  leasingCity,
  offerOf,
  packData,
  registerPack,
  startLease,
  submitReading,
  terms,
} from "./utils/leasing.js";
import { Random } from "./utils/random.js";
import { deployableContracts } from "./utils/source.js";

const DAY = 86_400n;
const CONTRACTS = new URL("../../contracts/batteries/", import.meta.url);

const { networkHelpers } = await network.create();

async function now(): Promise<bigint> {
  return BigInt(await networkHelpers.time.latest());
}

async function deadline(): Promise<bigint> {
  return (await now()) + DAY;
}

/** A P-256 key as an account or a device of the city. */
function p256Signer({ addresses }: Leasing, name: string): P256Signer {
  return { verifier: addresses.p256Verifier!, key: new SoftwareP256Key(id(name)) };
}

/** The numbers of an enum as the source declares it, with names. */
function enumOf(file: string, name: string): Record<string, bigint> {
  const source = readFileSync(new URL(file, CONTRACTS), "utf8").replace(/\/\/.*$/gm, "");
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source)![1]!;
  const members = body.split(",").map((member) => member.trim());
  return Object.fromEntries(members.map((member, index) => [member, BigInt(index)]));
}

/** Addresses enough to encode calls and to read reverts. */
const NOWHERE: CityAddresses = {
  identities: ZeroAddress,
  credentials: ZeroAddress,
  token: ZeroAddress,
  pack: ZeroAddress,
  telemetry: ZeroAddress,
  lease: ZeroAddress,
  energyRegistry: ZeroAddress,
  meterReadings: ZeroAddress,
  energyMarket: ZeroAddress,
  energyCertificates: ZeroAddress,
  energySharing: ZeroAddress,
  materialCodes: ZeroAddress,
  wasteOperators: ZeroAddress,
  containers: ZeroAddress,
  wasteLots: ZeroAddress,
  recyclingCertificates: ZeroAddress,
  ecoToken: ZeroAddress,
  ecoRewards: ZeroAddress,
  redemption: ZeroAddress,
  census: ZeroAddress,
  proofVerifier: ZeroAddress,
  ballotBox: ZeroAddress,
  timelock: ZeroAddress,
  ballotExecutor: ZeroAddress,
};

/** What a call throws. */
async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.fail("the call did not fail"),
    (error: unknown) => error,
  );
}

describe("SDK", () => {
  describe("connectCity", () => {
    it("names the chain and the next step when it knows no deployment", () => {
      expect(() => connectCity(31_337n)).to.throw(UnknownCityError, /chain 31337.*Pass connectCity the addresses/);
    });

    it("leaves the manager out when its address is not given", () => {
      const city = connectCity(NOWHERE);
      expect(city.manager).to.equal(undefined);
    });

    it("knows every public deployment", () => {
      const folder = new URL("../../deployments/", import.meta.url);
      const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];
      expect(Object.keys(deployments).sort()).to.deep.equal(files.map((file) => file.replace(".json", "")).sort());
    });
  });

  describe("enums", () => {
    it("are those of the contracts", () => {
      expect(LeaseState).to.deep.equal(enumOf("IBatteryLease.sol", "LeaseState"));
      expect(LeaseActKind).to.deep.equal(enumOf("IBatteryLease.sol", "LeaseActKind"));
      expect(Category).to.deep.equal(enumOf("IBatteryPack.sol", "Category"));
      expect(Status).to.deep.equal(enumOf("IBatteryPack.sol", "Status"));
      expect(AccessTier).to.deep.equal(enumOf("IBatteryPack.sol", "AccessTier"));
      expect(ReadingFault).to.deep.equal(enumOf("IBatteryTelemetry.sol", "ReadingFault"));
    });

    it("give a value's name, or the number of an unknown one", () => {
      expect(nameIn(LeaseState, 2n)).to.equal("PastDue");
      expect(nameIn(LeaseState, 99n)).to.equal("99");
    });
  });

  describe("packs", () => {
    it("hash a serial number with its operator and salt, and take the id from the hash", async () => {
      const { city, packId } = await networkHelpers.loadFixture(leasingCity);
      const hash = packData("CV-0001", ZeroAddress).serialHash;
      const encoded = AbiCoder.defaultAbiCoder().encode(
        ["uint256", "string", "bytes32"],
        [1n, "CV-0001", id("salt of CV-0001")],
      );
      expect(hash).to.equal(keccak256(encoded));
      expect(packIdOf(hash)).to.equal(packId);
      expect((await city.pack.packOf(packId)).status).to.equal(Status.Original);
      expect(serialHash(1n, "CV-0001", randomSalt())).not.to.equal(hash);
    });
  });

  describe("typed data", () => {
    it("has every typed struct of the contracts, as they hash it", async () => {
      const types = new Map((await deployableContracts()).flatMap(({ typedStructs }) => [...typedStructs]));
      expect(structs).to.deep.equal(Object.fromEntries(types));
    });

    it("builds offers that are zero but for their terms, with a nonce of their own", () => {
      const bare = {
        packId: 1n,
        lessor: ZeroAddress,
        rent: 1n,
        period: DAY,
        periods: 1n,
        grace: 0n,
        claimWindow: DAY,
        arbiterWindow: DAY,
        deadline: 1n,
      };
      const { nonce, ...offer } = buildOffer(bare);
      expect(nonce).not.to.equal(buildOffer(bare).nonce);
      const rest = Object.entries(offer).filter(([field]) => !(field in bare));
      for (const [field, value] of rest) expect([0n, ZeroAddress, ZeroHash], field).to.include(value);
      expect(buildOffer({ ...bare, nonce: 7n }).nonce).to.equal(7n);
    });

    it("signs an offer and a permit that the lease book accepts", async () => {
      const scene = await networkHelpers.loadFixture(leasingCity);
      const { city, actors, lessor, lessee } = scene;
      const offer = await offerOf(scene);
      const value = offer.rent + offer.deposit;
      await city.token.connect(actors.treasury).mint(lessee, value);
      const permit = await signPermit(city, lessee, { value });
      await city.lease.connect(lessee).accept(offer, await signOffer(city, lessor, offer), permit);
      expect(await city.lease.stateOf(1n)).to.equal(LeaseState.Active);
      expect((await city.lease.leaseOf(1n)).offerHash).to.equal(offerHash(offer));
    });

    it("signs payments that anybody relays", async () => {
      const scene = await networkHelpers.loadFixture(leasingCity);
      const { city, actors, lessor, lessee } = scene;
      const offer = await offerOf(scene);
      await city.token.connect(actors.treasury).mint(lessee, offer.deposit + 3n * offer.rent);
      expect(await acceptNonce(city, offer)).to.equal(await city.lease.acceptNonce(offer));
      const acceptance = await signAcceptance(city, lessee, offer, await deadline());
      await city.lease.acceptWithAuthorization(offer, await signOffer(city, lessor, offer), lessee, acceptance);

      expect(rentNonce(city.addresses.lease, 1n, await city.lease.leaseOf(1n), 2n)).to.equal(
        await city.lease.rentNonce(1n, 2n),
      );
      const due = { periodCount: 2n, value: 2n * offer.rent, validBefore: await deadline() };
      await city.lease.payRentWithAuthorization(1n, 2n, lessee, await signRentPayment(city, lessee, 1n, due));
      expect((await city.lease.leaseOf(1n)).paidPeriods).to.equal(3n);
      expect(await city.token.balanceOf(lessee)).to.equal(0n);
    });

    it("signs a swap, which the caller needs not sign", async () => {
      const scene = await networkHelpers.loadFixture(leasingCity);
      const { city, lessor, lessee, packId } = scene;
      const leaseId = await startLease(scene, await offerOf(scene));
      const newPackId = await registerPack(scene, "CV-0002", lessor.address);
      for (const read of [packId, newPackId]) {
        await submitReading(scene, { packId: read, counter: 1n, takenAt: await now() });
      }
      const order = withNonce({
        leaseId,
        lessee: lessee.address,
        oldPackId: packId,
        newPackId,
        deadline: await deadline(),
      });
      const byOwner = await signSwap(city, lessor, order);
      await city.lease.connect(lessee).swap(order, [NO_SIGNATURE, byOwner, NO_SIGNATURE], []);
      expect((await city.lease.leaseOf(leaseId)).packId).to.equal(newPackId);
    });

    it("signs for an account with a P-256 key: it takes over a lease and asks to return the pack", async () => {
      const scene = await networkHelpers.loadFixture(leasingCity);
      const { city, lessor, lessee } = scene;
      const leaseId = await startLease(scene, await offerOf(scene));
      const passkey = p256Signer(scene, "passkey");
      const party = p256AccountOf(passkey);
      const parties = { oldLessee: lessee.address, newLessee: party };
      const order = withNonce({ leaseId, packId: scene.packId, ...parties, deadline: await deadline() });
      await city.lease.novate(order, [
        await signNovation(city, lessor, order),
        await signNovation(city, lessee, order),
        await signNovation(city, passkey, order),
      ]);
      expect((await city.lease.leaseOf(leaseId)).lessee).to.equal(party);

      const act = buildLeaseAct({ leaseId, party, kind: LeaseActKind.RequestReturn, deadline: await deadline() });
      expect(act.evidenceHash).to.equal(ZeroHash);
      await city.lease.actFor(act, await signLeaseAct(city, passkey, act));
      expect((await city.lease.leaseOf(leaseId)).requestedAt).to.equal(await now());
      const { requestedAt } = await city.lease.leaseOf(leaseId);
      const kept = buildKeepingPack({ leaseId, party, requestedAt, deadline: await deadline() });
      await city.lease.actFor(kept, await signLeaseAct(city, passkey, kept));
      expect((await city.lease.leaseOf(leaseId)).requestedAt).to.equal(0n);
    });

    it("signs for a P-256 key that what it is owed goes to an account", async () => {
      const scene = await networkHelpers.loadFixture(leasingCity);
      const { city, lessor, lessee, packId } = scene;
      const offer = await offerOf(scene);
      const leaseId = await startLease(scene, offer);
      const passkey = p256Signer(scene, "passkey");
      const party = p256AccountOf(passkey);
      const parties = { oldLessee: lessee.address, newLessee: party };
      const order = withNonce({ leaseId, packId, ...parties, deadline: await deadline() });
      await city.lease.novate(order, [
        await signNovation(city, lessor, order),
        await signNovation(city, lessee, order),
        await signNovation(city, passkey, order),
      ]);
      const act = buildLeaseAct({ leaseId, party, kind: LeaseActKind.RequestReturn, deadline: await deadline() });
      await city.lease.actFor(act, await signLeaseAct(city, passkey, act));
      await city.lease.connect(lessor).confirmAndSettle(leaseId, offer);

      const owed = await city.lease.balanceOf(party);
      const before = await city.token.balanceOf(lessee);
      const withdrawal = withNonce({ account: party, to: lessee.address, deadline: await deadline() });
      await city.lease.withdrawBySig(withdrawal, await signLeaseWithdrawal(city, passkey, withdrawal));
      expect(owed).to.be.greaterThan(0n);
      expect((await city.token.balanceOf(lessee)) - before).to.equal(owed);
    });

    it("signs the lessee's agreement to a claim, good for its amount only", async () => {
      const scene = await networkHelpers.loadFixture(leasingCity);
      const { city, lessor, lessee } = scene;
      const offer = await offerOf(scene);
      const leaseId = await startLease(scene, offer);
      await city.lease.connect(lessee).requestReturn(leaseId);
      await city.lease.connect(lessor).confirmReturn(leaseId, offer);
      await city.lease.connect(lessor).claimDamage(leaseId, 500n, id("damage"));
      const fields = { leaseId, party: lessee.address, deadline: await deadline() };
      const less = buildClaimAcceptance({ ...fields, amount: 499n });
      await expect(city.lease.actFor(less, await signLeaseAct(city, lessee, less)))
        .to.be.revertedWithCustomError(city.lease, "BatteryLeaseBadAmount")
        .withArgs(leaseId, 499n, 500n);
      const act = buildClaimAcceptance({ ...fields, amount: 500n });
      await city.lease.actFor(act, await signLeaseAct(city, lessee, act));
      expect(await city.lease.stateOf(leaseId)).to.equal(LeaseState.Settled);
    });

    it("signs for a device: it gets a P-256 key, and reads with it", async () => {
      const scene = await networkHelpers.loadFixture(leasingCity);
      const { city, operator, device, packId } = scene;
      const element = p256Signer(scene, "secure element");
      const newDevice = p256AccountOf(element);
      const rotation = withNonce({ packId, oldDevice: device.address, newDevice, deadline: await deadline() });
      await city.telemetry.rotateDevice(
        rotation,
        await signDeviceRotation(city, operator, rotation),
        await signDeviceRotation(city, device, rotation),
        true,
      );
      const reading = buildReading({ packId, counter: 1n, takenAt: await now(), throughputWh: 10n, sohBp: 9_900n });
      const signed = await signReading(city, element, reading);
      expect(signed.key).to.equal(p256KeyOf(element));
      await city.telemetry.submit(signed);
      expect((await city.telemetry.stateOf(packId)).counter).to.equal(1n);
    });

    it("asks the chain for a domain again when it did not answer", async () => {
      const { city, lessor, packId } = await networkHelpers.loadFixture(leasingCity);
      const nowhere = connectCity({ ...city.addresses, lease: Wallet.createRandom().address }, city.lease.runner);
      const act = buildLeaseAct({ leaseId: packId, party: lessor.address, kind: 1n, deadline: 1n });
      expect(await failureOf(signLeaseAct(nowhere, lessor, act))).to.be.instanceOf(Error);
      expect(await failureOf(signLeaseAct(nowhere, lessor, act))).to.be.instanceOf(Error);
    });
  });

  describe("P-256 keys", () => {
    it("sign with s in the lower half of the order", () => {
      const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
      const key = new SoftwareP256Key(id("key"));
      expect(key.publicKey).to.have.lengthOf("0x".length + 128);
      for (let digest = 0; digest < 32; digest++) {
        const signature = key.sign(id(String(digest)));
        expect(signature).to.have.lengthOf("0x".length + 128);
        expect(BigInt(`0x${signature.slice("0x".length + 64)}`) <= order / 2n).to.equal(true);
      }
    });

    it("are random unless a secret is given, and refuse one out of range", () => {
      expect(new SoftwareP256Key().publicKey).not.to.equal(new SoftwareP256Key().publicKey);
      expect(() => new SoftwareP256Key(ZeroHash)).to.throw(Error);
    });
  });

  describe("trees", () => {
    const values: readonly AttributeValue[] = [
      { name: "passportSchema", value: "BatteryPass 1.2", tier: AccessTier.Public },
      { name: "ratedCapacity", value: { amount: 70, unit: "kWh" }, tier: AccessTier.Public },
      { name: "cellSupplier", value: ["A", "B"], tier: AccessTier.Authority, salt: id("salt") },
    ];

    it("prove an attribute of a passport, which a production batch began", async () => {
      const { city, operator, lessor, device } = await networkHelpers.loadFixture(leasingCity);
      const passport = new Passport(values);
      const packs = Array.from({ length: 5 }, (_, index) => ({
        ...packData(`CV-B-${index}`, device.address),
        passportRoot: passport.root,
      }));
      const batch = new ProductionBatch(packs);
      await city.pack.connect(operator).commitProductionBatch(batch.root, packs.length, lessor);
      for (const [index, pack] of packs.entries()) await city.pack.materialise(1n, pack, batch.proofOf(index));

      const packId = packIdOf(packs[3]!.serialHash);
      expect(await city.pack.ownerOf(packId)).to.equal(lessor.address);
      for (const { name } of values) {
        const { attribute, proof } = passport.prove(name);
        expect(await city.pack.proveAttribute(packId, attribute, proof)).to.equal(true);
        const other = { ...attribute, valueHash: id("another value") };
        expect(await city.pack.proveAttribute(packId, other, proof)).to.equal(false);
      }
    });

    it("hash an attribute's name, the JSON of its value, and a salt of its own", () => {
      const [, capacity, supplier] = values as [AttributeValue, AttributeValue, AttributeValue];
      expect(hashAttribute(supplier)).to.deep.equal({
        id: textHash("cellSupplier"),
        valueHash: keccak256(toUtf8Bytes('["A","B"]')),
        salt: id("salt"),
        tier: AccessTier.Authority,
      });
      expect(hashAttribute(capacity).salt).not.to.equal(hashAttribute(capacity).salt);
      expect(() => hashAttribute({ ...capacity, value: undefined })).to.throw(TypeError, /ratedCapacity.*JSON/);
    });

    it("prove a minute of a pack's day in a fleet", async () => {
      const { city, actors, packId } = await networkHelpers.loadFixture(leasingCity);
      const day = 20_416n;
      const log = new DayLog(
        Array.from({ length: 1_440 }, (_, minute): LogEntry => {
          const takenAt = day * DAY + 60n * BigInt(minute);
          return { packId, counter: BigInt(minute) + 1n, takenAt, payloadHash: id(`payload ${minute}`) };
        }),
      );
      const fleet = new FleetTree(
        Array.from({ length: 9 }, (_, index): FleetEntry => {
          const logRoot = index === 4 ? log.root : id(`log ${index}`);
          return { packId: index === 4 ? packId : BigInt(index), day, logRoot, entryCount: 1_440n };
        }),
      );
      const { collector } = actors;
      await city.telemetry.connect(collector).commitFleetRoot(1n, fleet.root, fleet.entries.length);
      const prove = async (place: number): Promise<boolean> =>
        city.telemetry.verifyFleetEntry(
          collector,
          1n,
          0n,
          fleet.entries[place]!,
          fleet.proofOf(place),
          log.entries[700]!,
          log.proofOf(700),
        );
      expect(await prove(4)).to.equal(true);
      expect(await prove(5)).to.equal(false);
    });

    it("refuse what they cannot hold or do not have", () => {
      const entry = { packId: 1n, counter: 1n, takenAt: 1n, payloadHash: ZeroHash };
      expect(() => new DayLog([])).to.throw(RangeError, /2048 leaves cannot hold 0 entries/);
      expect(() => new DayLog(new Array(2_049).fill(entry))).to.throw(RangeError, /cannot hold 2049 entries/);
      expect(() => new DayLog([entry]).proofOf(1)).to.throw(RangeError, /no entry 1; the tree has 1/);
      const passport = new Passport(values);
      expect(() => passport.prove("colour")).to.throw(RangeError, /no attribute colour/);
      expect(() => new Passport([...values, values[0]!])).to.throw(RangeError, /one name/);
    });

    it("are checked off chain as on chain", () => {
      const passport = new Passport(values);
      const { attribute, proof } = passport.prove("ratedCapacity");
      const { id: name, valueHash, salt, tier } = attribute;
      const encoded = concat([name, valueHash, salt, toBeHex(tier, 32)]);
      expect(verifyProof(passport.root, keccak256(keccak256(encoded)), proof)).to.equal(true);
      expect(verifyProof(passport.root, keccak256(encoded), proof)).to.equal(false);
    });
  });

  describe("telemetry model", () => {
    it("marks readings as the contract does", async () => {
      const scene = await networkHelpers.loadFixture(leasingCity);
      const { city, operator, lessor, device } = scene;
      const ratedPowerW = 1_000n;
      const data = { ...packData("CV-P", device.address), ratedPowerW };
      await city.pack.connect(operator).register(lessor, data);
      const packId = packIdOf(data.serialHash);
      const random = new Random(1);
      let last: Reading = buildReading({ packId, counter: 1n, takenAt: 1_000_000n, sohBp: 10_000n });
      await submitReading(scene, last);
      const seen = new Set<bigint>();
      for (let step = 0; step < 60; step++) {
        const elapsed = random.between(1n, 7_200n);
        // The most energy that is not marked in this time, or one more.
        const energyWh = (ratedPowerW * elapsed * 6n) / (3_600n * 5n) + random.between(0n, 1n);
        const reading: Reading = {
          ...last,
          counter: last.counter + 1n,
          takenAt: last.takenAt + elapsed,
          throughputWh: last.throughputWh + energyWh,
          sohBp: last.sohBp + random.pick([-201n, -200n, 0n, 200n, 201n]),
          maxTempDK: random.between(3_329n, 3_331n),
        };
        await submitReading(scene, reading);
        const marks =
          telemetryModel.powerMark(energyWh, elapsed, ratedPowerW) |
          telemetryModel.healthMark(reading.sohBp, last.sohBp) |
          telemetryModel.heatMark(reading.maxTempDK);
        expect((await city.telemetry.stateOf(packId)).flags).to.equal(marks);
        for (const flag of Object.values(DeviceFlags)) if ((marks & flag) !== 0n) seen.add(flag);
        last = reading;
      }
      expect(seen.size, "kinds of marks met").to.equal(3);
      expect(telemetryModel.powerMark(1n << 40n, 1n, 0n)).to.equal(0n);
    });

    it("rounds a certified state of health down, as the contract does", async () => {
      const { city, actors, packId } = await networkHelpers.loadFixture(leasingCity);
      const { ratedWh } = await city.pack.packOf(packId);
      for (const measuredWh of [0n, 6n, 7n, 48_999n, 49_000n, 69_999n, 70_000n, 84_000n]) {
        const certificate = {
          packId,
          tester: actors.laboratory.address,
          measuredWh,
          testedAt: await now(),
          methodHash: id("method"),
          nonce: randomNonce(),
          deadline: await deadline(),
        };
        await city.telemetry.certify(certificate, await signHealthCertificate(city, actors.laboratory, certificate));
        const { sohBp } = await city.telemetry.healthOf(packId);
        expect(sohBp).to.equal(telemetryModel.sohBpDown(measuredWh, ratedWh));
      }
    });
  });

  describe("explainRevert", () => {
    it("puts the arguments in words", async () => {
      const scene = await networkHelpers.loadFixture(leasingCity);
      const { city, lessor, lessee } = scene;
      await fund(scene, lessee, terms.deposit);
      const offer = await offerOf(scene, { period: 60n });
      const signature = await signOffer(city, lessor, offer);
      const failure = await failureOf(city.lease.connect(lessee).accept(offer, signature, NO_PERMIT));
      expect(explainRevert(failure)).to.deep.include({
        name: "BatteryLeaseBadTerms",
        args: { field: "period", value: 60n, limit: 3_600n },
        message: "battery lease bad terms: field period, value 60, limit 3600",
        sentence:
          "A term of the offer is out of range. Name of the field of Offer: period; what was given: 60; " +
          "smallest or greatest value allowed: 3600.",
      });
    });

    it("names states and tells dates", () => {
      const { lease } = connectCity(NOWHERE);
      const wrongState = lease.interface.encodeErrorResult("BatteryLeaseWrongState", [3n, LeaseState.Settled]);
      expect(explainRevert(wrongState)?.message).to.equal("battery lease wrong state: lease id 3, state Settled");
      const early = lease.interface.encodeErrorResult("BatteryLeaseTooEarly", [3n, 1_764_000_000n, 1n << 200n]);
      expect(explainRevert({ data: early })?.message).to.equal(
        `battery lease too early: lease id 3, timestamp 1764000000 (2025-11-24T16:00:00.000Z), earliest ${1n << 200n}`,
      );
    });

    it("finds the data wherever a provider put it, and Solidity's own failures", () => {
      const coder = AbiCoder.defaultAbiCoder();
      const panic = concat(["0x4e487b71", coder.encode(["uint256"], [0x12])]);
      const text = concat(["0x08c379a0", coder.encode(["string"], ["no reason"])]);
      expect(explainRevert({ info: { error: { data: panic } } })?.message).to.equal("Panic: division by zero");
      expect(explainRevert({ cause: { data: text } })?.message).to.equal("no reason");
    });

    it("says nothing about what is no revert of the suite", () => {
      expect(explainRevert(new Error("the network is down"))).to.equal(undefined);
      expect(explainRevert({ data: "0x" })).to.equal(undefined);
      expect(explainRevert("0xdeadbeef")).to.equal(undefined);
      expect(explainRevert(undefined)).to.equal(undefined);
    });
  });
});
