import { id, Wallet, ZeroHash } from "ethers";

import { AttributeTree, credentialTypeId, predicateIdOf, Standing } from "../../../sdk/identity/index.js";
import { FOREVER } from "./credentials.js";
import type { Leasing } from "./leasing.js";
import { type Act, bySignature, type SignedAct } from "./signedActs.js";

/** One act for each typed struct of the credentials. */
export const credentialActs: Readonly<Record<string, SignedAct<Leasing>>> = {
  KeyAppointment: { build: keyAppointment },
  AccreditationGrant: { build: accreditationGrant },
  AccreditationWithdrawal: { build: accreditationWithdrawal },
  Issuance: { build: issuance },
  StandingChange: { build: standingChange },
  Presentation: { build: presentation },
};

const TYPE = credentialTypeId("RESIDENT");

const organisation = new Wallet(id("organisation with an issuing key"));
const person = new Wallet(id("person with attributes"));

/** Somebody new for each act. */
async function somebody({ networkHelpers }: Leasing): Promise<Wallet> {
  return new Wallet(id(`somebody of ${await networkHelpers.time.latest()}`));
}

/** An act that the issuing key of the type's authority signs. Its identity is the key's own. */
function byRegistry(
  { city, actors }: Leasing,
  message: Act["message"],
  send: (signature: ReturnType<typeof bySignature>) => Promise<unknown>,
): Act {
  const { credentials } = city;
  return {
    contract: credentials,
    message,
    signers: [actors.registry],
    send: async ([data]) => send(bySignature(data)),
  };
}

async function keyAppointment(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { city, relayer } = scene;
  const key = await somebody(scene);
  const { address: owner } = organisation;
  const message = { issuer: owner, key: key.address, until: FOREVER, nonce, deadline, owner };
  return {
    contract: city.credentials,
    message,
    signers: [organisation, key],
    send: async ([byOwner, byKey]) =>
      city.credentials.connect(relayer).appointKey(message, bySignature(byOwner), bySignature(byKey)),
  };
}

async function accreditationGrant(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { address: issuer } = await somebody(scene);
  const key = scene.actors.registry.address;
  const message = { key, typeId: TYPE, issuer, until: FOREVER, mayAccredit: false, nonce, deadline, accreditor: key };
  const credentials = scene.city.credentials.connect(scene.relayer);
  return byRegistry(scene, message, async (signature) => credentials.accreditBySig(message, signature));
}

async function accreditationWithdrawal(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { city, actors, relayer } = scene;
  const { address: issuer } = await somebody(scene);
  await city.credentials.connect(actors.registry).accredit(TYPE, issuer, FOREVER, false);
  const key = actors.registry.address;
  const message = { key, typeId: TYPE, issuer, nonce, deadline, by: key };
  const credentials = city.credentials.connect(relayer);
  return byRegistry(scene, message, async (signature) => credentials.withdrawAccreditationBySig(message, signature));
}

async function issuance(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { address: subject } = await somebody(scene);
  const key = scene.actors.registry.address;
  const about = { key, typeId: TYPE, subject, until: FOREVER, attributesRoot: ZeroHash };
  const message = { ...about, nonce, deadline, issuer: key };
  const credentials = scene.city.credentials.connect(scene.relayer);
  return byRegistry(scene, message, async (signature) => credentials.issueBySig(message, signature));
}

async function standingChange(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { city, actors, relayer } = scene;
  const { address: subject } = await somebody(scene);
  await city.credentials.connect(actors.registry).issue(TYPE, subject, FOREVER, ZeroHash);
  const standing = Standing.Suspended;
  const key = actors.registry.address;
  const message = { key, typeId: TYPE, subject, standing, nonce, deadline, issuer: key };
  const credentials = city.credentials.connect(relayer);
  return byRegistry(scene, message, async (signature) => credentials.changeStandingBySig(message, signature));
}

async function presentation(scene: Leasing, nonce: bigint, deadline: number): Promise<Act> {
  const { city, actors, relayer } = scene;
  const { address: subject } = person;
  const tree = new AttributeTree([
    { subject, predicate: "over-18" },
    { subject, predicate: "district-4" },
  ]);
  await city.credentials.connect(actors.registry).issue(TYPE, subject, FOREVER, tree.root);
  const { salt, proof } = tree.prove(subject, "over-18");
  const about = { typeId: TYPE, subject, verifier: relayer.address, purpose: id("purpose") };
  const message = { ...about, predicate: predicateIdOf("over-18"), nonce, deadline, owner: subject };
  return {
    contract: city.credentials,
    message,
    signers: [person],
    send: async ([data]) => city.credentials.connect(relayer).present(message, salt, [...proof], bySignature(data)),
  };
}
