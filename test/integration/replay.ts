import { expect } from "chai";
import {
  type BaseContract,
  id,
  Signature,
  toBeHex,
  TypedDataEncoder,
  type TypedDataDomain,
  type TypedDataField,
  Wallet,
} from "ethers";
import { network } from "hardhat";

import { LeaseActKind, NO_PERMIT, type Offer } from "../../sdk/index.js";
import type { Connection } from "./utils/city.js";
import { credentialActs } from "./utils/credentialActs.js";
import { energyActs, furnishEnergy } from "./utils/energyActs.js";
import { identityActs } from "./utils/identityActs.js";
import { fund, leasingCity, offerOf, registerPack, startLease, submitReading, terms } from "./utils/leasing.js";
import { furnishPolls, participationActs } from "./utils/participationActs.js";
import { type Act, bySignature, messageFor, type SignedAct } from "./utils/signedActs.js";
import { deployableContracts } from "./utils/source.js";
import { wasteActs } from "./utils/wasteActs.js";
import { furnishWaste } from "./utils/wasteDistrict.js";

/** Names of the errors of a contract that does not use Signed for the struct. */
interface Faults {
  /** One for all signers, or one for each. */
  readonly signature: string | readonly string[];
  readonly nonce: string;
  /** Absent where the struct has no deadline. */
  readonly deadline?: string;
}

interface Entry extends SignedAct<Stage> {
  readonly faults?: Faults;
}

type Stage = Awaited<ReturnType<typeof stage>>;

const SECONDS_LEFT = 3_600;
const PERMIT_FAULTS: Faults = {
  signature: "ERC2612InvalidSigner",
  nonce: "ERC2612InvalidSigner",
  deadline: "ERC2612ExpiredSignature",
};
const AUTHORISATION_FAULTS: Faults = {
  signature: "ERC3009InvalidSignature",
  nonce: "InvalidAccountNonce",
  deadline: "ERC3009InvalidAuthorizationTime",
};

const ORDER_FAULTS: Faults = { signature: "EnergyMarketBadSignature", nonce: "EnergyMarketAlreadyPosted" };
const METER_FAULTS: Faults = { signature: "MeterReadingsInvalidSignature", nonce: "MeterReadingsAlreadyAccepted" };
const HEAD_FAULTS: Faults = { signature: "MeterReadingsInvalidHeadSignature", nonce: "MeterReadingsAlreadyAccepted" };
const READINGS_FAULTS: Faults = { signature: "SignedInvalidSignature", nonce: "MeterReadingsAlreadyAccepted" };
/** Its nonce is the number of replacements before it, which the contract puts in. */
const AMENDMENT_FAULTS: Faults = { signature: "SignedInvalidSignature", nonce: "SignedInvalidSignature" };

/** The owner's message goes by the common path, the key's consent does not. */
const CREW_FAULTS: Faults = {
  signature: ["SignedInvalidSignature", "WasteOperatorsNoConsent"],
  nonce: "SignedNonceUsed",
  deadline: "SignedExpired",
};
/** Counters of devices and versions of lots stand in place of nonces. */
const FILL_FAULTS: Faults = {
  signature: "ContainersBadDeviceSignature",
  nonce: "ContainersCounterNotIncreasing",
};
const TICKET_FAULTS: Faults = {
  signature: ["WasteLotsBadSignature", "ContainersBadDeviceSignature"],
  nonce: "ContainersCounterNotIncreasing",
};
const HANDOVER_FAULTS: Faults = {
  signature: "WasteLotsBadSignature",
  nonce: "WasteLotsStale",
  deadline: "WasteLotsExpired",
};
const RECEIPT_FAULTS: Faults = { signature: "WasteLotsBadSignature", nonce: "WasteLotsStale" };
/** A person begins one act in each ten minutes, and a container's deposits are counted. */
const ACT_FAULTS: Faults = { signature: "EcoRewardsNotAttestor", nonce: "EcoRewardsTooSoon" };
const DEPOSIT_FAULTS: Faults = { signature: "EcoRewardsBadDeviceSignature", nonce: "EcoRewardsDepositRecorded" };

/** How often somebody was on a roll stands in place of a nonce, and the sequence number of a vote. */
const ROLL_FAULTS: Faults = {
  signature: "SignedInvalidSignature",
  nonce: "CensusAlreadyMember",
  deadline: "CensusConsentExpired",
};
const VOTE_FAULTS: Faults = {
  signature: "SignedInvalidSignature",
  nonce: "BallotBoxStaleSequence",
  deadline: "BallotBoxExpired",
};

/** One line for each typed struct of the suite; a struct that is missing fails the first test. */
const acts: Readonly<Record<string, Entry>> = {
  // CityEuro: OpenZeppelin's own nonces and errors.
  Permit: { build: permit, faults: PERMIT_FAULTS },
  TransferWithAuthorization: { build: transferAuthorisation, faults: AUTHORISATION_FAULTS },
  ReceiveWithAuthorization: { build: receiveAuthorisation, faults: AUTHORISATION_FAULTS },
  CancelAuthorization: {
    build: cancelAuthorisation,
    faults: { signature: "ERC3009InvalidSignature", nonce: "InvalidAccountNonce" },
  },
  // BatteryTelemetry. A reading is refused by its counter, so it needs no deadline.
  Reading: {
    build: reading,
    faults: { signature: "BatteryTelemetryBadDeviceSignature", nonce: "BatteryTelemetryCounterNotIncreasing" },
  },
  HealthCertificate: { build: healthCertificate },
  DeviceRotation: { build: deviceRotation },
  // BatteryLease.
  Offer: { build: offer },
  LeaseAct: { build: leaseAct },
  Swap: { build: swap },
  Novation: { build: novation },
  ReturnReceipt: { build: returnReceipt },
  LeaseWithdrawal: { build: leaseWithdrawal },
  // Identities.
  ...identityActs,
  // Credentials.
  ...credentialActs,
  // Energy. An order counts once in its interval and a reading once for its day, so neither needs nonce or deadline.
  ...energyActs,
  Order: { ...energyActs.Order, faults: ORDER_FAULTS },
  MeterDay: { ...energyActs.MeterDay, faults: METER_FAULTS },
  FeederDay: { ...energyActs.FeederDay, faults: HEAD_FAULTS },
  FeederReadings: { ...energyActs.FeederReadings, faults: READINGS_FAULTS },
  Amendment: { ...energyActs.Amendment, faults: AMENDMENT_FAULTS },
  // Waste and rewards.
  ...wasteActs,
  CrewChange: { ...wasteActs.CrewChange, faults: CREW_FAULTS },
  Fill: { ...wasteActs.Fill, faults: FILL_FAULTS },
  Ticket: { ...wasteActs.Ticket, faults: TICKET_FAULTS },
  Handover: { ...wasteActs.Handover, faults: HANDOVER_FAULTS },
  Receipt: { ...wasteActs.Receipt, faults: RECEIPT_FAULTS },
  Act: { ...wasteActs.Act, faults: ACT_FAULTS },
  Deposit: { ...wasteActs.Deposit, faults: DEPOSIT_FAULTS },
  // Participation.
  ...participationActs,
  RollEntry: { ...participationActs.RollEntry, faults: ROLL_FAULTS },
  RollEntries: { ...participationActs.RollEntries, faults: ROLL_FAULTS },
  RollRemoval: { ...participationActs.RollRemoval, faults: { ...ROLL_FAULTS, nonce: "CensusNotMember" } },
  Vote: { ...participationActs.Vote, faults: VOTE_FAULTS },
  Commitment: { ...participationActs.Commitment, faults: VOTE_FAULTS },
};

const { networkHelpers } = await network.create();

describe("Replay protection", () => {
  it("is tested for every typed struct of the suite", async () => {
    const types = await typesByStruct();
    // A struct within a message is signed with it, never by itself but for these.
    const messagesInMessages = ["RollEntry"];
    const parts = new Set(
      [...types.values()].flatMap((type) =>
        definitionsOf(type)
          .slice(1)
          .map(([, name]) => name),
      ),
    );
    const messages = [...types.keys()].filter((name) => !parts.has(name) || messagesInMessages.includes(name));
    expect(Object.keys(acts).sort()).to.deep.equal(messages.sort());
  });

  for (const [struct, { build, faults }] of Object.entries(acts)) {
    describe(struct, () => {
      const prepare = async (nonce = 0n) => {
        const scene = await networkHelpers.loadFixture(stage);
        const deadlineAt = (await networkHelpers.time.latest()) + SECONDS_LEFT;
        return { scene, deadlineAt, act: await build(scene, nonce, deadlineAt) };
      };

      it("fails on another chain", async () => {
        const { act } = await prepare();
        const domain = await domainOf(act);
        await expectForeignRefused(struct, act, { ...domain, chainId: BigInt(domain.chainId!) + 1n }, faults);
      });

      it("fails at another contract", async () => {
        const { act, scene } = await prepare();
        const domain = await domainOf(act);
        await expectForeignRefused(struct, act, { ...domain, verifyingContract: scene.relayer.address }, faults);
      });

      // Left out only for the structs that the table marks as having no deadline.
      if (faults === undefined || faults.deadline !== undefined) {
        it("fails after its deadline", async () => {
          const { act, deadlineAt } = await prepare();
          const signatures = await sign(struct, act, await domainOf(act));
          await networkHelpers.time.setNextBlockTimestamp(deadlineAt + 1);
          const refusal = expect(act.send(signatures)).to.be;
          if (faults?.deadline !== undefined) await refusal.revertedWithCustomError(act.contract, faults.deadline);
          else
            await refusal.revertedWithCustomError(act.contract, "SignedExpired").withArgs(deadlineAt, deadlineAt + 1);
        });
      }

      it("fails the second time", async () => {
        const { act, scene, deadlineAt } = await prepare();
        const signatures = await sign(struct, act, await domainOf(act));
        await act.send(signatures);
        await expect(act.send(signatures)).to.be.revert(scene.ethers);

        // The state may refuse the same act already, so another one that is good but for its nonce is tried too.
        const next = await build(scene, 0n, deadlineAt);
        const refusal = expect(next.send(await sign(struct, next, await domainOf(next)))).to.be;
        if (faults !== undefined) await refusal.revertedWithCustomError(thatFails(next, faults.nonce), faults.nonce);
        else
          await refusal.revertedWithCustomError(next.contract, "SignedNonceUsed").withArgs(next.signers[0]!.address, 0);
      });
    });
  }
});

/** Lets each signer in turn sign for a foreign domain while the others sign rightly; then all do. */
async function expectForeignRefused(
  struct: string,
  act: Act,
  foreign: TypedDataDomain,
  faults?: Faults,
): Promise<void> {
  const domain = await domainOf(act);
  const right = await sign(struct, act, domain);
  const wrong = await sign(struct, act, foreign);
  for (const [index, signer] of act.signers.entries()) {
    const digest = TypedDataEncoder.hash(domain, await typesOf(struct), messageFor(act, index));
    const refusal = expect(act.send(right.with(index, wrong[index]!))).to.be;
    if (faults !== undefined) {
      const fault = typeof faults.signature === "string" ? faults.signature : faults.signature[index]!;
      await refusal.revertedWithCustomError(thatFails(act, fault), fault);
    } else
      await refusal.revertedWithCustomError(act.contract, "SignedInvalidSignature").withArgs(signer.address, digest);
  }
  await act.send(right);
}

/** The contract whose error it is. */
function thatFails({ contract, alsoReverts = [] }: Act, error: string): BaseContract {
  return alsoReverts.find((other) => other.interface.getError(error) !== null) ?? contract;
}

async function sign(struct: string, act: Act, domain: TypedDataDomain): Promise<string[]> {
  const types = await typesOf(struct);
  return Promise.all(
    act.signers.map(async (signer, index) => signer.signTypedData(domain, types, messageFor(act, index))),
  );
}

/** The domain as the contract tells it (ERC-5267). */
async function domainOf({ contract }: Act): Promise<TypedDataDomain> {
  const [, name, version, chainId, verifyingContract] = (await contract.getFunction("eip712Domain")()) as [
    string,
    string,
    string,
    bigint,
    string,
  ];
  return { name, version, chainId, verifyingContract };
}

async function typesByStruct(): Promise<Map<string, string>> {
  return new Map((await deployableContracts()).flatMap(({ typedStructs }) => [...typedStructs]));
}

/** The struct's types as the contract hashes them, so that the signer and the contract cannot differ unseen. */
async function typesOf(struct: string): Promise<Record<string, TypedDataField[]>> {
  const encoded = (await typesByStruct()).get(struct)!;
  return Object.fromEntries(
    definitionsOf(encoded).map(([, name, fields]) => [
      name!,
      fields!.split(",").map((field) => {
        const [type, fieldName] = field.split(" ");
        return { type: type!, name: fieldName! };
      }),
    ]),
  );
}

/** Name and fields of a struct and of those within it. */
function definitionsOf(encoded: string): RegExpExecArray[] {
  return [...encoded.matchAll(/(\w+)\(([^)]*)\)/g)];
}

// --- the stage on which acts are good

async function stage(connection: Connection) {
  const scene = await leasingCity(connection);
  const { city, actors, lessor: owner, lessee: payer, buyer: payee } = scene;
  await fund(scene, payer, 10n * terms.deposit);
  // Before the others, because it goes to the opening of ballots.
  const polls = await furnishPolls({
    ...connection,
    box: city.ballotBox,
    census: city.census,
    rollOpener: actors.registry,
    registrar: actors.censusRegistrar,
    cosigner: actors.secondRegistrar,
    ballotClerk: actors.electionOffice,
    returningOfficer: actors.returningOfficer,
    relayer: scene.relayer,
  });
  await furnishEnergy(scene);
  const district = await furnishWaste(scene);
  return { ...scene, ...city, ...district, ...polls, owner, payer, payee };
}

/** A lease that has just begun, on a pack of its own. */
async function leased(scene: Stage): Promise<{ offer: Offer; leaseId: bigint }> {
  const offer = await offerOf(scene, { packId: await anotherPack(scene, scene.owner.address) });
  return { offer, leaseId: await startLease(scene, offer) };
}

/** A pack whose serial number is the time, and which has just sent a reading. */
async function anotherPack(scene: Stage, owner: string): Promise<bigint> {
  const packId = await registerPack(scene, `CV-${await now()}`, owner);
  await submitReading(scene, { packId, counter: 1n, takenAt: BigInt(await now()) });
  return packId;
}

async function now(): Promise<number> {
  return networkHelpers.time.latest();
}

async function permit({ token, relayer, payer, payee }: Stage, nonce: bigint, deadline: number): Promise<Act> {
  const message = { owner: payer.address, spender: payee.address, value: 5n, nonce, deadline };
  return {
    contract: token,
    message,
    signers: [payer],
    send: async ([signature]) => {
      const { v, r, s } = Signature.from(signature);
      return token.connect(relayer).permit(payer, payee, message.value, deadline, v, r, s);
    },
  };
}

async function transferAuthorisation(scene: Stage, nonce: bigint, validBefore: number): Promise<Act> {
  const { token, relayer, payer, payee } = scene;
  const message = payment(scene, nonce, validBefore);
  return {
    contract: token,
    message,
    signers: [payer],
    send: async ([signature]) =>
      token
        .connect(relayer)
        ["transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)"](
          payer,
          payee,
          message.value,
          message.validAfter,
          validBefore,
          message.nonce,
          signature!,
        ),
  };
}

async function receiveAuthorisation(scene: Stage, nonce: bigint, validBefore: number): Promise<Act> {
  const { token, payer, payee } = scene;
  const message = payment(scene, nonce, validBefore);
  return {
    contract: token,
    message,
    signers: [payer],
    send: async ([signature]) =>
      token
        .connect(payee)
        ["receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)"](
          payer,
          payee,
          message.value,
          message.validAfter,
          validBefore,
          message.nonce,
          signature!,
        ),
  };
}

async function cancelAuthorisation({ token, relayer, payer }: Stage, nonce: bigint): Promise<Act> {
  const message = { authorizer: payer.address, nonce: toBeHex(nonce, 32) };
  return {
    contract: token,
    message,
    signers: [payer],
    send: async ([signature]) =>
      token.connect(relayer)["cancelAuthorization(address,bytes32,bytes)"](payer, message.nonce, signature!),
  };
}

function payment({ payer, payee }: Stage, nonce: bigint, validBefore: number) {
  return {
    from: payer.address,
    to: payee.address,
    value: 5n,
    validAfter: 0n,
    validBefore,
    nonce: toBeHex(nonce, 32),
  };
}

async function reading({ telemetry, relayer, device, packId }: Stage, nonce: bigint): Promise<Act> {
  const message = {
    packId,
    counter: nonce + 1n,
    takenAt: await now(),
    throughputWh: 10n,
    remainingWh: 1_500n,
    fullCycles: 1n,
    sohBp: 9_900n,
    maxTempDK: 2_980n,
    flags: 0n,
    logRoot: id("log"),
  };
  return {
    contract: telemetry,
    message,
    signers: [device],
    send: async ([signature]) =>
      telemetry.connect(relayer).submit({ reading: message, key: "0x", signature: signature! }),
  };
}

async function healthCertificate(scene: Stage, nonce: bigint, deadline: number): Promise<Act> {
  const { telemetry, relayer, actors, packId } = scene;
  const message = {
    packId,
    tester: actors.laboratory.address,
    measuredWh: 1_900n,
    testedAt: await now(),
    methodHash: id("method"),
    nonce,
    deadline,
  };
  return {
    contract: telemetry,
    message,
    signers: [actors.laboratory],
    send: async ([signature]) => telemetry.connect(relayer).certify(message, bySignature(signature)),
  };
}

async function deviceRotation(scene: Stage, nonce: bigint, deadline: number): Promise<Act> {
  const { telemetry, relayer, operator, owner, packId } = scene;
  const oldDevice = await telemetry.deviceOf(packId);
  const message = { packId, oldDevice, newDevice: new Wallet(id(oldDevice)).address, nonce, deadline };
  return {
    contract: telemetry,
    message,
    signers: [operator, owner],
    send: async ([byOperator, byOwner]) =>
      telemetry.connect(relayer).rotateDevice(message, bySignature(byOperator), bySignature(byOwner), false),
  };
}

async function offer(scene: Stage, nonce: bigint, deadline: number): Promise<Act> {
  const { lease, owner, payer } = scene;
  const packId = await anotherPack(scene, owner.address);
  const message = await offerOf(scene, { packId, nonce, deadline: BigInt(deadline) });
  return {
    contract: lease,
    message: { ...message },
    signers: [owner],
    send: async ([signature]) => lease.connect(payer).accept(message, bySignature(signature), NO_PERMIT),
  };
}

async function leaseAct(scene: Stage, nonce: bigint, deadline: number): Promise<Act> {
  const { lease, relayer, payer } = scene;
  const { leaseId } = await leased(scene);
  const message = {
    leaseId,
    party: payer.address,
    kind: LeaseActKind.DisputeHealth,
    evidenceHash: id("evidence"),
    nonce,
    deadline,
  };
  return {
    contract: lease,
    message,
    signers: [payer],
    send: async ([signature]) => lease.connect(relayer).actFor(message, bySignature(signature)),
  };
}

async function swap(scene: Stage, nonce: bigint, deadline: number): Promise<Act> {
  const { lease, relayer, owner, payer, payee } = scene;
  const newPackId = await anotherPack(scene, payee.address);
  const { leaseId, offer: agreed } = await leased(scene);
  const message = { leaseId, lessee: payer.address, oldPackId: agreed.packId, newPackId, nonce, deadline };
  return {
    contract: lease,
    message,
    signers: [payer, owner, payee],
    send: async ([byLessee, byOldOwner, byNewOwner]) =>
      lease
        .connect(relayer)
        .swap(message, [bySignature(byLessee), bySignature(byOldOwner), bySignature(byNewOwner)], []),
  };
}

async function novation(scene: Stage, nonce: bigint, deadline: number): Promise<Act> {
  const { lease, relayer, owner, payer, payee } = scene;
  const { leaseId, offer: agreed } = await leased(scene);
  const parties = { oldLessee: payer.address, newLessee: payee.address };
  const message = { leaseId, packId: agreed.packId, ...parties, nonce, deadline };
  return {
    contract: lease,
    message,
    signers: [owner, payer, payee],
    send: async ([byOwner, byOldLessee, byNewLessee]) =>
      lease
        .connect(relayer)
        .novate(message, [bySignature(byOwner), bySignature(byOldLessee), bySignature(byNewLessee)]),
  };
}

async function leaseWithdrawal(scene: Stage, nonce: bigint, deadline: number): Promise<Act> {
  const { lease, relayer, owner, payer, payee } = scene;
  const { leaseId, offer: agreed } = await leased(scene);
  await lease.connect(payer).requestReturn(leaseId);
  await lease.connect(owner).confirmAndSettle(leaseId, agreed);
  const message = { account: payer.address, to: payee.address, nonce, deadline };
  return {
    contract: lease,
    message,
    signers: [payer],
    send: async ([signature]) => lease.connect(relayer).withdrawBySig(message, bySignature(signature)),
  };
}

async function returnReceipt(scene: Stage, nonce: bigint, deadline: number): Promise<Act> {
  const { lease, relayer, payer, bay } = scene;
  const { leaseId, offer: agreed } = await leased(scene);
  await lease.connect(payer).requestReturn(leaseId);
  const message = { leaseId, packId: agreed.packId, bay: bay.address, receivedAt: await now(), nonce, deadline };
  return {
    contract: lease,
    message,
    signers: [bay],
    send: async ([signature]) => lease.connect(relayer).confirmReturnByReceipt(agreed, message, bySignature(signature)),
  };
}
