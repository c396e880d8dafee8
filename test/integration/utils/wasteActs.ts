import { id, parseEther, Wallet, ZeroHash } from "ethers";

import {
  compact,
  handoverDigest,
  NO_SIGNATURE,
  randomNonce,
  signHandover,
  signUse,
  Weighing,
} from "../../../sdk/index.js";
import { buildTicket, signedTicket, ticketLotId } from "../../../sdk/waste/index.js";
import { FOREVER, giveCredential } from "./credentials.js";
import { type Act, bySignature, type SignedAct } from "./signedActs.js";
import {
  ACTS,
  attestor,
  COLLECTOR,
  DEPOSITS,
  deviceOf,
  FACILITY,
  ITEM,
  PACKAGING,
  personOf,
  type WasteDistrict,
} from "./wasteDistrict.js";

/** One act for each typed struct of waste and rewards. */
export const wasteActs = {
  // WasteOperators.
  Admission: { build: admission },
  CrewChange: { build: crewChange },
  OperatorHandover: { build: operatorHandover },
  // Containers.
  Fill: { build: fill },
  // WasteLots.
  Ticket: { build: ticket },
  Handover: { build: handover },
  Receipt: { build: receipt },
  // EcoRewards.
  Act: { build: act },
  Deposit: { build: deposit },
  Enrolment: { build: enrolment },
  // Redemption.
  Redeem: { build: redeem },
  Use: { build: use },
  VoucherRefund: { build: voucherRefund },
  MerchantSettlement: { build: merchantSettlement },
} as const satisfies Readonly<Record<string, SignedAct<WasteDistrict>>>;

const [READ_BIN, EMPTIED_BIN, HANDED_BIN] = [1, 2, 3];
const GRAMS = 23_500n;

async function now({ networkHelpers }: WasteDistrict): Promise<bigint> {
  return BigInt(await networkHelpers.time.latest());
}

/** A key that nobody had before. */
async function freshKey(scene: WasteDistrict): Promise<Wallet> {
  return new Wallet(id(`key of ${await now(scene)}`));
}

// --- operators

/** A company whose identity belongs to a person asks for its number. */
async function admission(scene: WasteDistrict, nonce: bigint, deadline: number): Promise<Act> {
  const { city, ethers, networkHelpers, lessee, relayer } = scene;
  const { address: account } = await freshKey(scene);
  await networkHelpers.setBalance(account, parseEther("1"));
  await giveCredential({ ...scene, ...city }, "WASTE_COLLECTOR", account);
  const calls = await ethers.getImpersonatedSigner(account);
  await city.identities.connect(calls).changeOwner(account, lessee);
  return {
    contract: city.wasteOperators,
    message: { account, nonce, deadline },
    signers: [lessee],
    send: async ([signature]) =>
      city.wasteOperators.connect(relayer).admit(account, nonce, deadline, bySignature(signature)),
  };
}

async function crewChange(scene: WasteDistrict, nonce: bigint, deadline: number): Promise<Act> {
  const { city, actors, relayer } = scene;
  const key = await freshKey(scene);
  return {
    contract: city.wasteOperators,
    message: { operatorId: COLLECTOR, key: key.address, until: FOREVER, nonce, deadline },
    signers: [actors.wasteCollector, key],
    send: async ([signature, consent]) =>
      city.wasteOperators
        .connect(relayer)
        .setCrew(COLLECTOR, key, FOREVER, nonce, deadline, bySignature(signature), compact(consent!)),
  };
}

/** A new company is sold to another new one, whose identity belongs to a person: who signs is the person. */
async function operatorHandover(scene: WasteDistrict, nonce: bigint, deadline: number): Promise<Act> {
  const { city, ethers, networkHelpers, lessee } = scene;
  const [seller, account] = [await freshKey(scene), new Wallet(id(`bought in ${await now(scene)}`))];
  for (const { address } of [seller, account]) {
    await networkHelpers.setBalance(address, parseEther("1"));
    await giveCredential({ ...scene, ...city }, "WASTE_COLLECTOR", address);
  }
  const calls = await ethers.getImpersonatedSigner(account.address);
  await city.identities.connect(calls).changeOwner(account, lessee);
  const owner = await ethers.getImpersonatedSigner(seller.address);
  await city.wasteOperators.connect(owner).admit(seller, 0n, 0n, NO_SIGNATURE);
  const operatorId = Number(await city.wasteOperators.numberOf(seller));
  return {
    contract: city.wasteOperators,
    message: { operatorId, account: account.address, nonce, deadline },
    signers: [lessee],
    send: async ([signature]) =>
      city.wasteOperators.connect(owner).handOver(operatorId, account, nonce, deadline, bySignature(signature)),
  };
}

// --- containers

async function fill(scene: WasteDistrict, nonce: bigint): Promise<Act> {
  const { city, relayer } = scene;
  const message = { binId: READ_BIN, counter: Number(nonce) + 1, takenAt: await now(scene), fillBp: 1_000 };
  return {
    contract: city.containers,
    message,
    signers: [deviceOf(READ_BIN)],
    send: async ([signature]) => city.containers.connect(relayer).report(message, compact(signature!)),
  };
}

// --- lots

async function ticket(scene: WasteDistrict, nonce: bigint): Promise<Act> {
  const { city, driver, relayer } = scene;
  const message = await ticketOf(scene, EMPTIED_BIN, Number(nonce) + 1);
  return {
    contract: city.wasteLots,
    alsoReverts: [city.containers],
    message: { ...message },
    signers: [driver, deviceOf(EMPTIED_BIN)],
    send: async ([collector, device]) =>
      city.wasteLots
        .connect(relayer)
        .collect({ ticket: message, device: compact(device!), collector: compact(collector!) }),
  };
}

async function ticketOf(scene: WasteDistrict, binId: number, counter: number) {
  const { address: collector } = scene.driver;
  const takenAt = await now(scene);
  return buildTicket({ binId, counter, takenAt, code: PACKAGING, grams: GRAMS, weighing: Weighing.Weighed, collector });
}

/** The lot of a container that is emptied when first asked for, held by the collector in its first version. */
async function handedLot(scene: WasteDistrict): Promise<bigint> {
  const { city, driver } = scene;
  const lotId = ticketLotId(HANDED_BIN, 1);
  if ((await city.wasteLots.lotOf(lotId)).grams === 0n) {
    const paper = await ticketOf(scene, HANDED_BIN, 1);
    await city.wasteLots.collect(await signedTicket(city, deviceOf(HANDED_BIN), driver, paper));
  }
  return lotId;
}

/** What goes from the collector to the facility; the version that it is signed for stands in place of a nonce. */
async function handoverOf(scene: WasteDistrict, nonce: bigint, until: number) {
  return {
    lotId: await handedLot(scene),
    version: Number(nonce),
    receiver: FACILITY,
    grams: GRAMS,
    until: BigInt(until),
  };
}

async function handover(scene: WasteDistrict, nonce: bigint, until: number): Promise<Act> {
  const { city, driver, gatekeeperCalls } = scene;
  const message = await handoverOf(scene, nonce, until);
  return {
    contract: city.wasteLots,
    message,
    signers: [driver],
    send: async ([sender]) => city.wasteLots.connect(gatekeeperCalls).takeDelivery(message, GRAMS, compact(sender!)),
  };
}

async function receipt(scene: WasteDistrict, nonce: bigint, until: number): Promise<Act> {
  const { city, driver, gatekeeper, relayer } = scene;
  const sent = await handoverOf(scene, nonce, until);
  const message = {
    handover: await handoverDigest(city, sent),
    receivedGrams: GRAMS,
    acceptedGrams: GRAMS,
    reasonHash: ZeroHash,
  };
  const sender = await signHandover(city, driver, sent);
  return {
    contract: city.wasteLots,
    message,
    signers: [gatekeeper],
    send: async ([receiver]) => city.wasteLots.connect(relayer).receiveLot(sent, message, sender, compact(receiver!)),
  };
}

// --- rewards

async function act(scene: WasteDistrict, nonce: bigint): Promise<Act> {
  const { city, resident, relayer } = scene;
  const message = {
    programmeId: ACTS,
    person: await personOf(scene, resident),
    to: resident.address,
    units: 1_000n,
    qualityBp: 10_000,
    day: Number(await city.ecoRewards.today()),
    span: Number(nonce),
  };
  return {
    contract: city.ecoRewards,
    message,
    signers: [attestor],
    send: async ([signature]) => city.ecoRewards.connect(relayer).earn(message, [compact(signature!)]),
  };
}

async function deposit(scene: WasteDistrict, nonce: bigint): Promise<Act> {
  const { city, resident, relayer } = scene;
  const message = {
    programmeId: DEPOSITS,
    person: await personOf(scene, resident),
    to: resident.address,
    binId: READ_BIN,
    collection: 1,
    grams: 1_000n,
    takenAt: await now(scene),
    counter: Number(nonce) + 1,
  };
  return {
    contract: city.ecoRewards,
    message,
    signers: [deviceOf(READ_BIN)],
    send: async ([signature]) => city.ecoRewards.connect(relayer).recordDeposit(message, compact(signature!)),
  };
}

async function enrolment(scene: WasteDistrict, nonce: bigint, deadline: number): Promise<Act> {
  const { city, resident, relayer } = scene;
  const subject = resident.address;
  const { address: account } = await freshKey(scene);
  return {
    contract: city.ecoRewards,
    message: { subject, account, nonce, deadline },
    signers: [resident],
    send: async ([signature]) =>
      city.ecoRewards.connect(relayer).enrol(subject, account, nonce, deadline, bySignature(signature)),
  };
}

// --- redemption

async function redeem({ city, lessee, relayer }: WasteDistrict, nonce: bigint, deadline: number): Promise<Act> {
  const { price: maxPrice } = await city.redemption.itemOf(ITEM);
  const { address: holder } = lessee;
  return {
    contract: city.redemption,
    message: { itemId: ITEM, maxPrice, holder, nonce, deadline },
    signers: [lessee],
    send: async ([signature]) =>
      city.redemption.connect(relayer).redeemBySig(ITEM, maxPrice, holder, nonce, deadline, bySignature(signature)),
  };
}

/** A voucher that somebody just bought. */
async function bought({ city, lessee }: WasteDistrict): Promise<bigint> {
  const { price } = await city.redemption.itemOf(ITEM);
  const voucherId = await city.redemption.connect(lessee).redeem.staticCall(ITEM, price);
  await city.redemption.connect(lessee).redeem(ITEM, price);
  return voucherId;
}

async function use(scene: WasteDistrict, nonce: bigint, deadline: number): Promise<Act> {
  const { city, merchant, lessee } = scene;
  const voucherId = await bought(scene);
  return {
    contract: city.redemption,
    message: { voucherId, merchant: merchant.address, nonce, deadline },
    signers: [lessee],
    send: async ([signature]) =>
      city.redemption.connect(merchant).consume(voucherId, nonce, deadline, bySignature(signature)),
  };
}

async function voucherRefund(scene: WasteDistrict, nonce: bigint, deadline: number): Promise<Act> {
  const { city, merchant, relayer } = scene;
  const voucherId = await bought(scene);
  return {
    contract: city.redemption,
    message: { voucherId, nonce, deadline },
    signers: [merchant],
    send: async ([signature]) =>
      city.redemption.connect(relayer).refundBySig(voucherId, nonce, deadline, bySignature(signature)),
  };
}

/** Where a merchant has nothing, a settlement does nothing and uses no signature up, so it always has something. */
async function merchantSettlement(scene: WasteDistrict, nonce: bigint, deadline: number): Promise<Act> {
  const { city, merchant, relayer } = scene;
  const { address: account } = merchant;
  const to = relayer.address;
  await serve(scene);
  return {
    contract: city.redemption,
    message: { account, to, nonce, deadline },
    signers: [merchant],
    send: async ([signature]) => {
      if ((await city.redemption.creditOf(account)) === 0n) await serve(scene);
      return city.redemption.connect(relayer).settleBySig(account, to, nonce, deadline, bySignature(signature));
    },
  };
}

/** The merchant gives a good for a voucher. */
async function serve(scene: WasteDistrict): Promise<void> {
  const { city, merchant, lessee } = scene;
  const message = {
    voucherId: await bought(scene),
    merchant: merchant.address,
    nonce: randomNonce(),
    deadline: FOREVER,
  };
  const signature = await signUse(city, lessee, message);
  await city.redemption.connect(merchant).consume(message.voucherId, message.nonce, FOREVER, signature);
}
