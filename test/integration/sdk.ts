import { expect } from "chai";
import { id, ZeroAddress } from "ethers";
import { network } from "hardhat";

import {
  acceptNonce,
  buildOffer,
  buildReading,
  Category,
  connectCity,
  explainRevert,
  LeaseState,
  NO_PERMIT,
  offerHash,
  p256AccountOf,
  packIdOf,
  rentNonce,
  serialHash,
  signAcceptance,
  signOffer,
  signPermit,
  signReading,
  signRentPayment,
  SoftwareP256Key,
  structs,
  UnknownCityError,
} from "../../sdk/index.js";
import { addressesOf, type Connection, deployedCity } from "./utils/city.js";
import { deployableContracts } from "./utils/source.js";

const DAY = 86_400n;
const RENT = 120_000_000n;
const DEPOSIT = 600_000_000n;

const { networkHelpers } = await network.create();

/** A city with one pack, whose device has a P-256 key, and an offer to lease it. */
async function stage(connection: Connection) {
  const deployed = await deployedCity(connection);
  const { actors, people } = deployed;
  const [operator, lessor, lessee, relayer] = people;
  const addresses = await addressesOf(deployed);
  const city = connectCity(addresses, relayer);
  const device = { verifier: addresses.p256Verifier!, key: new SoftwareP256Key(id("device")) };
  const hash = serialHash(1n, "CV-0001", id("salt"));
  await city.pack.connect(actors.registrar).admitOperator(operator!);
  await city.pack.connect(operator).register(lessor!, {
    serialHash: hash,
    passportRoot: id("passport"),
    device: p256AccountOf(device),
    ratedWh: 70_000n,
    ratedPowerW: 0n,
    madeOnDay: 20_000n,
    category: Category.ElectricVehicle,
  });
  await city.token.connect(actors.treasury).mint(lessee!, 10n * (RENT + DEPOSIT));
  const now = BigInt(await networkHelpers.time.latest());
  const packId = packIdOf(hash);
  const offer = buildOffer({
    packId,
    lessor: lessor!.address,
    rent: RENT,
    deposit: DEPOSIT,
    period: 30n * DAY,
    periods: 12n,
    grace: 5n * DAY,
    claimWindow: 7n * DAY,
    arbiterWindow: 30n * DAY,
    deadline: now + DAY,
  });
  return { city, actors, lessor: lessor!, lessee: lessee!, relayer: relayer!, device, packId, offer, now };
}

describe("SDK", () => {
  describe("connectCity", () => {
    it("names the chain and the next step when it knows no deployment", () => {
      expect(() => connectCity(31_337n)).to.throw(UnknownCityError, /chain 31337.*Pass connectCity the addresses/);
    });

    it("leaves the manager out when its address is not given", async () => {
      const address = ZeroAddress;
      const city = connectCity({ token: address, pack: address, telemetry: address, lease: address });
      expect(city.manager).to.equal(undefined);
    });
  });

  describe("typed data", () => {
    it("has every typed struct of the contracts, as they hash it", async () => {
      const types = new Map((await deployableContracts()).flatMap(({ typedStructs }) => [...typedStructs]));
      expect(structs).to.deep.equal(Object.fromEntries(types));
    });

    it("signs an offer and a permit that the lease book accepts", async () => {
      const { city, lessor, lessee, offer } = await networkHelpers.loadFixture(stage);
      const permit = await signPermit(city, lessee, { value: RENT + DEPOSIT });
      await city.lease.connect(lessee).accept(offer, await signOffer(city, lessor, offer), permit);
      expect(await city.lease.stateOf(1n)).to.equal(LeaseState.Active);
      expect((await city.lease.leaseOf(1n)).offerHash).to.equal(offerHash(offer));
    });

    it("signs payments that anybody relays", async () => {
      const { city, lessor, lessee, offer, now } = await networkHelpers.loadFixture(stage);
      const signature = await signOffer(city, lessor, offer);
      expect(await acceptNonce(city, offer)).to.equal(await city.lease.acceptNonce(offer));
      const acceptance = await signAcceptance(city, lessee, offer, now + DAY);
      await city.lease.acceptWithAuthorization(offer, signature, lessee, acceptance);

      expect(rentNonce(city.addresses.lease, 1n, 1n, 2n)).to.equal(await city.lease.rentNonce(1n, 2n));
      const payment = await signRentPayment(city, lessee, 1n, {
        periodCount: 2n,
        value: 2n * RENT,
        validBefore: now + DAY,
      });
      await city.lease.payRentWithAuthorization(1n, 2n, lessee, payment);
      expect((await city.lease.leaseOf(1n)).paidPeriods).to.equal(3n);
    });

    it("signs a reading with a P-256 key", async () => {
      const { city, device, packId, now } = await networkHelpers.loadFixture(stage);
      const reading = buildReading({ packId, counter: 1n, takenAt: now, throughputWh: 10n, sohBp: 9_900n });
      await city.telemetry.submit(await signReading(city, device, reading));
      expect((await city.telemetry.stateOf(packId)).counter).to.equal(1n);
    });
  });

  describe("explainRevert", () => {
    it("puts the arguments in words", async () => {
      const { city, lessor, lessee, offer } = await networkHelpers.loadFixture(stage);
      const bad = { ...offer, period: 60n };
      const failure: unknown = await city.lease
        .connect(lessee)
        .accept(bad, await signOffer(city, lessor, bad), NO_PERMIT)
        .catch((error: unknown) => error);
      expect(explainRevert(failure)).to.deep.equal({
        name: "BatteryLeaseBadTerms",
        args: { field: "period", value: 60n, limit: 3_600n },
        message: "battery lease bad terms: field period, value 60, limit 3600",
      });
    });
  });
});
