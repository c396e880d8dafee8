import assert from "node:assert/strict";
import { network } from "hardhat";
import { concat, keccak256, toBeHex, toTwos, Wallet } from "ethers";

const FEEDER = 7;
const DAY_SECONDS = 86_400;
const TRANSACTION_GAS = 16_777_216n;

/** A feeder's day on a chain of its own: its meters, what they measured and what they sign. */
async function feederDay(meterCount: number, intervalLength: number) {
  const { ethers, networkHelpers } = await network.create();
  const signers = await ethers.getSigners();
  const [admin, operator, gridOperator] = [signers[0]!, signers[1]!, signers[2]!];
  // The next day, because hundreds of meters are registered before it begins.
  const number = Math.floor((await networkHelpers.time.latest()) / DAY_SECONDS) + 1;
  const manager = await ethers.deployContract("AccessManager", [admin]);
  const registry = await ethers.deployContract("EnergyRegistry", [manager, intervalLength, 48, DAY_SECONDS]);
  const identities = await ethers.deployContract("Identities");
  const credentials = await ethers.deployContract("MockCredentialRegistry");
  const euro = await ethers.deployContract("CityEuro", [manager]);
  const settings = {
    window: DAY_SECONDS,
    amendDuration: 60 * DAY_SECONDS,
    toleranceBp: 500,
    toleranceWh: 0,
    community: admin.address,
    minimumBond: 1_000_000n,
    penalty: 1_000n,
  };
  const readings = await ethers.deployContract("MeterReadings", [euro, registry, identities, credentials, settings]);
  await credentials.set!(ethers.encodeBytes32String("METERING_OPERATOR"), operator, true);
  await euro.mint(admin, 1_000_000n);
  await euro.approve(readings, 1_000_000n);
  await readings.postBond(operator, 1_000_000n);

  const head = new Wallet(keccak256("0xffff"));
  const meters = Array.from({ length: meterCount }, (_, i) => new Wallet(keccak256(toBeHex(i, 2))));
  await registry.registerFeeder(FEEDER, operator, gridOperator, head);
  for (const meter of meters) {
    await registry.registerMeter(FEEDER, admin, {
      key: meter,
      importCapWh: 10_000,
      exportCapWh: 10_000,
      source: 1,
      class: 1,
      status: 1,
    });
  }
  const intervals = DAY_SECONDS / intervalLength;
  const wh = (interval: number, meter: number): number => ((interval * 31 + meter * 17) % 2_000) - 600;
  const column = (of: (interval: number) => number): string =>
    concat(Array.from({ length: intervals }, (_, i) => toBeHex(toTwos(of(i), 32), 4)));
  const values = concat(
    Array.from({ length: intervals }, (_, i) => concat(meters.map((_, k) => toBeHex(toTwos(wh(i, k), 32), 4)))),
  );
  const headValues = column((i) => meters.reduce((sum, _, k) => sum + wh(i, k), 0));

  const domain = {
    name: "Civitas Meter Readings",
    version: "1",
    chainId: (await ethers.provider.getNetwork()).chainId,
    verifyingContract: await readings.getAddress(),
  };
  const list = { name: "values", type: "bytes" };
  const day = { name: "day", type: "uint32" };
  const feeder = { name: "feeder", type: "uint16" };
  const compact = (signature: string): string => ethers.Signature.from(signature).compactSerialized;
  const signing = meters.map((meter, i) =>
    meter.signTypedData(
      domain,
      { MeterDay: [{ name: "meter", type: "uint32" }, day, list] },
      { meter: FEEDER * 256 + i, day: number, values: column((k) => wh(k, i)) },
    ),
  );
  const meterSignatures = concat((await Promise.all(signing)).map(compact));
  const submission = {
    feeder: FEEDER,
    day: number,
    values,
    headValues,
    headSignature: compact(
      await head.signTypedData(
        domain,
        { FeederDay: [feeder, day, list] },
        { feeder: FEEDER, day: number, values: headValues },
      ),
    ),
    meterSignatures,
    operatorSignature: {
      key: "0x",
      data: await operator.signTypedData(
        domain,
        {
          FeederReadings: [
            feeder,
            day,
            list,
            { name: "headValues", type: "bytes" },
            { name: "meterSignatures", type: "bytes" },
          ],
        },
        { feeder: FEEDER, day: number, values, headValues, meterSignatures },
      ),
    },
    gridOperatorSignature: { key: "0x", data: "0x" },
  };
  await networkHelpers.time.increaseTo((number + 1) * DAY_SECONDS);
  return { readings, submission };
}

describe("MeterReadings", () => {
  describe("submit", () => {
    for (const [meterCount, intervalLength] of [
      [17, 3_600],
      [64, 900],
      [256, 900],
    ] as const) {
      const intervals = DAY_SECONDS / intervalLength;
      it(`takes ${meterCount} signed meters in ${intervals} intervals in one transaction`, async () => {
        const { readings, submission } = await feederDay(meterCount, intervalLength);
        await readings.submit(submission, { gasLimit: TRANSACTION_GAS });
        assert((await readings.dayOf(FEEDER, submission.day)).signedKeys === 3n);
      });
    }
  });
});
