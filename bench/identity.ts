/**
 * Operations of Identities. Unless the key says otherwise, the identity was changed in the same way before, and signers
 * have signed before. The reference registry of ERC-1056 gets the same calls in the same state.
 */
import {
  concat,
  encodeBytes32String,
  id,
  keccak256,
  SigningKey,
  toBeHex,
  toUtf8Bytes,
  Wallet,
  ZeroAddress,
  ZeroHash,
} from "ethers";

import { p256AccountOf } from "../sdk/p256.js";
import { SoftwareP256Key } from "../sdk/p256Keys.js";
import {
  guardianPlanHash,
  type MessageSigner,
  NO_SIGNATURE,
  signAttributeChange,
  signCommissioning,
  signDeviceChange,
  signRecoveryApproval,
} from "../sdk/typedData.js";
import { type IERC1056, IERC1056__factory } from "../typechain-types/index.js";
import type { Operation, Operations, Stage } from "./operation.js";
import { accountOf, DAY, HOUR, YEAR } from "./town.js";

const PEER = "ethr-did-registry 1.3.0";
/** Name of an attribute that DID clients show as a key. */
const NAME = encodeBytes32String("did/pub/Secp256k1/veriKey/hex");
/** A compressed public key: 33 bytes. */
const VALUE = SigningKey.computePublicKey(id("value"), true);
const DELEGATE_TYPE = encodeBytes32String("veriKey");
const RECOVERY_DELAY = 7 * DAY;
/** First of the numbers that signers use one after another. */
const NONCE = 0n;
const GUARDIANS = 3;
const THRESHOLD = 2;

/** Something that both registries do, by one call. */
function onBoth(how: string, measure: (stage: Stage, registry: IERC1056) => Promise<number>): Operation {
  return {
    measure: async (stage) => measure(stage, ours(stage)),
    peer: { name: `${PEER}: ${how}`, measure: async (stage) => measure(stage, stage.registries.erc1056) },
  };
}

function ours({ town: { city, cast } }: Stage): IERC1056 {
  return IERC1056__factory.connect(city.addresses.identities, cast.deployer);
}

async function setAttribute({ chain }: Stage, registry: IERC1056, owner: Wallet): Promise<number> {
  return chain.gasOf(() => registry.connect(owner).setAttribute(owner, NAME, VALUE, YEAR));
}

async function addDelegate({ chain }: Stage, registry: IERC1056, owner: Wallet): Promise<number> {
  return chain.gasOf(() => registry.connect(owner).addDelegate(owner, DELEGATE_TYPE, accountOf("delegate"), YEAR));
}

async function changeOwner(
  { chain }: Stage,
  registry: IERC1056,
  identity: string,
  owner: Wallet,
  newOwner: string,
): Promise<number> {
  return chain.gasOf(() => registry.connect(owner).changeOwner(identity, newOwner));
}

/** A signature as the `…Signed` functions of ERC-1056 take it. */
async function erc1056Signature(
  registry: IERC1056,
  signer: Wallet,
  method: string,
  ...args: string[]
): Promise<{ v: number; r: string; s: string }> {
  const number = toBeHex(await registry.nonce(signer), 32);
  const head = [await registry.getAddress(), number, signer.address, toUtf8Bytes(method)];
  return signer.signingKey.sign(keccak256(concat(["0x1900", ...head, ...args])));
}

async function setAttributeSigned({ chain, town }: Stage, registry: IERC1056, owner: Wallet): Promise<number> {
  const { v, r, s } = await erc1056Signature(registry, owner, "setAttribute", NAME, VALUE, toBeHex(YEAR, 32));
  return chain.gasOf(() => registry.connect(town.cast.relay).setAttributeSigned(owner, v, r, s, NAME, VALUE, YEAR));
}

async function setAttributeSignedAgain(stage: Stage, registry: IERC1056): Promise<number> {
  const owner = await stage.chain.account("owner");
  await setAttributeSigned(stage, registry, owner);
  return setAttributeSigned(stage, registry, owner);
}

/** A key becomes a delegate, and then somebody else the owner: two transactions, by the device's signatures. */
async function commissionAtPeer({ chain, town, registries }: Stage): Promise<number> {
  const registry = registries.erc1056.connect(town.cast.relay);
  const device = await chain.account("device");
  const operator = accountOf("operator");
  const grant = await erc1056Signature(
    registry,
    device,
    "addDelegate",
    DELEGATE_TYPE,
    device.address,
    toBeHex(YEAR, 32),
  );
  const added = await chain.gasOf(() =>
    registry.addDelegateSigned(device, grant.v, grant.r, grant.s, DELEGATE_TYPE, device, YEAR),
  );
  const change = await erc1056Signature(registry, device, "changeOwner", operator);
  return added + (await chain.gasOf(() => registry.changeOwnerSigned(device, change.v, change.r, change.s, operator)));
}

/** By an EIP-712 message that anybody relays. */
async function setAttributeBySig(
  { chain, town: { city, cast } }: Stage,
  identity: string,
  owner: MessageSigner,
  nonce: bigint,
): Promise<number> {
  const deadline = BigInt(chain.now + HOUR);
  const change = { identity, name: NAME, value: VALUE, validity: BigInt(YEAR), nonce, deadline };
  const signature = await signAttributeChange(city, owner, change);
  return chain.gasOf(() => city.identities.connect(cast.relay).setAttributeBySig(change, signature));
}

/** What a device and its operator sign. The device claims a make that a registry vouches for, or none. */
function commissioningOf(
  { chain }: Stage,
  device: string,
  operator: string,
  { registry = ZeroAddress, make = ZeroHash } = {},
) {
  const deadline = BigInt(chain.now + HOUR);
  return { device, operator, validity: BigInt(YEAR), registry, make, nonce: NONCE, deadline };
}

/** A device enters service: sent by its operator, who then needs no signature. */
async function commission(stage: Stage, device: Wallet, operator: Wallet): Promise<number> {
  const { identities } = stage.town.city;
  const message = commissioningOf(stage, device.address, operator.address);
  const signature = await signCommissioning({ identities }, device, message);
  return stage.chain.gasOf(() => identities.connect(operator).commission(message, signature, NO_SIGNATURE));
}

/** A device enters service with a vouched make: relayed, with the signatures of both. */
async function commissionVouched(stage: Stage, device: Wallet, operator: Wallet, nonce: bigint): Promise<number> {
  const { office, town } = stage;
  const { identities } = town.city;
  await office.issue(office.plainType, device.address);
  const make = { registry: await town.city.credentials.getAddress(), make: office.plainType };
  const message = { ...commissioningOf(stage, device.address, operator.address, make), nonce };
  const signatures = [
    await signCommissioning({ identities }, device, message),
    await signCommissioning({ identities }, operator, message),
  ] as const;
  return stage.chain.gasOf(() => identities.connect(town.cast.relay).commission(message, ...signatures));
}

/** Firmware or configuration of a device in service changed: sent by its operator. */
async function changeDevice(stage: Stage, device: Wallet, operator: Wallet, nonce: bigint): Promise<number> {
  const { chain, town } = stage;
  const { identities } = town.city;
  const deadline = BigInt(chain.now + HOUR);
  const message = {
    device: device.address,
    key: device.address,
    name: encodeBytes32String("device/firmware"),
    value: id("firmware"),
    validity: BigInt(YEAR),
    nonce,
    deadline,
  };
  const signature = await signDeviceChange({ identities }, device, message);
  return chain.gasOf(() => identities.connect(operator).changeDevice(message, signature, NO_SIGNATURE));
}

/** Two of three guardians, who never signed before, start the identity's first recovery. */
async function startRecovery({ chain, town: { city, cast } }: Stage): Promise<number> {
  const { identities } = city;
  const owner = await chain.account("owner");
  const guardians = Array.from({ length: GUARDIANS }, (_, index) => new Wallet(id(`guardian ${index}`))).sort((a, b) =>
    a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1,
  );
  const plan = {
    guardians: guardians.map(({ address }) => address),
    threshold: BigInt(THRESHOLD),
    delay: BigInt(RECOVERY_DELAY),
  };
  await chain.send(() => identities.connect(owner).setGuardians(owner, plan));
  const newOwner = accountOf("new owner");
  const deadline = BigInt(chain.now + HOUR);
  const about = { identity: owner.address, newOwner, planHash: guardianPlanHash(plan), ownerVersion: 0n, round: 0n };
  const approval = { ...about, nonce: NONCE, deadline };
  const approvals = await Promise.all(
    guardians.slice(0, THRESHOLD).map(async (guardian, guardianIndex) => ({
      guardianIndex,
      nonce: NONCE,
      deadline,
      signature: await signRecoveryApproval(city, guardian, { ...approval, guardian: guardian.address }),
    })),
  );
  return chain.gasOf(() => identities.connect(cast.relay).startRecovery(owner, newOwner, plan, approvals));
}

export const identityOperations: Operations = {
  "identity.setAttributeFirst": onBoth("setAttribute, first change", async (stage, registry) =>
    setAttribute(stage, registry, await stage.chain.account("owner")),
  ),
  "identity.setAttribute": onBoth("setAttribute", async (stage, registry) => {
    const owner = await stage.chain.account("owner");
    await setAttribute(stage, registry, owner);
    return setAttribute(stage, registry, owner);
  }),
  "identity.setAttributeSigned": onBoth("setAttributeSigned", setAttributeSignedAgain),
  "identity.setAttributeBySig": {
    measure: async (stage) => {
      const owner = await stage.chain.account("owner");
      await setAttributeBySig(stage, owner.address, owner, NONCE);
      return setAttributeBySig(stage, owner.address, owner, NONCE + 1n);
    },
    peer: {
      name: `${PEER}: setAttributeSigned`,
      measure: async (stage) => setAttributeSignedAgain(stage, stage.registries.erc1056),
    },
  },
  "identity.setAttributeBySigP256": {
    measure: async (stage) => {
      const owner = { verifier: stage.town.p256Verifier, key: new SoftwareP256Key(id("P-256 owner")) };
      await setAttributeBySig(stage, p256AccountOf(owner), owner, NONCE);
      return setAttributeBySig(stage, p256AccountOf(owner), owner, NONCE + 1n);
    },
  },
  // Of an identity that was changed before, to a delegate that it never had.
  "identity.addDelegate": onBoth("addDelegate", async (stage, registry) => {
    const owner = await stage.chain.account("owner");
    await setAttribute(stage, registry, owner);
    return addDelegate(stage, registry, owner);
  }),
  "identity.revokeDelegate": onBoth("revokeDelegate", async (stage, registry) => {
    const owner = await stage.chain.account("owner");
    await addDelegate(stage, registry, owner);
    return stage.chain.gasOf(() => registry.connect(owner).revokeDelegate(owner, DELEGATE_TYPE, accountOf("delegate")));
  }),
  "identity.changeOwnerFirst": onBoth("changeOwner, first change", async (stage, registry) => {
    const owner = await stage.chain.account("owner");
    return changeOwner(stage, registry, owner.address, owner, accountOf("new owner"));
  }),
  "identity.changeOwner": onBoth("changeOwner", async (stage, registry) => {
    const owner = await stage.chain.account("owner");
    const second = await stage.chain.account("second owner");
    await changeOwner(stage, registry, owner.address, owner, second.address);
    return changeOwner(stage, registry, owner.address, second, accountOf("third owner"));
  }),
  "identity.startRecovery": { measure: startRecovery },
  "identity.commission": {
    measure: async (stage) => commission(stage, new Wallet(id("device")), await stage.chain.account("operator")),
    peer: {
      name: `${PEER}: addDelegateSigned, then changeOwnerSigned, two transactions`,
      measure: commissionAtPeer,
    },
  },
  "identity.commissionVouched": {
    measure: async (stage) => {
      const operator = new Wallet(id("operator"));
      await commissionVouched(stage, new Wallet(id("first device")), operator, NONCE);
      return commissionVouched(stage, new Wallet(id("device")), operator, NONCE + 1n);
    },
  },
  "identity.changeDevice": {
    measure: async (stage) => {
      const device = new Wallet(id("device"));
      const operator = await stage.chain.account("operator");
      await commission(stage, device, operator);
      return changeDevice(stage, device, operator, NONCE + 1n);
    },
  },
};
