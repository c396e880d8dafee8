import { encodeBytes32String, id, Wallet, ZeroAddress, ZeroHash } from "ethers";

import { buildGuardianPlan, guardianPlanHash, type GuardianPlan } from "../../../sdk/index.js";
import { Identity, VERI_KEY, wordOf } from "../../../sdk/identity/index.js";
import type { Leasing } from "./leasing.js";
import { type Act, bySignature, type SignedAct } from "./signedActs.js";

/** One act for each typed struct of the registry of identities. */
export const identityActs: Readonly<Record<string, SignedAct<Leasing>>> = {
  OwnerChange: { build: ownerChange },
  DelegateGrant: { build: delegateGrant },
  DelegateRevocation: { build: delegateRevocation },
  AttributeChange: { build: attributeChange },
  AttributeRevocation: { build: attributeRevocation },
  GuardianChange: { build: guardianChange },
  RecoveryApproval: { build: recoveryApproval },
  RecoveryVeto: { build: recoveryVeto },
  Commissioning: { build: commissioning },
  DeviceChange: { build: deviceChange },
};

const DAY = 86_400n;
const FAR = (1n << 48n) - 1n;
const TYPE = wordOf(VERI_KEY);
const NAME = wordOf("did/svc/Home");
const VALUE = id("https://home.example");
const FIRMWARE = encodeBytes32String("device/firmware");

const owner = new Wallet(id("owner of identities"));
const guardians = ["first", "second", "third"]
  .map((name) => new Wallet(id(`${name} guardian`)))
  .sort((left, right) => (BigInt(left.address) < BigInt(right.address) ? -1 : 1));
const device = new Wallet(id("device with an identity"));
const stranger = new Wallet(id("stranger to identities")).address;
const plan = buildGuardianPlan(
  guardians.map(({ address }) => address),
  2n,
  DAY,
);

/** An identity of its own for each act, in the owner's hands. */
async function identityOf({ city, networkHelpers }: Leasing): Promise<string> {
  const key = new Wallet(id(`identity of ${await networkHelpers.time.latest()}`));
  const { address } = key;
  await new Identity(city.identities, address).rotate(owner.address, { signer: key, deadline: FAR });
  return address;
}

/** An act that the owner signs. */
function byOwner(
  { city }: Leasing,
  message: Act["message"],
  send: (signature: ReturnType<typeof bySignature>) => Promise<unknown>,
): Act {
  return {
    contract: city.identities,
    message: { ...message, owner: owner.address },
    signers: [owner],
    send: async ([data]) => send(bySignature(data)),
  };
}

async function ownerChange(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const message = { identity: await identityOf(scene), newOwner: stranger, nonce, deadline };
  return byOwner(scene, message, async (signature) => scene.city.identities.changeOwnerBySig(message, signature));
}

async function delegateGrant(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const identity = await identityOf(scene);
  const message = { identity, delegateType: TYPE, delegate: stranger, validity: DAY, nonce, deadline };
  return byOwner(scene, message, async (signature) => scene.city.identities.addDelegateBySig(message, signature));
}

async function delegateRevocation(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const message = { identity: await identityOf(scene), delegateType: TYPE, delegate: stranger, nonce, deadline };
  return byOwner(scene, message, async (signature) => scene.city.identities.revokeDelegateBySig(message, signature));
}

async function attributeChange(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const message = { identity: await identityOf(scene), name: NAME, value: VALUE, validity: DAY, nonce, deadline };
  return byOwner(scene, message, async (signature) => scene.city.identities.setAttributeBySig(message, signature));
}

async function attributeRevocation(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const message = { identity: await identityOf(scene), name: NAME, value: VALUE, nonce, deadline };
  return byOwner(scene, message, async (signature) => scene.city.identities.revokeAttributeBySig(message, signature));
}

async function guardianChange(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const message = { identity: await identityOf(scene), plan: listed(plan), nonce, deadline };
  return byOwner(scene, message, async (signature) => scene.city.identities.setGuardiansBySig(message, signature));
}

async function recoveryApproval(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { identities } = scene.city;
  const identity = await guardedIdentity(scene);
  const ownerVersion = await identities.ownerVersion(identity);
  const planHash = guardianPlanHash(plan);
  const message = { identity, newOwner: stranger, planHash, ownerVersion, round: 0n, nonce, deadline };
  return {
    contract: identities,
    message,
    signerMember: "guardian",
    signers: guardians,
    send: async (signatures) => {
      const approvals = signatures.map((data, guardianIndex) => {
        return { guardianIndex, nonce, deadline, signature: bySignature(data) };
      });
      return identities.startRecovery(identity, stranger, listed(plan), approvals);
    },
  };
}

async function recoveryVeto(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const identity = await guardedIdentity(scene);
  const kept = new Identity(scene.city.identities, identity);
  const approvals = guardians.map(async (guardian) => {
    return kept.approveRecovery(stranger, plan, guardian, { deadline: FAR });
  });
  await kept.startRecovery(stranger, plan, await Promise.all(approvals));
  const message = { identity, round: 0n, nonce, deadline };
  return byOwner(scene, message, async (signature) => scene.city.identities.vetoRecoveryBySig(message, signature));
}

async function guardedIdentity(scene: Leasing): Promise<string> {
  const identity = await identityOf(scene);
  await new Identity(scene.city.identities, identity).setGuardians(plan, { signer: owner, deadline: FAR });
  return identity;
}

function listed({ guardians: accounts, ...terms }: GuardianPlan): GuardianPlan & { guardians: string[] } {
  return { ...terms, guardians: [...accounts] };
}

async function commissioning(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { identities } = scene.city;
  const { operator, relayer } = scene;
  // Given back to itself, it could be commissioned again: by another message.
  if ((await identities.identityOwner(device)) === operator.address) {
    await identities.connect(operator).changeOwner(device, device);
  }
  const terms = { validity: 365n * DAY, registry: ZeroAddress, make: ZeroHash };
  const message = { device: device.address, operator: operator.address, ...terms, nonce, deadline };
  return {
    contract: identities,
    message,
    signers: [device, operator],
    send: async ([byDevice, byOperator]) =>
      identities.connect(relayer).commission(message, bySignature(byDevice), bySignature(byOperator)),
  };
}

async function deviceChange(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { identities } = scene.city;
  const { operator, relayer } = scene;
  if ((await identities.identityOwner(device)) === device.address) {
    const kept = new Identity(identities, device.address);
    await kept.addDelegate(VERI_KEY, device.address, 365n * DAY, { signer: device, deadline: FAR });
    await kept.rotate(operator.address, { signer: device, deadline: FAR });
  }
  const value = id("image");
  const about = { device: device.address, key: device.address, name: FIRMWARE, value, validity: 365n * DAY };
  const message = { ...about, nonce, deadline, owner: operator.address };
  return {
    contract: identities,
    message,
    signers: [device, operator],
    send: async ([byDevice, byOperator]) =>
      identities.connect(relayer).changeDevice(message, bySignature(byDevice), bySignature(byOperator)),
  };
}
