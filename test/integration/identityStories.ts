import { expect } from "chai";
import { id, type Provider, type TransactionRequest, Wallet, ZeroAddress } from "ethers";
import { network } from "hardhat";

import { typeIdOf } from "../../ignition/credentials.js";
import {
  changeDevice,
  commissionDevice,
  type Consent,
  deviceLogOf,
  didOf,
  Identity,
  serviceEntry,
  VERI_KEY,
  wordOf,
} from "../../sdk/identity/index.js";
import {
  accountOf,
  buildCommissioning,
  buildGuardianPlan,
  type Commissioning,
  type DeviceChange,
  guardianPlanHash,
  NO_GUARDIANS,
  p256AccountOf,
  type P256Signer,
  signCommissioning,
  signDeviceChange,
  withNonce,
} from "../../sdk/index.js";
import { Identities__factory } from "../../typechain-types/index.js";
import { giveCredential } from "./utils/credentials.js";
import { type InhabitedCity, inhabitedCity, refusal, spans, START } from "./utils/identities.js";

/** Lives of identities, from the deployed city and through the SDK alone. */

const { networkHelpers } = await network.create({ override: { initialDate: START } });

async function load(): Promise<InhabitedCity> {
  return networkHelpers.loadFixture(inhabitedCity);
}

async function deadline(): Promise<bigint> {
  return BigInt(await networkHelpers.time.latest()) + spans.day;
}

/** Who holds an identity, and how it signs. */
type Holder = (scene: InhabitedCity) => Promise<{ account: string; consent: Omit<Consent, "deadline"> }>;

const holders: Readonly<Record<string, Holder>> = {
  "a plain key without coins": async ({ penniless }) => {
    return { account: penniless.address, consent: { signer: penniless } };
  },
  "a P-256 key without account": async ({ p256Signer }) => {
    const signer = p256Signer("passkey");
    return { account: await accountOf(signer), consent: { signer } };
  },
  "a contract account": async ({ ethers, penniless }) => {
    const account = await ethers.deployContract("ContractAccount", [penniless.address]);
    return { account: await account.getAddress(), consent: { signer: penniless } };
  },
};

describe("The life of an identity", () => {
  for (const [who, holder] of Object.entries(holders)) {
    it(`passes by the signatures of ${who}, which others relay`, async () => {
      const scene = await load();
      const { city, ada, ben, cid } = scene;
      const { account, consent } = await holder(scene);
      const signed = async (): Promise<Consent> => ({ ...consent, deadline: await deadline() });
      const identity = new Identity(city.identities, account);
      const service = serviceEntry("Home", "https://home.example");
      const plan = buildGuardianPlan([ada.address, ben.address], 2n, spans.day);

      await identity.addDelegate(VERI_KEY, cid.address, spans.long, await signed());
      expect(await identity.hasDelegate(VERI_KEY, cid.address)).to.equal(true);
      await identity.setAttribute(service, spans.long, await signed());
      const shown = (await identity.resolve()).didDocument!;
      expect(shown.verificationMethod).to.have.length(2);
      expect(shown.service).to.have.length(1);

      await identity.revokeDelegate(VERI_KEY, cid.address, await signed());
      await identity.revokeAttribute(service, await signed());
      const bare = (await identity.resolve()).didDocument!;
      expect(bare.verificationMethod).to.have.length(1);
      expect(bare.service).to.equal(undefined);

      await identity.setGuardians(plan, await signed());
      expect(await city.identities.guardiansOf(account)).to.equal(guardianPlanHash(plan));
      const terms = { deadline: await deadline() };
      const approvals = [ben, ada].map(async (guardian) =>
        identity.approveRecovery(cid.address, plan, guardian, terms),
      );
      await identity.startRecovery(cid.address, plan, await Promise.all(approvals));
      await identity.vetoRecovery(await signed());
      expect((await city.identities.recoveryOf(account)).newOwner).to.equal(ZeroAddress);
      await identity.setGuardians(NO_GUARDIANS, await signed());
      expect(BigInt(await city.identities.guardiansOf(account))).to.equal(0n);

      const nonce = 7n;
      await identity.rotate(ada.address, { ...(await signed()), nonce });
      expect(await identity.owner()).to.equal(ada.address);
      expect(await city.identities.isNonceUsed(account, nonce)).to.equal(true);
      expect(await refusal(signed().then(async (late) => identity.retire(late)))).to.equal("SignedInvalidSignature");
      await new Identity(city.identities.connect(ada), account).retire();
      expect((await identity.resolve()).didDocumentMetadata.deactivated).to.equal(true);
      expect(await refusal(signed().then(async (late) => identity.retire(late)))).to.equal("IdentitiesRetired");
    });
  }

  it("does not end by mistake: only retire gives it to nobody", async () => {
    const { city, ada } = await load();
    const identity = new Identity(city.identities.connect(ada), ada.address);
    const failure = await identity.rotate(ZeroAddress).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(RangeError).with.property("message").that.includes("would retire");
    expect(await identity.owner()).to.equal(ada.address);
  });
});

describe("The recovery of an identity", () => {
  /** A citizen whose key has no coins, with three guardians: a neighbour, a phone's P-256 key, and a contract. */
  const guarded = async () => {
    const scene = await load();
    const { city, penniless, ada, ben, ethers, p256Signer, chainId } = scene;
    const phone = p256Signer("phone of a friend");
    const lawyer = await (await ethers.deployContract("ContractAccount", [ben.address])).getAddress();
    const plan = buildGuardianPlan([ada.address, p256AccountOf(phone), lawyer], 2n, 30n * spans.day);
    const citizen = new Identity(city.identities, penniless.address);
    const consent = async (): Promise<Consent> => ({ signer: penniless, deadline: await deadline() });
    await citizen.setGuardians(plan, await consent());
    const newKey = new Wallet(id("new key"));
    const approve = {
      neighbour: async (newOwner: string) =>
        citizen.approveRecovery(newOwner, plan, ada, { deadline: await deadline() }),
      friend: async (newOwner: string) =>
        citizen.approveRecovery(newOwner, plan, phone, { deadline: await deadline() }),
      lawyer: async (newOwner: string) =>
        citizen.approveRecovery(newOwner, plan, ben, { deadline: await deadline(), account: lawyer }),
    };
    return { ...scene, citizen, consent, plan, newKey, approve, did: didOf(penniless.address, chainId) };
  };

  it("gives a citizen who lost the key its identity back, delegates and attributes with it", async () => {
    const { city, citizen, consent, plan, newKey, approve, did, chainId, penniless, cid } = await guarded();
    await citizen.addDelegate(VERI_KEY, cid.address, spans.long, await consent());

    const approvals = [await approve.lawyer(newKey.address), await approve.friend(newKey.address)];
    await citizen.startRecovery(newKey.address, plan, approvals);
    const { newOwner, maturesAt } = await city.identities.recoveryOf(citizen.address);
    expect(newOwner).to.equal(newKey.address);
    expect(maturesAt).to.equal(BigInt(await networkHelpers.time.latest()) + plan.delay);

    await networkHelpers.time.setNextBlockTimestamp(maturesAt - 1n);
    expect(await refusal(citizen.finishRecovery())).to.equal("IdentitiesRecoveryTooEarly");
    await networkHelpers.time.setNextBlockTimestamp(maturesAt);
    await citizen.finishRecovery();

    expect(await citizen.owner()).to.equal(newKey.address);
    const { didDocument } = await citizen.resolve();
    expect(didDocument!.verificationMethod!.map(({ blockchainAccountId }) => blockchainAccountId)).to.deep.equal([
      `eip155:${chainId}:${newKey.address}`,
      `eip155:${chainId}:${cid.address}`,
    ]);
    expect(didDocument!.id).to.equal(did);
    expect(await refusal(citizen.retire(await consent()))).to.equal("SignedInvalidSignature");
    const byNewKey = { signer: newKey, deadline: await deadline() };
    await citizen.revokeDelegate(VERI_KEY, cid.address, byNewKey);
    expect(await citizen.hasDelegate(VERI_KEY, cid.address)).to.equal(false);

    // The plan ended with the old owner, and what was approved against that one does not serve again.
    expect(await refusal(citizen.startRecovery(penniless.address, plan, approvals))).to.equal(
      "IdentitiesNotTheirGuardians",
    );
  });

  it("is stopped by the veto of an owner that lost nothing, and its approvals serve no more", async () => {
    const { city, citizen, consent, plan, newKey, approve } = await guarded();
    const guardians = [approve.neighbour, approve.friend, approve.lawyer];
    const ask = async () => Promise.all(guardians.map(async (approves) => approves(newKey.address)));
    const [used, keptBack] = [await ask(), await ask()];
    await citizen.startRecovery(newKey.address, plan, used);
    expect(await refusal(citizen.startRecovery(newKey.address, plan, keptBack))).to.equal("IdentitiesRecoveryPending");

    await citizen.vetoRecovery(await consent());
    expect(await refusal(citizen.finishRecovery())).to.equal("IdentitiesNoRecovery");
    expect(await city.identities.recoveryRound(citizen.address)).to.equal(1n);
    expect(await refusal(citizen.startRecovery(newKey.address, plan, used))).to.equal("SignedNonceUsed");
    // They are for the round before.
    expect(await refusal(citizen.startRecovery(newKey.address, plan, keptBack))).to.equal("SignedInvalidSignature");
    expect(await refusal(citizen.vetoRecovery(await consent()))).to.equal("IdentitiesNoRecovery");
    expect(await citizen.owner()).to.equal(citizen.address);
  });

  it("cannot be started by fewer guardians, by one twice, for another than they approved, or by a stranger", async () => {
    const { citizen, plan, newKey, approve, cid } = await guarded();
    const [first, second] = [await approve.neighbour(newKey.address), await approve.friend(newKey.address)] as const;
    const start = async (newOwner: string, approvals: (typeof first)[]) => {
      return refusal(citizen.startRecovery(newOwner, plan, approvals));
    };
    expect(await start(newKey.address, [first])).to.equal("IdentitiesTooFewApprovals");
    expect(await start(newKey.address, [first, first])).to.equal("IdentitiesBadApproval");
    expect(await start(cid.address, [first, second])).to.equal("SignedInvalidSignature");
    const asked = citizen.approveRecovery(newKey.address, plan, cid, { deadline: await deadline() });
    expect(await asked.catch((error: unknown) => error)).to.be.instanceOf(RangeError);
    const posing = await citizen.approveRecovery(newKey.address, plan, cid, {
      deadline: await deadline(),
      account: plan.guardians[0]!,
    });
    const others = [first, second].filter(({ guardianIndex }) => guardianIndex !== 0n);
    expect(await start(newKey.address, [posing, ...others])).to.equal("SignedInvalidSignature");
    await citizen.startRecovery(newKey.address, plan, [first, second]);
  });

  it("ends when the owner rotates first", async () => {
    const { city, citizen, consent, plan, newKey, approve, cid } = await guarded();
    const approvals = [await approve.neighbour(newKey.address), await approve.lawyer(newKey.address)];
    await citizen.startRecovery(newKey.address, plan, approvals);
    await citizen.rotate(cid.address, await consent());
    await networkHelpers.time.increase(plan.delay);
    expect(await refusal(citizen.finishRecovery())).to.equal("IdentitiesNoRecovery");
    expect((await city.identities.recoveryOf(citizen.address)).newOwner).to.equal(ZeroAddress);
    expect(await citizen.owner()).to.equal(cid.address);
  });
});

describe("The life of a device", () => {
  const FIRMWARE = wordOf("device/firmware");

  /** A sensor with a P-256 key in its secure element, which the works' accredited maker knows, and its operator. */
  const made = async () => {
    const scene = await load();
    const { city, actors, ada: operator, p256Signer } = scene;
    const element = p256Signer("secure element");
    const device = p256AccountOf(element);
    const { identities, credentials } = city;
    const vouch = async () => giveCredential({ credentials, actors }, "BATTERY_DEVICE", device);
    const make = { registry: scene.addresses.credentials, make: typeIdOf("BATTERY_DEVICE") };
    const terms = async (changes: Partial<Commissioning> = {}) => {
      const fields = { device, operator: operator.address, validity: spans.year, deadline: await deadline() };
      return buildCommissioning({ ...fields, ...make, ...changes });
    };
    const byOperator = identities.connect(operator);
    return { ...scene, element, device, operator, byOperator, vouch, terms, sensor: new Identity(byOperator, device) };
  };

  const commissioned = async () => {
    const scene = await made();
    await scene.vouch();
    await commissionDevice(scene.byOperator, await scene.terms(), scene.element);
    return scene;
  };

  const firmware = async (device: string, image: string, key = device): Promise<DeviceChange> => {
    const about = { device, key, name: FIRMWARE, value: id(image), validity: spans.long };
    return withNonce({ ...about, deadline: await deadline() });
  };

  it("begins when device and operator agree, and a maker vouches for the make", async () => {
    const { city, vouch, terms, element, device, operator, byOperator, sensor, chainId } = await made();
    expect(await refusal(commissionDevice(byOperator, await terms(), element))).to.equal("IdentitiesUnvouchedDevice");
    await vouch();
    const commissioning = await terms();
    await expect(commissionDevice(byOperator, commissioning, element))
      .to.emit(city.identities, "DeviceCommissioned")
      .withArgs(device, operator.address, commissioning.registry, commissioning.make);

    expect(await sensor.owner()).to.equal(operator.address);
    expect(await sensor.hasDelegate(VERI_KEY, device)).to.equal(true);
    const { didDocument } = await sensor.resolve();
    const accounts = didDocument!.verificationMethod!.map(({ blockchainAccountId }) => blockchainAccountId);
    // Its key ended before these tests run, by the resolver's clock; by the chain's, it serves.
    expect(accounts).to.deep.equal([`eip155:${chainId}:${operator.address}`]);
    expect(await refusal(commissionDevice(byOperator, await terms(), element))).to.equal(
      "IdentitiesAlreadyCommissioned",
    );
  });

  it("begins by agreements made beforehand, of a device that claims no make, relayed by anybody", async () => {
    const { city, element, device, penniless, chainId } = await made();
    const fields = { device, operator: penniless.address, validity: spans.long, deadline: await deadline() };
    const commissioning = buildCommissioning(fields);
    const atTheWorks = await signCommissioning(city, element, commissioning);
    await commissionDevice(city.identities, commissioning, atTheWorks, penniless);
    const { didDocument } = await new Identity(city.identities, device).resolve();
    expect(didDocument!.verificationMethod!.map(({ blockchainAccountId }) => blockchainAccountId)).to.deep.equal([
      `eip155:${chainId}:${penniless.address}`,
      `eip155:${chainId}:${device}`,
    ]);
    expect(didDocument!.assertionMethod).to.have.length(2);
  });

  it("needs the agreement of both", async () => {
    const { city, vouch, terms, element, byOperator, p256Signer, penniless } = await made();
    await vouch();
    const other: P256Signer = p256Signer("another element");
    const commissioning = await terms();
    for (const act of [
      async () => commissionDevice(byOperator, commissioning, other),
      async () => commissionDevice(city.identities, commissioning, element),
      async () => commissionDevice(city.identities, commissioning, element, penniless),
    ]) {
      expect(await refusal(act())).to.equal("SignedInvalidSignature");
    }
  });

  it("is on the log: every firmware that device and operator agreed on, and nothing else", async () => {
    const { city, element, device, operator, byOperator, sensor } = await commissioned();
    expect(await deviceLogOf(city.identities, device)).to.deep.equal([]);

    const first = await firmware(device, "image 1");
    await changeDevice(byOperator, first, element);
    await sensor.setAttribute(serviceEntry("Readings", "https://sensor.example"), spans.long);
    await sensor.setAttribute({ name: FIRMWARE, value: id("what the operator says alone") }, spans.long);
    const second = await firmware(device, "image 2");
    const byBoth = [
      await signDeviceChange(city, element, second),
      await signDeviceChange(city, operator, second),
    ] as const;
    await changeDevice(city.identities, second, ...byBoth);
    const at = BigInt(await networkHelpers.time.latest());

    const log = await deviceLogOf(city.identities, device);
    expect(log.map(({ name, value }) => [name, value])).to.deep.equal([
      [FIRMWARE, first.value],
      [FIRMWARE, second.value],
    ]);
    const block = await networkHelpers.time.latestBlock();
    expect(log[1]).to.deep.include({ key: device, operator: operator.address, blockNumber: block });
    expect(log[1]!.validTo).to.equal(at + spans.long);
    expect((await sensor.resolve()).didDocument!.service).to.have.length(1);
  });

  it("is logged in order where one block holds several changes", async () => {
    const { city, element, device, byOperator, ethers } = await commissioned();
    const images = ["image 1", "image 2", "image 3"];
    await ethers.provider.send("evm_setAutomine", [false]);
    for (const image of images) {
      const change = await firmware(device, image);
      const signature = await signDeviceChange(city, element, change);
      await byOperator.changeDevice(change, signature, { key: "0x", data: "0x" }, { gasLimit: 1_000_000n });
    }
    await networkHelpers.mine();
    await ethers.provider.send("evm_setAutomine", [true]);
    const log = await deviceLogOf(city.identities, device);
    expect(log.map(({ value }) => value)).to.deep.equal(images.map((image) => id(image)));
    expect(new Set(log.map(({ blockNumber }) => blockNumber)).size).to.equal(1);
  });

  it("is out of reach of whoever has the device's key alone", async () => {
    const { city, element, device, byOperator, sensor, penniless, cid } = await commissioned();
    const stolen = new Identity(city.identities, device);
    const byThief = { signer: element, deadline: await deadline() };
    expect(await refusal(stolen.rotate(cid.address, byThief))).to.equal("SignedInvalidSignature");
    expect(await refusal(stolen.retire(byThief))).to.equal("SignedInvalidSignature");
    const change = await firmware(device, "image of a thief");
    expect(await refusal(changeDevice(city.identities, change, element))).to.equal("SignedInvalidSignature");

    // The operator shuts the key out, and lets another in.
    await sensor.revokeDelegate(VERI_KEY, device);
    expect(await refusal(changeDevice(byOperator, change, element))).to.equal("IdentitiesNotDeviceKey");
    await sensor.addDelegate(VERI_KEY, penniless.address, spans.year);
    await changeDevice(byOperator, await firmware(device, "image 2", penniless.address), penniless);
    const [entry, ...others] = await deviceLogOf(city.identities, device);
    expect(others).to.deep.equal([]);
    expect(entry).to.deep.include({ value: id("image 2"), key: penniless.address });
  });

  it("outlasts its key, and ends with its retirement", async () => {
    const { element, device, byOperator, sensor, city } = await commissioned();
    await changeDevice(byOperator, await firmware(device, "image 1"), element);
    await networkHelpers.time.increase(spans.year);
    expect(await sensor.hasDelegate(VERI_KEY, device)).to.equal(false);
    const late = await firmware(device, "image 2");
    expect(await refusal(changeDevice(byOperator, late, element))).to.equal("IdentitiesNotDeviceKey");

    await sensor.retire();
    expect(await refusal(changeDevice(byOperator, late, element))).to.equal("IdentitiesRetired");
    const again = buildCommissioning({ ...late, operator: await byOperator.identityOwner(device), validity: 1n });
    expect(await refusal(commissionDevice(byOperator, again, element))).to.equal("IdentitiesRetired");
    expect((await sensor.resolve()).didDocumentMetadata.deactivated).to.equal(true);
    // What was logged stays.
    expect(await deviceLogOf(city.identities, device)).to.have.length(1);
  });

  it("has no log at a contract bound to no provider, or at a node that keeps none", async () => {
    const { addresses, device, city, ethers } = await commissioned();
    const unbound = deviceLogOf(Identities__factory.connect(addresses.identities), device);
    expect(await refusal(unbound)).to.include("is bound to no provider");
    const forgetful = {
      provider: { getLogs: async () => [] } as unknown as Provider,
      call: async (request: TransactionRequest) => ethers.provider.call(request),
    };
    const failure = await refusal(deviceLogOf(city.identities.connect(forgetful), device));
    expect(failure).to.include(`no log of ${device}`);
  });
});
