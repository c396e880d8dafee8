/**
 * Salted attributes of credentials: the tree whose root an issuer puts on the chain, and what a subject shows of it.
 *
 * A leaf states a predicate (`over-18`), never a datum: who checks it learns nothing else, and the chain sees no more.
 */
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import {
  type BytesLike,
  type ContractTransactionResponse,
  getAddress,
  hexlify,
  randomBytes,
  zeroPadBytes,
} from "ethers";

import { type HasCredentials, type Presentation, signPresentation } from "../typedData/credentials.js";
import { type MessageSigner, type Signature, withNonce } from "../typedData/messages.js";
import { asciiIdOf } from "./ids.js";

/** One attribute of one person, as the issuer states it. */
export interface Attribute {
  /** Identity of the subject. */
  readonly subject: string;
  /** Up to 31 characters of ASCII, for instance `over-18`; or 32 bytes in hexadecimal form. */
  readonly predicate: string;
  /** 32 bytes, different for each attribute; random when left out. */
  readonly salt?: string;
}

/** What a subject needs to show one attribute. The salt is secret until then. */
export interface AttributeProof {
  readonly subject: string;
  /** 32 bytes. */
  readonly predicate: string;
  readonly salt: string;
  /** Hashes that lead from the leaf to the root. */
  readonly proof: readonly string[];
}

/** What a subject hands to a verifier: the arguments of the contract's `present`. */
export interface SignedPresentation {
  readonly presentation: Presentation;
  readonly salt: string;
  readonly proof: readonly string[];
  readonly signature: Signature;
}

type Leaf = [subject: string, predicate: string, salt: string];

const LEAF_TYPES = ["address", "bytes32", "bytes32"];
const SALT_BYTES = 16;
const WORD_BYTES = 32;

/**
 * Id of a predicate.
 *
 * @param predicate - 1 to 31 characters of printable ASCII, or 32 bytes in hexadecimal form, which stay as they are.
 * @throws RangeError for anything else.
 */
export function predicateIdOf(predicate: string): string {
  return asciiIdOf(predicate, "predicate");
}

/** A fresh salt: 16 random bytes, then zeros, so that it costs less to show than 32. */
export function randomAttributeSalt(): string {
  return zeroPadBytes(hexlify(randomBytes(SALT_BYTES)), WORD_BYTES);
}

/** Leaf of an attribute: twin of the contract's `attributeLeaf`. */
export function predicateLeaf(subject: string, predicate: string, salt: string): string {
  return StandardMerkleTree.of<Leaf>([[subject, predicateIdOf(predicate), salt]], LEAF_TYPES).root;
}

/** Whether a root covers an attribute: twin of what the contract checks. */
export function verifyAttribute(root: BytesLike, { subject, predicate, salt, proof }: AttributeProof): boolean {
  return StandardMerkleTree.verify<Leaf>(root, LEAF_TYPES, [subject, predicate, salt], [...proof]);
}

/** A tree of salted attributes. One root may cover many people, so that it does not tell them apart. */
export class AttributeTree {
  readonly #tree: StandardMerkleTree<Leaf>;

  /**
   * @param attributes - At least one. A person has a predicate once.
   * @throws RangeError for no attribute, one that is stated twice, and a predicate out of range.
   */
  constructor(attributes: readonly Attribute[]) {
    if (attributes.length === 0) throw new RangeError("a tree of 0 attributes has no root; it needs at least 1");
    const leaves = attributes.map(({ subject, predicate, salt = randomAttributeSalt() }): Leaf => {
      return [getAddress(subject), predicateIdOf(predicate), salt];
    });
    const seen = new Set<string>();
    for (const [index, [subject, predicate]] of leaves.entries()) {
      const statement = `${subject} ${predicate}`;
      if (seen.has(statement)) throw new RangeError(`attribute ${index} is stated twice of ${subject}`);
      seen.add(statement);
    }
    this.#tree = StandardMerkleTree.of(leaves, LEAF_TYPES);
  }

  /** What the issuer puts on the chain as `attributesRoot`. */
  get root(): string {
    return this.#tree.root;
  }

  /** What a subject needs to show each of its attributes: handed over once, to be kept in its wallet. */
  proofsOf(subject: string): AttributeProof[] {
    const person = getAddress(subject);
    return [...this.#tree.entries()]
      .filter(([, [owner]]) => owner === person)
      .map(([index, [, predicate, salt]]) => ({ subject: person, predicate, salt, proof: this.#tree.getProof(index) }));
  }

  /**
   * What a subject needs to show one attribute.
   *
   * @throws RangeError for an attribute that is not stated.
   */
  prove(subject: string, predicate: string): AttributeProof {
    const id = predicateIdOf(predicate);
    const found = this.proofsOf(subject).find((proof) => proof.predicate === id);
    if (found === undefined) throw new RangeError(`${predicate} is not stated of ${subject}`);
    return found;
  }
}

/** For whom and what an attribute is shown. */
export interface PresentationTerms {
  readonly typeId: string;
  /** Contract or account that may use it. */
  readonly verifier: string;
  /** What the verifier may use it for, 32 bytes in the verifier's own terms. */
  readonly purpose: string;
  /** Last Unix time at which it is good. */
  readonly deadline: bigint;
  /** Random when left out. */
  readonly nonce?: bigint;
}

/**
 * Shows one attribute to one verifier: the subject signs, the verifier sends.
 *
 * @param city - Its `credentials`.
 * @param owner - Owner of the subject's identity.
 * @param attribute - The attribute with its proof.
 * @param terms - For whom and what.
 */
export async function signAttribute(
  city: HasCredentials,
  owner: MessageSigner,
  { subject, predicate, salt, proof }: AttributeProof,
  terms: PresentationTerms,
): Promise<SignedPresentation> {
  const presentation = withNonce({ ...terms, subject, predicate });
  return { presentation, salt, proof, signature: await signPresentation(city, owner, presentation) };
}

/**
 * Uses a presentation, once.
 *
 * @param city - Its `credentials`, connected to the verifier that the presentation names.
 * @param signed - What the subject handed over.
 */
export async function present(
  { credentials }: HasCredentials,
  { presentation, salt, proof, signature }: SignedPresentation,
): Promise<ContractTransactionResponse> {
  return credentials.present(presentation, salt, [...proof], signature);
}
