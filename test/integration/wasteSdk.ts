import { expect } from "chai";
import { type BaseContract, id, type Provider, Wallet, ZeroHash } from "ethers";
import { network } from "hardhat";
import { readFileSync } from "node:fs";

import * as enums from "../../sdk/enums.js";
import {
  BinStatus,
  explainRevert,
  FillFault,
  LotState,
  NO_COMPACT_SIGNATURE,
  randomNonce,
  RewardLimit,
  signAdmission,
  signCrewChange,
  signCrewConsent,
  signEnrolment,
  signFill,
  signUse,
  signRedeem,
  TicketFault,
  Weighing,
} from "../../sdk/index.js";
import {
  actsClaimId,
  buildAct,
  buildDeposit,
  claimKind,
  cycleId,
  dayOf,
  depositsClaimId,
  DuplicateIndexError,
  earnedDown,
  epochId,
  epochParts,
  EpochTotalError,
  EpochTree,
  isNullifierPerson,
  merchantStatement,
  nullifierPerson,
  signedAct,
  signedDeposit,
  spanOf,
  verifyReward,
} from "../../sdk/rewards/index.js";
import {
  buildHandover,
  buildReceipt,
  buildTicket,
  certifiableUntil,
  certificateId,
  certificateKind,
  chapterOf,
  dayOfDate,
  fateOf,
  FieldError,
  isOperation,
  isValidOn,
  lotHistory,
  LotLedger,
  lotOrigin,
  MAX_LOT_GRAMS,
  MAX_TICKET_GRAMS,
  type MassTotals,
  type Material,
  materialBatches,
  monthOf,
  monthStart,
  mostGramsIn,
  operationOf,
  operationText,
  type Output,
  packFill,
  packFills,
  packIds,
  packSignedFills,
  packStops,
  readWasteEvents,
  reportFill,
  serialLotId,
  signedDelivery,
  signedFill,
  signedHandover,
  signedTicket,
  stopsHash,
  ticketBatches,
  ticketLotId,
  type TicketTerms,
  unpackFills,
  unpackIds,
  unpackSignedFills,
  wasteCode,
  wasteCodeText,
  type WasteEvent,
} from "../../sdk/waste/index.js";
import type { Connection } from "./utils/city.js";
import { giveCredential } from "./utils/credentials.js";
import { validatorOf } from "./utils/epcisSchema.js";
import { leasingCity } from "./utils/leasing.js";
import { behind } from "./utils/nodes.js";
import { Random } from "./utils/random.js";
import {
  ACTS,
  attestor,
  BINS,
  CAPACITY_L,
  COLLECTOR,
  DEPOSITS,
  deviceOf,
  EPOCHS,
  FACILITY,
  furnishWaste,
  holderOf,
  ITEM,
  METAL,
  PACKAGING,
  PAPER,
  personOf,
  REST,
  TOLERANCE_BP,
  TUBES,
} from "./utils/wasteDistrict.js";

const CONTRACTS = new URL("../../contracts/", import.meta.url);
const ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const DAY = 86_400;

const { networkHelpers, ethers } = await network.create();

/** Fixture: a city with all that waste and rewards need. */
async function district(connection: Connection) {
  const scene = await leasingCity(connection);
  return { ...scene, ...(await furnishWaste(scene)) };
}

/** The members of an enum as the source declares them, numbered from zero. */
function enumOf(file: string, name: string): Record<string, bigint> {
  const source = readFileSync(new URL(file, CONTRACTS), "utf8").replace(/\/\/.*$/gm, "");
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source)![1]!;
  return Object.fromEntries(body.split(",").map((member, index) => [member.trim(), BigInt(index)]));
}

const ENUM_FILES = [
  "waste/codes/IMaterialCodes.sol",
  "waste/operators/IWasteOperators.sol",
  "waste/containers/IContainers.sol",
  "waste/lots/IWasteLots.sol",
  "waste/certificates/IRecyclingCertificates.sol",
  "rewards/IEcoRewards.sol",
  "rewards/IEcoToken.sol",
  "rewards/IRedemption.sol",
];

/** A contract that only tells its domain. */
function stub(name: string): BaseContract {
  const domain = ["0x0f", name, "1", 31_337n, ADDRESS];
  return { getFunction: () => async () => domain } as unknown as BaseContract;
}

const TICKET: TicketTerms = {
  binId: 7,
  counter: 9,
  takenAt: 1_795_161_600n,
  code: PACKAGING,
  grams: 23_500n,
  collector: ADDRESS,
};

describe("Waste SDK", () => {
  describe("enums", () => {
    const files: Readonly<Record<string, readonly string[]>> = {
      "waste/codes/IMaterialCodes.sol": ["EntryType"],
      "waste/codes/WasteOperations.sol": ["Fate"],
      "waste/operators/IWasteOperators.sol": ["CustodyModel"],
      "waste/containers/IContainers.sol": ["BinStatus", "FillFault"],
      "waste/lots/IWasteLots.sol": ["Weighing", "LotState", "TicketFault"],
      "rewards/IEcoRewards.sol": ["ProgrammeKind", "Participants", "ClaimStatus", "RewardLimit"],
      "rewards/IRedemption.sol": ["VoucherStatus"],
    };

    it("are those of the contracts", () => {
      const known = enums as unknown as Readonly<Record<string, unknown>>;
      for (const [file, names] of Object.entries(files)) {
        for (const name of names) expect(known[name], name).to.deep.equal(enumOf(file, name));
      }
      const source = readFileSync(new URL("waste/lots/IWasteLots.sol", CONTRACTS), "utf8");
      const flags = [...source.matchAll(/uint8 internal constant (\w+) = (\d+);/g)];
      expect(Object.fromEntries(flags.map(([, name, value]) => [name!, BigInt(value!)]))).to.deep.equal(enums.LotFlags);
    });

    it("are told in words where a call is refused", async () => {
      const { city } = await networkHelpers.loadFixture(district);
      const closed = city.wasteLots.interface.encodeErrorResult("WasteLotsLotClosed", [5n, LotState.Consumed]);
      expect(explainRevert(closed)?.message).to.equal("waste lots lot closed: lot id 5, state Consumed");
      const bin = city.containers.interface.encodeErrorResult("ContainersBinNotActive", [7, BinStatus.Retired]);
      expect(explainRevert(bin)?.message).to.equal("containers bin not active: bin id 7, status Retired");
      const used = city.redemption.interface.encodeErrorResult("RedemptionVoucherClosed", [3n, 2n]);
      expect(explainRevert(used)?.message).to.equal("redemption voucher closed: voucher id 3, status Used");
      const type = city.materialCodes.interface.encodeErrorResult("MaterialCodesTypeFixed", [160_604, 1n]);
      expect(explainRevert(type)?.message).to.equal("material codes type fixed: code 160604, entry type Absolute");
      const same = city.materialCodes.interface.encodeErrorResult("MaterialCodesSameType", [160_604, 2n]);
      expect(explainRevert(same)?.message).to.equal(
        "material codes same type: code 160604, entry type AbsoluteHazardous",
      );
      const status = city.containers.interface.encodeErrorResult("ContainersBadStatus", [7, 3n, 1n]);
      expect(explainRevert(status)?.message).to.equal("containers bad status: bin id 7, status Retired, wanted Active");
      const rewards = city.ecoRewards.interface;
      const voided = rewards.encodeErrorResult("EcoRewardsNotPending", [3n, enums.ClaimStatus.Voided]);
      expect(explainRevert(voided)?.message).to.equal("eco rewards not pending: claim id 3, status Voided");
      const kind = rewards.encodeErrorResult("EcoRewardsWrongKind", [2, enums.ProgrammeKind.Epochs]);
      expect(explainRevert(kind)?.message).to.equal("eco rewards wrong kind: programme id 2, kind Epochs");
      const sort = rewards.encodeErrorResult("EcoRewardsWrongParticipants", [2, enums.Participants.Nullifiers]);
      expect(explainRevert(sort)?.message).to.equal(
        "eco rewards wrong participants: programme id 2, participants Nullifiers",
      );
    });

    it("have a name in every error that carries one", async () => {
      const { city } = await networkHelpers.loadFixture(district);
      const contracts = [
        city.materialCodes,
        city.wasteOperators,
        city.containers,
        city.wasteLots,
        city.recyclingCertificates,
        city.ecoRewards,
        city.ecoToken,
        city.redemption,
      ];
      const known = enums as unknown as Readonly<Record<string, Readonly<Record<string, bigint>>>>;
      const told: string[] = [];
      for (const file of ENUM_FILES) {
        const source = readFileSync(new URL(file, CONTRACTS), "utf8");
        for (const [, error, list] of source.matchAll(/error (\w+)\(([^)]*)\);/g)) {
          const parameters = list!.split(",").map((parameter) => parameter.trim().split(" "));
          if (!parameters.some(([type]) => type !== undefined && known[type] !== undefined)) continue;
          const contract = contracts.find(({ interface: { fragments } }) =>
            fragments.some((fragment) => "name" in fragment && fragment.name === error),
          )!;
          // All have another value than the ones beside them that are no members.
          const values = parameters.map(([type]) => Object.entries(known[type!] ?? {}).at(-1) ?? ["77", 77n]);
          const data = contract.interface.encodeErrorResult(
            error!,
            values.map(([, value]) => value),
          );
          const words = explainRevert(data)!.message;
          for (const [name] of values) expect(words, error).to.include(` ${name}`);
          told.push(error!);
        }
      }
      expect(told).to.have.members([
        "MaterialCodesTypeFixed",
        "MaterialCodesSameType",
        "ContainersBinNotActive",
        "ContainersBadStatus",
        "WasteLotsLotClosed",
        "EcoRewardsWrongKind",
        "EcoRewardsWrongParticipants",
        "EcoRewardsNotPending",
        "RedemptionVoucherClosed",
      ]);
    });

    it("are not mixed up with days, which are told as dates", async () => {
      const { city } = await networkHelpers.loadFixture(district);
      const day = city.ecoRewards.interface.encodeErrorResult("EcoRewardsBadDay", [20_776n, 20_777n, 1n << 200n]);
      expect(explainRevert(day)?.message).to.equal(
        `eco rewards bad day: day 20776 (2026-11-19), earliest 20777 (2026-11-20), latest ${1n << 200n}`,
      );
      const code = city.materialCodes.interface.encodeErrorResult("MaterialCodesInvalidDays", [160_604, 20_776, 0]);
      expect(explainRevert(code)?.message).to.equal(
        "material codes invalid days: code 160604, from day 20776 (2026-11-19), to day 0",
      );
      const early = city.materialCodes.interface.encodeErrorResult("MaterialCodesTooEarly", [160_604, 20_776, 20_777]);
      expect(explainRevert(early)?.message).to.equal(
        "material codes too early: code 160604, from day 20776 (2026-11-19), earliest 20777 (2026-11-20)",
      );
      const late = city.ecoRewards.interface.encodeErrorResult("EcoRewardsTooLate", [1_764_000_000n, 0n]);
      expect(explainRevert(late)?.message).to.equal(
        "eco rewards too late: since 1764000000 (2025-11-24T16:00:00.000Z), timestamp 0",
      );
    });
  });

  describe("codes", () => {
    it("are numbers of six digits, however they are written", () => {
      expect(["15 01 06", "150106", " 16 06 01* ", "010101"].map(wasteCode)).to.deep.equal([
        150_106, 150_106, 160_601, 10_101,
      ]);
      expect([150_106, 10_101].map(wasteCodeText)).to.deep.equal(["15 01 06", "01 01 01"]);
      expect([150_106, 10_101].map(chapterOf)).to.deep.equal([15, 1]);
      for (const text of ["", "15 01", "21 01 01", "00 01 01", "15-01-06", "1501061"]) {
        expect(() => wasteCode(text)).to.throw(RangeError, JSON.stringify(text));
      }
      expect(() => wasteCodeText(1.5)).to.throw(RangeError, '"1.5" is no code of six digits');
    });

    it("go to the chain in rising order, at most 400 in a call", () => {
      const entry = (code: number): Material => ({ code, entryType: 1n, fromDay: 0, toDay: 0 });
      const codes = Array.from({ length: 842 }, (_, index) => entry(200_000 - index));
      const batches = materialBatches(codes);
      expect(batches.map((batch) => batch.length)).to.deep.equal([400, 400, 42]);
      expect(batches.flat().map(({ code }) => code)).to.deep.equal(codes.map(({ code }) => code).reverse());
      expect(() => materialBatches([entry(150_106), entry(150_106)])).to.throw(
        RangeError,
        "two entries of code 15 01 06",
      );
      expect(materialBatches([])).to.deep.equal([]);
    });

    it("hold from their first to their last day", () => {
      const entry = { code: PACKAGING, entryType: 1n, fromDay: 10, toDay: 20 };
      expect([9, 10, 20, 21].map((day) => isValidOn(entry, day))).to.deep.equal([false, true, true, false]);
      expect(isValidOn({ ...entry, toDay: 0 }, 99_999)).to.be.true;
      expect(isValidOn({ ...entry, entryType: 0n }, 15)).to.be.false;
      expect(dayOfDate("1970-01-02")).to.equal(1);
      for (const date of ["2026-02-30", "2026-2-3", "today"]) expect(() => dayOfDate(date)).to.throw(RangeError, date);
    });

    it("of operations are R1 to R13 and D1 to D15, and end waste or do not", () => {
      expect(["R1", "R13", "D1", "D15"].map(operationOf)).to.deep.equal([1, 13, 101, 115]);
      expect([1, 13, 101, 115].map(operationText)).to.deep.equal(["R1", "R13", "D1", "D15"]);
      for (const text of ["R0", "R14", "D16", "R", "X1", "r3"]) {
        expect(() => operationOf(text)).to.throw(RangeError, `"${text}" is none of R1 to R13 and D1 to D15`);
      }
      for (const op of [0, 14, 100, 116, 1.5]) {
        expect(isOperation(op)).to.be.false;
        expect(fateOf(op)).to.equal(0n);
        expect(() => operationText(op)).to.throw(RangeError, `${op} is no operation`);
      }
      // R1 to R13, then D1 to D15.
      const fates = [2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 0, 0];
      const ends = [3, 3, 3, 3, 3, 3, 3, 0, 0, 3, 3, 3, 0, 0, 0];
      expect(fates.map((_, index) => Number(fateOf(index + 1)))).to.deep.equal(fates);
      expect(ends.map((_, index) => Number(fateOf(index + 101)))).to.deep.equal(ends);
    });
  });

  describe("ids", () => {
    it("of lots say which collection of which container, or a serial number", () => {
      expect(ticketLotId(7, 3)).to.equal((7n << 32n) | 3n);
      expect(lotOrigin(ticketLotId(7, 3))).to.deep.equal({ kind: "ticket", binId: 7, collection: 3 });
      expect(lotOrigin(serialLotId(12n))).to.deep.equal({ kind: "serial", serial: 12n });
      expect(() => ticketLotId(0, 1)).to.throw(FieldError, "container 0 is not 1 to 2147483647");
      expect(() => ticketLotId(1, 2 ** 32)).to.throw(FieldError, "collection 4294967296");
      expect(() => serialLotId(0)).to.throw(FieldError, "serial number 0");
    });

    it("of certificates say what was recycled how, where and when", () => {
      const kind = { code: PAPER, op: 3, facility: 2, month: 682 };
      const number = certificateId(kind);
      expect(number).to.equal((BigInt(PAPER) << 56n) | (3n << 48n) | (2n << 16n) | 682n);
      expect(certificateKind(number)).to.deep.equal(kind);
      expect(() => certificateId({ ...kind, op: 101 })).to.throw(RangeError, "D1 recycles nothing");
      expect(() => certificateId({ ...kind, facility: 0 })).to.throw(FieldError, "facility 0");
      expect(() => certificateId({ ...kind, code: 7 })).to.throw(RangeError, '"7" is no code');
      expect(() => certificateKind(1n << 80n)).to.throw(FieldError, "certificate");
    });

    it("of months are those of the calendar in UTC", () => {
      const at = (text: string) => BigInt(Date.parse(text) / 1_000);
      expect(monthOf(at("1970-01-31T23:59:59Z"))).to.equal(0);
      expect(monthOf(at("2026-11-30T23:59:59Z"))).to.equal(682);
      expect(monthOf(at("2026-12-01T00:00:00Z"))).to.equal(683);
      expect(monthStart(683)).to.equal(at("2026-12-01T00:00:00Z"));
      expect(certifiableUntil(682, 31)).to.equal(at("2026-12-31T23:59:59Z"));
      expect(certifiableUntil(682, 0)).to.equal(undefined);
    });

    it("of claims, persons and epochs say what they are for", () => {
      expect(claimKind(actsClaimId(1, 2n, 20_777))).to.deep.equal({
        kind: "acts",
        programmeId: 1,
        person: 2n,
        day: 20_777,
      });
      const person = nullifierPerson(id("nullifier"));
      expect(isNullifierPerson(person)).to.be.true;
      expect(isNullifierPerson(2n)).to.be.false;
      expect(person & ((1n << 63n) - 1n)).to.equal(BigInt(id("nullifier")) & ((1n << 63n) - 1n));
      expect(claimKind(depositsClaimId(65_535, person, 7, 3))).to.deep.equal({
        kind: "deposits",
        programmeId: 65_535,
        person,
        binId: 7,
        collection: 3,
      });
      expect(cycleId(7, 3)).to.equal(ticketLotId(7, 3));
      expect(epochParts(epochId(3, 20_777))).to.deep.equal({ programmeId: 3, day: 20_777 });
      expect(() => actsClaimId(65_536, 1n, 1)).to.throw(FieldError, "programme 65536 is not 0 to 65535");
      expect(() => claimKind(1n << 145n)).to.throw(FieldError, "claim");
    });

    it("of days and spans follow the city's clock", () => {
      const midnight = BigInt(20_777 * DAY);
      expect([dayOf(midnight - 1n), dayOf(midnight)]).to.deep.equal([20_776, 20_777]);
      expect([dayOf(midnight - 1n, 3_600), dayOf(midnight, -1)]).to.deep.equal([20_777, 20_776]);
      expect([spanOf(midnight - 1n), spanOf(midnight), spanOf(midnight + 600n)]).to.deep.equal([143, 0, 1]);
      expect(() => dayOf(0n, -1)).to.throw(FieldError, "instant -1");
    });
  });

  describe("readings", () => {
    const fills = [
      { binId: 7, counter: 1, takenAt: 1_795_161_600n, fillBp: 8_100 },
      { binId: 4_294_967_295, counter: 4_294_967_295, takenAt: (1n << 40n) - 1n, fillBp: 10_000 },
    ];

    it("travel side by side, 15 bytes each", () => {
      expect(packFill(fills[1]!)).to.equal("0xffffffffffffffffffffffffff2710");
      expect(packFills(fills).length).to.equal(2 + 2 * 2 * 15);
      expect(unpackFills(packFills(fills))).to.deep.equal(fills);
      expect(() => unpackFills("0x00")).to.throw(FieldError, "1 bytes are no whole records of 15");
      expect(() => packFills([])).to.throw(FieldError, "number of readings 0 is not 1 to 400");
      expect(() => packFills(Array.from({ length: 401 }, () => fills[0]!))).to.throw(FieldError, "401");
      expect(() => packFill({ ...fills[0]!, fillBp: 10_001 })).to.throw(FieldError, "fill 10001 is not 0 to 10000");
      expect(() => packFill({ ...fills[0]!, takenAt: 1n << 40n })).to.throw(FieldError, "time 1099511627776");
    });

    it("travel with their signatures, 79 bytes each", async () => {
      const city = { containers: stub("Civitas Containers") };
      const signed = await Promise.all(fills.map(async (fill) => signedFill(city, deviceOf(7), fill)));
      expect(packSignedFills(signed).length).to.equal(2 + 2 * 2 * 79);
      expect(unpackSignedFills(packSignedFills(signed))).to.deep.equal(signed);
      expect(() => packSignedFills(Array.from({ length: 201 }, () => signed[0]!))).to.throw(FieldError, "201");
    });

    it("of routes name their stops", () => {
      expect(packStops([1, 258])).to.equal("0x0000000100000102");
      expect(unpackIds("0x0000000100000102")).to.deep.equal([1, 258]);
      expect(packIds([])).to.equal("0x");
      expect(stopsHash([1, 258]).length).to.equal(2 + 28);
      expect(() => packStops([])).to.throw(FieldError, "number of stops 0 is not 1 to 500");
      expect(mostGramsIn(1_100, 600)).to.equal(660_000n);
      expect(mostGramsIn(1_100, 0)).to.equal(undefined);
      expect(() => mostGramsIn(-1, 1)).to.throw(FieldError, "-1 l of 1 g are negative");
    });
  });

  describe("builders", () => {
    it("of tickets refuse what no ticket can say", () => {
      expect(buildTicket(TICKET)).to.deep.equal({
        ...TICKET,
        weighing: Weighing.Weighed,
        routeId: 0,
        documentHash: ZeroHash,
      });
      expect(() => buildTicket({ ...TICKET, grams: 0n })).to.throw(
        FieldError,
        "mass on a ticket 0 is not 1 to 40000000",
      );
      expect(() => buildTicket({ ...TICKET, grams: MAX_TICKET_GRAMS + 1n })).to.throw(FieldError, "40000001");
      expect(() => buildTicket({ ...TICKET, weighing: 3n })).to.throw(FieldError, "weighing 3 is not 0 to 2");
      expect(() => buildTicket({ ...TICKET, code: 7 })).to.throw(RangeError, '"7" is no code');
      expect(() => buildTicket({ ...TICKET, counter: 2 ** 32 })).to.throw(FieldError, "counter 4294967296");
      expect(() => buildTicket({ ...TICKET, binId: 1.5 })).to.throw(FieldError, "container 1.5 is not whole");
      expect(() => ticketBatches([], 101)).to.throw(FieldError, "tickets of a call 101 is not 1 to 100");
    });

    it("of handovers and receipts refuse more than came, and refusals without a reason", async () => {
      const city = { wasteLots: stub("Civitas Waste Lots") };
      const handover = { lotId: 5n, version: 0, receiver: 2, grams: 500n, until: 1_000n };
      expect(() => buildHandover({ ...handover, grams: 0n })).to.throw(FieldError, "mass that leaves 0");
      expect(() => buildHandover({ ...handover, grams: MAX_LOT_GRAMS + 1n })).to.throw(FieldError);
      expect(() => buildHandover({ ...handover, receiver: 0 })).to.throw(FieldError, "receiver 0");
      const refusal = async (findings: Parameters<typeof buildReceipt>[2]) =>
        buildReceipt(city, handover, findings).then(
          () => "",
          (error: unknown) => (error as Error).message,
        );
      expect(await refusal({ receivedGrams: 0n })).to.include("mass that came 0");
      expect(await refusal({ receivedGrams: 5n, acceptedGrams: 6n })).to.equal("mass that is kept 6 is not 0 to 5");
      expect(await refusal({ receivedGrams: 5n, acceptedGrams: 2n })).to.equal(
        "3 g of lot 5 are refused without a reason",
      );
      expect((await buildReceipt(city, handover, { receivedGrams: 5n })).acceptedGrams).to.equal(5n);
    });

    it("of acts order their attestors and refuse what no act can say", async () => {
      const city = { ecoRewards: stub("Civitas Rewards") };
      const act = { programmeId: 1, person: 5n, to: ADDRESS, units: 10n, qualityBp: 10_000, day: 20_777, span: 143 };
      const keys = ["a", "b", "c", "d"].map((name) => new Wallet(id(name)));
      const { signatures } = await signedAct(city, keys, act);
      const rising = [...keys].sort((left, right) => (BigInt(left.address) < BigInt(right.address) ? -1 : 1));
      const alone = await Promise.all(rising.map(async (key) => (await signedAct(city, [key], act)).signatures[0]!));
      expect(signatures).to.deep.equal(alone);
      const message = async (attestors: Wallet[]) =>
        signedAct(city, attestors, act).then(
          () => "",
          (error: unknown) => (error as Error).message,
        );
      expect(await message([keys[0]!, keys[0]!])).to.equal(`attestor ${keys[0]!.address} signs twice`);
      expect(await message([])).to.equal("number of attestors 0 is not 1 to 8");
      expect(() => buildAct({ ...act, span: 144 })).to.throw(FieldError, "span 144 is not 0 to 143");
      expect(() => buildAct({ ...act, qualityBp: 10_001 })).to.throw(FieldError, "quality 10001");
      expect(() => buildAct({ ...act, programmeId: 0 })).to.throw(FieldError, "programme 0");
      const deposit = {
        programmeId: 2,
        person: 5n,
        to: ADDRESS,
        binId: 7,
        collection: 1,
        grams: 5n,
        takenAt: 0n,
        counter: 1,
      };
      expect(() => buildDeposit({ ...deposit, grams: 1n << 32n })).to.throw(FieldError, "mass 4294967296");
      expect(buildDeposit(deposit)).to.equal(deposit);
    });
  });

  describe("epochs", () => {
    const rewards = Array.from({ length: 17 }, (_, index) => ({
      index: BigInt(index * 3),
      to: new Wallet(id(`person ${index}`)).address,
      amount: BigInt(index + 1) * 1_000_000n,
    }));

    const EPOCH = epochId(3, 20_777);

    it("prove every reward, and nothing else", () => {
      const tree = new EpochTree(EPOCH, rewards);
      expect(tree.total).to.equal(153_000_000n);
      for (const { index } of rewards) {
        const proven = tree.prove(index);
        expect(verifyReward(tree.root, proven)).to.be.true;
        expect(verifyReward(tree.root, { ...proven, amount: proven.amount + 1n })).to.be.false;
        expect(verifyReward(tree.root, { ...proven, index: index + 1n })).to.be.false;
        expect(verifyReward(tree.root, { ...proven, epochId: EPOCH + 1n })).to.be.false;
      }
      expect(() => tree.prove(1n)).to.throw(FieldError, "no reward of the epoch has the number 1");
    });

    it("are the same when they are read again", () => {
      const tree = new EpochTree(EPOCH, rewards);
      const again = EpochTree.parse(JSON.stringify(tree));
      expect([again.root, again.total, again.epochId]).to.deep.equal([tree.root, tree.total, EPOCH]);
      expect(again.rewards).to.deep.equal(rewards);
    });

    it("refuse two rewards of one number, nothing, and more than the budget", () => {
      const twice = [...rewards, { ...rewards[4]!, amount: 1n }];
      expect(() => new EpochTree(EPOCH, twice))
        .to.throw(DuplicateIndexError, "two rewards of the epoch have the number 12")
        .with.property("index", 12n);
      expect(() => new EpochTree(EPOCH, rewards, 152_999_999n))
        .to.throw(EpochTotalError, "sum up to 153000000; the limit is 152999999")
        .with.property("limit", 152_999_999n);
      expect(() => new EpochTree(EPOCH, [{ ...rewards[0]!, amount: (1n << 56n) - 1n }, rewards[1]!])).to.throw(
        EpochTotalError,
      );
      expect(() => new EpochTree(1n << 40n, rewards)).to.throw(FieldError, "epoch 1099511627776");
      expect(() => new EpochTree(EPOCH, [])).to.throw(FieldError, "number of rewards 0");
      expect(() => new EpochTree(EPOCH, [{ ...rewards[0]!, amount: 0n }])).to.throw(FieldError, "amount 0");
      expect(() => new EpochTree(EPOCH, [{ ...rewards[0]!, to: "0x12" }])).to.throw(TypeError);
    });
  });

  describe("on a chain", () => {
    type Scene = Awaited<ReturnType<typeof district>>;
    const now = async () => BigInt(await networkHelpers.time.latest());

    /** A ticket of a container, brought by nobody in particular. */
    async function collect(scene: Scene, binId: number, grams: bigint): Promise<bigint> {
      const { city, driver, relayer } = scene;
      const counter = Number(await city.containers.ticketCounterOf(binId)) + 1;
      const terms = { binId, counter, takenAt: await now(), code: PACKAGING, grams, collector: driver.address };
      const signed = await signedTicket(city, deviceOf(binId), driver, buildTicket(terms));
      await city.wasteLots.connect(relayer).collect(signed);
      return ticketLotId(binId, Number((await city.containers.recordOf(binId)).collections));
    }

    it("readings are taken singly, in batches and from gateways, as the twin says", async () => {
      const scene = await networkHelpers.loadFixture(district);
      const { city, actors, relayer } = scene;
      const [binId] = BINS;
      const at = await now();
      const fills = [7_600, 8_100, 8_400, 500, 8_000].map((fillBp, index) => ({
        binId,
        counter: index + 5,
        takenAt: at + BigInt(index),
        fillBp,
      }));
      const [first, second, ...rest] = fills;
      await city.containers.connect(relayer).report(first!, await signFill(city, deviceOf(binId), first!));
      const stranger = await signedFill(city, deviceOf(99), fills[4]!);
      await city.containers
        .connect(relayer)
        .reportMany(packSignedFills([await signedFill(city, deviceOf(binId), second!), stranger]));
      await city.containers.connect(actors.wasteGateway).reportPacked(packFills([first!, ...rest]));
      const read = await readEvents(scene);
      const told = read.flatMap((event) => (event.name === "FillsReported" ? event.fills : []));
      expect(told).to.deep.equal(fills);
      expect(await readEvents(scene, behind(ethers.provider, 1))).to.deep.equal(read);
      const skipped = await city.containers.queryFilter(city.containers.filters.FillSkipped());
      expect(skipped.map(({ args }) => args.fault)).to.deep.equal([
        FillFault.BadDeviceSignature,
        FillFault.CounterNotIncreasing,
      ]);

      let state = { counter: 0, takenAt: 0n, fillBp: 0, alertBp: 8_000, status: BinStatus.Active };
      const [alerts, falls]: [number[], number[]] = [[], []];
      for (const fill of fills) {
        const outcome = reportFill(state, fill, fill.takenAt);
        if (outcome.alert) alerts.push(fill.fillBp);
        if (outcome.unrecordedEmptying) falls.push(fill.fillBp);
        state = outcome.state as typeof state;
      }
      expect(read.flatMap((event) => (event.name === "FillAlert" ? [event.fillBp] : []))).to.deep.equal(alerts);
      expect(read.flatMap((event) => (event.name === "UnrecordedEmptying" ? [event.toBp] : []))).to.deep.equal(falls);
      const { counter, takenAt, fillBp, alertBp, status } = await city.containers.stateOf(binId);
      expect({
        counter: Number(counter),
        takenAt,
        fillBp: Number(fillBp),
        alertBp: Number(alertBp),
        status,
      }).to.deep.equal(state);
    });

    it("a lot goes from its container to its end, and events alone tell what the contract stores", async () => {
      const scene = await networkHelpers.loadFixture(district);
      const { city, driver, driverCalls, gatekeeper, gatekeeperCalls, relayer } = scene;
      const { wasteLots } = city;
      const first = await collect(scene, 1, 500_000n);
      const second = await collect(scene, 2, 200_000n);
      const third = await collect(scene, 3, 23_500n);
      const until = (await now()) + 3_600n;
      const handover = (lotId: bigint, grams: bigint, version = 0) => ({
        lotId,
        version,
        receiver: FACILITY,
        grams,
        until,
      });

      const keys = { sender: driver, receiver: gatekeeper };
      const found = { receivedGrams: 492_000n, acceptedGrams: 450_000n, reasonHash: id("wet") };
      const signed = await signedHandover(city, keys, handover(first, 500_000n), found);
      await wasteLots.connect(relayer).receiveLot(signed.handover, signed.receipt, signed.sender, signed.receiver);
      const delivery = await signedDelivery(city, driver, handover(second, 200_000n));
      await wasteLots.connect(gatekeeperCalls).takeDelivery(delivery.handover, 200_000n, delivery.sender);
      // The sender brings what it would have to sign.
      const own = await signedHandover(city, { receiver: gatekeeper }, handover(third, 23_500n), {
        receivedGrams: 23_500n,
      });
      expect(own.sender).to.deep.equal(NO_COMPACT_SIGNATURE);
      await wasteLots.connect(driverCalls).receiveLot(own.handover, own.receipt, own.sender, own.receiver);

      await wasteLots.connect(driverCalls).proposeRevision(third, 32_500n, id("scale was off"));
      await wasteLots.connect(gatekeeperCalls).approveRevision(third, 32_500n);
      await wasteLots.connect(gatekeeperCalls).group([first, second], [300_000n, 150_000n]);
      const [grouped] = (await ledgerOf(scene)).descendantsOf(second);
      await wasteLots.connect(gatekeeperCalls).process(
        [grouped!],
        [
          { code: PAPER, grams: 300_000n, op: operationOf("R3") },
          { code: METAL, grams: 60_000n, op: 0 },
          { code: REST, grams: 81_000n, op: operationOf("D1") },
        ],
        9_000n,
        id("record"),
      );
      const [paper, metal] = (await ledgerOf(scene)).descendantsOf(grouped!);
      await wasteLots.connect(gatekeeperCalls).finalise(metal!, operationOf("R4"), id("record"));
      await wasteLots.connect(gatekeeperCalls).exportLot(third, id("Basel"));
      const broken = await collect(scene, 1, 1_000n);
      await wasteLots.connect(driverCalls).declareBreak(broken, id("label lost"));
      // More than the tolerance of what was sent is missing.
      const disputed = await collect(scene, 2, 10_000n);
      const missing = await signedHandover(city, keys, handover(disputed, 10_000n), {
        receivedGrams: 10_000n - (10_000n * BigInt(TOLERANCE_BP)) / 10_000n - 1n,
      });
      await wasteLots.receiveLot(missing.handover, missing.receipt, missing.sender, missing.receiver);
      expect((await wasteLots.lotOf(disputed)).state).to.equal(LotState.Disputed);
      await wasteLots.connect(holderOf(scene, "WASTE_AUDITOR")).rule(disputed, 9_900n, id("second scale"));

      await expectAsStored(scene);
      const history = lotHistory(
        {
          chainId: (await ethers.provider.getNetwork()).chainId,
          wasteLots: await wasteLots.getAddress(),
          events: await readEvents(scene),
        },
        paper!,
      );
      const validate = validatorOf();
      expect(validate(history), JSON.stringify(validate.errors)).to.be.true;
      expect(history.epcisBody.eventList.map(({ type }) => type)).to.include.members([
        "ObjectEvent",
        "TransactionEvent",
        "AggregationEvent",
        "TransformationEvent",
      ]);
      const certificate = certificateId({ code: PAPER, op: 3, facility: FACILITY, month: monthOf(await now()) });
      expect((await ledgerOf(scene)).recycledOf(certificate)).to.equal(300_000n);
      await city.recyclingCertificates.connect(gatekeeperCalls).issue(certificate, relayer, 300_000n);
      expect(await city.recyclingCertificates.balanceOf(relayer, certificate)).to.equal(300_000n);
    });

    it("tickets of a route go in one call, and what is wrong with one is named", async () => {
      const scene = await networkHelpers.loadFixture(district);
      const { city, driver, driverCalls, relayer } = scene;
      const at = await now();
      const containers = city.containers.connect(driverCalls);
      await containers.planRoute(packStops(BINS), at, id("vehicle"));
      expect((await city.containers.routeOf(1)).stopsHash).to.equal(stopsHash(BINS));
      const terms = { takenAt: at, code: PACKAGING, grams: 1_000n, collector: driver.address, routeId: 1 };
      const tickets = await Promise.all(
        BINS.map(async (binId) => {
          const ticket = buildTicket({ ...terms, binId, counter: 1 });
          return signedTicket(city, deviceOf(binId === 3 ? 99 : binId), driver, ticket);
        }),
      );
      const hazardous = buildTicket({ ...terms, binId: 1, counter: 2, code: TUBES });
      const batch = [...tickets, await signedTicket(city, deviceOf(1), driver, hazardous)];
      for (const call of ticketBatches(batch)) await city.wasteLots.connect(relayer).collectMany(call);
      const rejected = await city.wasteLots.queryFilter(city.wasteLots.filters.TicketRejected());
      expect(rejected.map(({ args }) => [args.binId, args.fault])).to.deep.equal([
        [3n, TicketFault.BadDeviceSignature],
        [1n, TicketFault.PermitMissing],
      ]);
      expect((await city.containers.routeOf(1)).servedStops).to.equal(2n);
      expect((await ledgerOf(scene)).totals.collected).to.equal(2_000n);
      await expectAsStored(scene);
    });

    it("whatever is done to lots at random, events alone tell what the contract stores", async () => {
      const scene = await networkHelpers.loadFixture(district);
      for (let seed = 1; seed <= 2; seed += 1) await wander(scene, new Random(seed), 40);
      await expectAsStored(scene);
      expect((await readEvents(scene)).map(({ name }) => name)).to.include.members([
        "Received",
        "Refused",
        "Disputed",
        "DisputeRuled",
        "Grouped",
        "Processed",
        "Finalised",
        "TraceBroken",
        "Revised",
      ]);
    });

    it("rewards are what the twin says", async () => {
      const scene = await networkHelpers.loadFixture(district);
      const { city, resident, relayer } = scene;
      const rewards = city.ecoRewards.connect(relayer);
      const person = await personOf(scene, resident);
      const day = Number(await rewards.today());
      const at = await now();
      expect(dayOf(at)).to.equal(day);
      const act = {
        programmeId: ACTS,
        person,
        to: resident.address,
        units: 2_400n,
        qualityBp: 9_500,
        day,
        span: spanOf(at),
      };
      const done = await signedAct(city, [attestor], act);
      await rewards.earn(done.act, [...done.signatures]);
      const claim = await rewards.claimOf(actsClaimId(ACTS, person, day));
      expect(claim.amount)
        .to.equal(earnedDown(2_400n, 2_500_000n, 9_500))
        .and.to.equal(5_700_000n);

      const fields = { programmeId: DEPOSITS, person, to: resident.address, binId: 1, collection: 1, takenAt: at };
      const put = await signedDeposit(city, deviceOf(1), { ...fields, grams: 10_000n, counter: 1 });
      await rewards.recordDeposit(put.deposit, put.signature);
      // The person's day is cut to 20 tokens, so 8,000 g of the deposit are claimed.
      const [told] = await rewards.queryFilter(rewards.filters.Earned(depositsClaimId(DEPOSITS, person, 1, 1)));
      expect([told!.args.earned, told!.args.paid, told!.args.limit]).to.deep.equal([
        25_000_000n,
        20_000_000n,
        RewardLimit.Person,
      ]);
      expect((await rewards.cycleOf(1, 1)).claimedGrams).to.equal(8_000n);
      expect(mostGramsIn(CAPACITY_L, 600)).to.equal(660_000n);
    });

    it("epochs are claimed by their leaves", async () => {
      const scene = await networkHelpers.loadFixture(district);
      const { city, actors, relayer } = scene;
      const people = [relayer, actors.arbiter, actors.depot];
      const day = Number(await city.ecoRewards.today());
      const tree = new EpochTree(
        epochId(EPOCHS, day),
        people.map(({ address }, index) => ({ index: BigInt(index), to: address, amount: 1_000_000n + BigInt(index) })),
      );
      await city.ecoRewards
        .connect(actors.rewardOffice)
        .postEpoch(tree.epochId, tree.root, tree.total, "ipfs://leaves");
      const [posted] = await city.ecoRewards.queryFilter(city.ecoRewards.filters.EpochPosted());
      expect(posted!.args.epochId).to.equal(epochId(EPOCHS, day));
      await networkHelpers.time.increase(8 * DAY);
      const { index, to, amount, proof } = tree.prove(1n);
      await city.ecoRewards
        .connect(relayer)
        .claimFromEpoch(posted!.args.epochId, posted!.args.claimableAt, index, to, amount, proof);
      expect(await city.ecoToken.balanceOf(to)).to.equal(amount);
    });

    it("vouchers are bought and used by signature, and merchants get what the twin says", async () => {
      const scene = await networkHelpers.loadFixture(district);
      const { city, lessee, merchant, relayer } = scene;
      const { price: maxPrice, faceValue } = await city.redemption.itemOf(ITEM);
      const deadline = (await now()) + 3_600n;
      const purchase = { itemId: ITEM, maxPrice, holder: lessee.address, nonce: randomNonce(), deadline };
      const bought = await signRedeem(city, lessee, purchase);
      await city.redemption.connect(relayer).redeemBySig(ITEM, maxPrice, lessee, purchase.nonce, deadline, bought);
      const use = { voucherId: 1n, merchant: merchant.address, nonce: randomNonce(), deadline };
      await city.redemption.connect(merchant).consume(1n, use.nonce, deadline, await signUse(city, lessee, use));
      const statement = merchantStatement([faceValue], await city.redemption.feeBp());
      await city.redemption.connect(merchant).settle(relayer);
      const [settled] = await city.redemption.queryFilter(city.redemption.filters.MerchantSettled());
      const { gross, fee, net } = settled!.args;
      expect({ gross, fee, net }).to.deep.equal(statement);
    });

    it("admissions, crews and enrolments are signed for by the owners of identities, crews by their keys too", async () => {
      const scene = await networkHelpers.loadFixture(district);
      const { city, actors, resident, relayer } = scene;
      const company = new Wallet(id("company without a coin"));
      const driver = new Wallet(id("second driver"));
      const { address: key } = driver;
      const deadline = (await now()) + 3_600n;
      const until = deadline + 1n;
      const change = { operatorId: COLLECTOR, key, until, nonce: randomNonce(), deadline };
      const signature = await signCrewChange(city, actors.wasteCollector, change);
      const agreed = await signCrewConsent(city, driver, change);
      await city.wasteOperators
        .connect(relayer)
        .setCrew(COLLECTOR, key, until, change.nonce, deadline, signature, agreed);
      expect(await city.wasteOperators.crewOf(key)).to.deep.equal([BigInt(COLLECTOR), until]);
      await giveCredential({ ...scene, ...city }, "WASTE_COLLECTOR", company.address);
      const admission = { account: company.address, nonce: randomNonce(), deadline };
      const asked = await signAdmission(city, company, admission);
      await city.wasteOperators.connect(relayer).admit(company, admission.nonce, deadline, asked);
      expect((await city.wasteOperators.operatorOf(FACILITY + 1)).account).to.equal(company.address);
      const enrolment = { subject: resident.address, account: relayer.address, nonce: randomNonce(), deadline };
      const consent = await signEnrolment(city, resident, enrolment);
      await city.ecoRewards.connect(relayer).enrol(resident, relayer, enrolment.nonce, deadline, consent);
      const [, moved] = await city.ecoRewards.queryFilter(city.ecoRewards.filters.Enrolled());
      expect(moved!.args.account).to.equal(relayer.address);
    });

    // --- what the chain and its events say

    async function readEvents({ city }: Scene, chain: Provider = ethers.provider): Promise<WasteEvent[]> {
      return readWasteEvents(chain, {
        wasteLots: await city.wasteLots.getAddress(),
        containers: await city.containers.getAddress(),
      });
    }

    async function ledgerOf(scene: Scene): Promise<LotLedger> {
      const ofBins = ["FillsReported", "FillAlert", "UnrecordedEmptying", "DeviceSet"];
      const events = (await readEvents(scene)).flatMap((event) => (ofBins.includes(event.name) ? [] : [event]));
      return LotLedger.of(events as never, { isHazardous: (code) => code === TUBES });
    }

    /** Each lot, the totals and what can be certified are in the ledger as the contract has them. */
    async function expectAsStored(scene: Scene): Promise<void> {
      const { wasteLots } = scene.city;
      const ledger = await ledgerOf(scene);
      for (const lot of ledger.lots) {
        const stored = await wasteLots.lotOf(lot.lotId);
        expect({
          holder: Number(stored.holder),
          previous: Number(stored.previous),
          grams: stored.grams,
          collectedGrams: stored.collectedGrams,
          code: Number(stored.code),
          state: stored.state,
          flags: stored.flags,
          version: Number(stored.version),
          op: Number(stored.op),
        }).to.deep.equal({
          holder: lot.holder,
          previous: lot.previous,
          grams: lot.grams,
          collectedGrams: lot.collectedGrams,
          code: lot.code,
          state: lot.state,
          flags: lot.flags,
          version: lot.version,
          op: lot.op,
        });
      }
      const totals = await wasteLots.totals();
      for (const [name, grams] of Object.entries(ledger.totals))
        expect(totals[name as keyof MassTotals], name).to.equal(grams);
      const { input, output } = ledger.balance();
      expect(input).to.equal(output);
      const month = monthOf(await now());
      for (const code of [PACKAGING, PAPER, METAL]) {
        for (const op of [3, 4, 5]) {
          const kind = { code, op, facility: FACILITY, month };
          expect(await wasteLots.recycledOf(FACILITY, code, op, month)).to.equal(
            ledger.recycledOf(certificateId(kind)),
          );
        }
      }
    }

    /** Does what can be done to lots, at random; what the contract refuses is refused and changes nothing. */
    async function wander(scene: Scene, random: Random, steps: number): Promise<void> {
      const { city, driver, gatekeeper, driverCalls, gatekeeperCalls } = scene;
      const { wasteLots } = city;
      for (let step = 0; step < steps; step += 1) {
        const ledger = await ledgerOf(scene);
        const open = ledger.lots.filter(({ state }) => state === LotState.Open || state === LotState.Refused);
        const lot = open[Number(random.between(0n, BigInt(Math.max(open.length - 1, 0))))];
        if (lot === undefined || random.between(0n, 3n) === 0n) {
          await collect(scene, Number(random.between(1n, 3n)), random.between(1n, 600_000n));
          continue;
        }
        const { lotId, grams, holder, version } = lot;
        const [mine, calls, sender, receiver] =
          holder === COLLECTOR
            ? ([FACILITY, driverCalls, driver, gatekeeper] as const)
            : ([COLLECTOR, gatekeeperCalls, gatekeeper, driver] as const);
        const until = (await now()) + 3_600n;
        const by = wasteLots.connect(calls);
        const acts = [
          async () => {
            const received = random.between(grams - grams / 60n, grams + grams / 60n);
            const acceptedGrams = random.pick([received, 0n, random.between(0n, received)]);
            const findings = { receivedGrams: received, acceptedGrams, reasonHash: id("wet") };
            const terms = { lotId, version, receiver: mine, grams, until };
            const signed = await signedHandover(city, { sender, receiver }, terms, findings);
            await wasteLots.receiveLot(signed.handover, signed.receipt, signed.sender, signed.receiver);
          },
          async () => {
            const sources = open.filter((other) => other.holder === holder && other.code === lot.code).slice(0, 3);
            const taken = sources.map((other) => random.pick([other.grams, random.between(1n, other.grams)]));
            await by.group(
              sources.map((other) => other.lotId),
              taken,
            );
          },
          async () => {
            const loss = random.between(0n, (grams * 300n) / 10_000n);
            const made = grams - loss;
            const part = random.between(1n, made);
            const outputs: Output[] = [{ code: PAPER, grams: part, op: random.pick([3, 0, 101, 1]) }];
            if (made > part) outputs.push({ code: METAL, grams: made - part, op: 0 });
            await by.process([lotId], outputs, loss, id("record"));
          },
          async () => {
            await by.finalise(lotId, random.pick([3, 5, 1, 110]), id("record"));
          },
          async () => {
            const revised = random.between(1n, grams + 1_000n);
            await by.proposeRevision(lotId, revised, id("scale was off"));
            const other = wasteLots.connect(holder === COLLECTOR ? gatekeeperCalls : driverCalls);
            if (lot.previous === 0)
              await wasteLots.connect(holderOf(scene, "WASTE_AUDITOR")).auditRevision(lotId, revised);
            else await other.approveRevision(lotId, revised);
          },
          async () => {
            await by.declareBreak(lotId, id("label lost"));
          },
        ] as const;
        const act = random.pick(acts);
        try {
          await act();
        } catch (error) {
          // Facilities alone process, what is in another lot is not revised, and a dispute waits for its ruling.
          if (explainRevert(error)?.name.startsWith("WasteLots") !== true) throw error;
        }
        for (const { lotId: disputed, state, grams: held } of (await ledgerOf(scene)).lots) {
          if (state === LotState.Disputed)
            await wasteLots.connect(holderOf(scene, "WASTE_AUDITOR")).rule(disputed, held + 1n, id("ruling"));
        }
      }
    }
  });
});
