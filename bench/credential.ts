/**
 * Operations of Credentials. Issuers have issued and signers have signed before; what belongs to the credential is new.
 * Types ask for accreditation at any time, and the authority itself accredited the issuer, unless the key says
 * otherwise. A credential carries no root of attributes, and its peer no data, unless they are attributed.
 */
import { encodeBytes32String, id, Wallet, ZeroHash } from "ethers";

import { signIssuance, signPresentation } from "../sdk/typedData.js";
import type { Operation, Operations, Stage } from "./operation.js";
import { proofFrom } from "./proof.js";
import { accountOf, HOUR } from "./town.js";

const PEER = "EAS 1.9.0";
const BATCH = 50;
const SMALL_BATCH = 10;
/** Hashes in a proof: a root over 65,536 attributes. */
const ATTRIBUTE_DEPTH = 16;
const PREDICATE = encodeBytes32String("over-18");
const SALT = id("salt");
/** First of the numbers that signers use one after another; the one before appointed the issuer's key. */
const NONCE = 1n;
const NEXT_WORD = 1n;
const SECOND_CARD = 1n << 254n;

function subjects(count: number): string[] {
  return Array.from({ length: count }, (_, index) => accountOf(`subject ${index}`));
}

function rootOf(subject: string): string {
  return id(`attributes of ${subject}`);
}

async function issueMany(
  { chain, office, town }: Stage,
  typeId: string,
  count: number,
  root: (subject: string) => string = () => ZeroHash,
): Promise<number> {
  const { until } = office;
  const grants = subjects(count).map((subject) => ({ subject, until, attributesRoot: root(subject) }));
  return chain.gasOf(() => town.city.credentials.connect(office.issuer.key).issueMany(typeId, grants));
}

async function issueBySig({ chain, office, town }: Stage, subject: string, nonce: bigint): Promise<number> {
  const { credentials } = town.city;
  const { key } = office.issuer;
  const issuance = {
    key: key.address,
    typeId: office.plainType,
    subject,
    until: BigInt(office.until),
    attributesRoot: ZeroHash,
    nonce,
    deadline: BigInt(chain.now + HOUR),
  };
  const signature = await signIssuance(town.city, key, issuance);
  return chain.gasOf(() => credentials.connect(town.cast.relay).issueBySig(issuance, signature));
}

/** Extra gas of a call that a credential gates. */
function overhead(door: "HoldsDoor" | "HoldsAsDoor", issuer: "issuer" | "remoteIssuer" = "issuer"): Operation {
  return {
    measure: async ({ chain, office }) => {
      const subject = await chain.account("subject");
      await office.issue(office.plainType, subject.address, ZeroHash, office[issuer]);
      return office.overheadOf(door, subject);
    },
  };
}

/** A credential with one attribute that stands in a tree; returns the way from it to the root. */
async function issueAttributed({ office, town }: Stage, subject: string): Promise<string[]> {
  const leaf = await town.city.credentials.attributeLeaf(subject, PREDICATE, SALT);
  const { root, proof } = proofFrom(leaf, ATTRIBUTE_DEPTH);
  await office.issue(office.plainType, subject, root);
  return proof;
}

/** A subject shows an attribute to a verifier. */
async function present(
  { chain, office, town }: Stage,
  subject: Wallet,
  proof: string[],
  nonce: bigint,
): Promise<number> {
  const { credentials } = town.city;
  const presentation = {
    typeId: office.plainType,
    subject: subject.address,
    verifier: town.cast.relay.address,
    purpose: encodeBytes32String("tariff"),
    predicate: PREDICATE,
    nonce,
    deadline: BigInt(chain.now + HOUR),
  };
  const signature = await signPresentation(town.city, subject, presentation);
  return chain.gasOf(() => credentials.connect(town.cast.relay).present(presentation, SALT, proof, signature));
}

export const credentialOperations: Operations = {
  "credential.issue": {
    measure: async ({ office }) => office.issue(office.plainType, accountOf("subject")),
    peer: {
      name: `${PEER}: attest, no data`,
      measure: async ({ registries }) => registries.attest(accountOf("subject")),
    },
  },
  "credential.issueAttributed": {
    measure: async ({ office }) => office.issue(office.plainType, accountOf("subject"), rootOf("subject")),
    peer: {
      name: `${PEER}: attest, 32 bytes`,
      measure: async ({ registries }) => registries.attest(accountOf("subject"), rootOf("subject")),
    },
  },
  "credential.issueAgain": {
    measure: async ({ office }) => {
      await office.issue(office.plainType, accountOf("subject"));
      return office.issue(office.plainType, accountOf("subject"));
    },
  },
  "credential.issueNumbered": {
    measure: async ({ office }) => office.issue(office.numberedType, accountOf("subject")),
  },
  "credential.issueBySig": {
    measure: async (stage) => {
      await issueBySig(stage, accountOf("first subject"), NONCE);
      return issueBySig(stage, accountOf("subject"), NONCE + 1n);
    },
    peer: {
      name: `${PEER}: attestByDelegation, no data`,
      measure: async ({ registries }) => {
        await registries.attestBySig(accountOf("first subject"));
        return registries.attestBySig(accountOf("subject"));
      },
    },
  },
  "credential.issueMany50": {
    items: BATCH,
    measure: async (stage) => issueMany(stage, stage.office.plainType, BATCH),
    peer: {
      name: `${PEER}: multiAttest of 50, no data`,
      measure: async ({ registries }) => registries.attestMany(subjects(BATCH)),
    },
  },
  "credential.issueAttributedMany10": {
    items: SMALL_BATCH,
    measure: async (stage) => issueMany(stage, stage.office.plainType, SMALL_BATCH, rootOf),
    peer: {
      name: `${PEER}: multiAttest of 10, 32 bytes each`,
      measure: async ({ registries }) => registries.attestMany(subjects(SMALL_BATCH), rootOf),
    },
  },
  "credential.issueNumberedMany50": {
    items: BATCH,
    measure: async (stage) => issueMany(stage, stage.office.numberedType, BATCH),
  },
  "credential.revoke": {
    measure: async ({ chain, office, town }) => {
      const { credentials } = town.city;
      await office.issue(office.numberedType, accountOf("subject"));
      return chain.gasOf(() =>
        credentials.connect(office.issuer.key).revoke(office.numberedType, accountOf("subject")),
      );
    },
    peer: { name: `${PEER}: revoke`, measure: async ({ registries }) => registries.revoke(accountOf("subject")) },
  },
  "credential.accredit": {
    measure: async ({ office }) => office.accredit(office.authority, office.plainType, accountOf("new issuer")),
  },
  "credential.holdsOverhead": overhead("HoldsDoor"),
  "credential.holdsOverheadChain4": overhead("HoldsDoor", "remoteIssuer"),
  "credential.holdsAsOverhead": overhead("HoldsAsDoor"),
  "credential.statusWord": {
    measure: async ({ office }) => office.revokeCards(office.usedWord + NEXT_WORD, SECOND_CARD),
  },
  "credential.statusBit": {
    measure: async ({ office }) => office.revokeCards(office.usedWord, SECOND_CARD),
  },
  "credential.proveAttribute16": {
    // A view, sent as a transaction; a call that is not sent costs nothing.
    measure: async (stage) => {
      const { chain, office, town } = stage;
      const { credentials } = town.city;
      const subject = accountOf("subject");
      const query = [office.plainType, subject, PREDICATE, SALT, await issueAttributed(stage, subject)] as const;
      if (!(await credentials.proveAttribute(...query))) throw new Error("the bench's proof does not hold");
      const to = await credentials.getAddress();
      const data = credentials.interface.encodeFunctionData("proveAttribute", [...query]);
      return chain.gasOf(() => town.cast.relay.sendTransaction({ to, data }));
    },
    peer: {
      name: "OpenZeppelin MerkleProof: stored root, leaf of four words, proof of 16",
      measure: async ({ peers }) => peers.prove(ATTRIBUTE_DEPTH),
    },
  },
  "credential.presentAttribute16": {
    // To an account; a contract that is the verifier adds what it does itself.
    measure: async (stage) => {
      const subject = new Wallet(id("subject"));
      const proof = await issueAttributed(stage, subject.address);
      await present(stage, subject, proof, NONCE);
      return present(stage, subject, proof, NONCE + 1n);
    },
  },
};
