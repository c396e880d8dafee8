/** What every EIP-712 message of the suite has in common: its hashes, its nonce and its signature. */
import {
  type BaseContract,
  hexlify,
  randomBytes,
  TypedDataEncoder,
  type TypedDataDomain,
  type TypedDataField,
} from "ethers";

import { p256KeyOf, type P256Signer } from "../p256.js";
import { type StructName, typesOf } from "./structs.js";

/** Proof that an account agreed to a message, as the contracts take it. */
export interface Signature {
  /** `0x` for plain and contract accounts, otherwise the ERC-7913 key. */
  readonly key: string;
  readonly data: string;
}

/** Stands for no signature: of a signer who sends the call, or who is the same account as one before. */
export const NO_SIGNATURE: Signature = { key: "0x", data: "0x" };

/** A random nonce. Random numbers tell nothing; consecutive ones share storage, which saves gas. */
export function randomNonce(): bigint {
  return BigInt(hexlify(randomBytes(32)));
}

/** A message from its fields: the nonce is random unless it is given. */
export function withNonce<T extends object>(fields: T & { readonly nonce?: bigint }): T & { readonly nonce: bigint } {
  return { ...fields, nonce: fields.nonce ?? randomNonce() };
}

/** EIP-712 struct hash of a message. */
export function structHash(name: StructName, message: object): string {
  return TypedDataEncoder.hashStruct(name, typesOf(name), message as Record<string, unknown>);
}

/** EIP-712 domain of a contract, as the contract itself tells it (ERC-5267). Asked once for each contract object. */
export async function domainOf(contract: BaseContract): Promise<TypedDataDomain> {
  const known = domains.get(contract);
  if (known !== undefined) return known;
  const asked = askDomain(contract);
  domains.set(contract, asked);
  // A chain that did not answer is asked again.
  asked.catch(() => domains.delete(contract));
  return asked;
}

const domains = new WeakMap<BaseContract, Promise<TypedDataDomain>>();

async function askDomain(contract: BaseContract): Promise<TypedDataDomain> {
  const [, name, version, chainId, verifyingContract] = (await contract.getFunction("eip712Domain")()) as [
    string,
    string,
    string,
    bigint,
    string,
  ];
  return { name, version, chainId, verifyingContract };
}

/** EIP-712 digest of a message for a contract: what is signed. */
export async function digestOf(contract: BaseContract, name: StructName, message: object): Promise<string> {
  return TypedDataEncoder.hash(await domainOf(contract), typesOf(name), message as Record<string, unknown>);
}

/** A plain key, or the plain key behind an ERC-1271 account: any ethers signer. */
export interface TypedDataSigner {
  signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string>;
}

/** Who can sign a message of the suite. */
export type MessageSigner = TypedDataSigner | P256Signer;

/** A signer that knows its address: any ethers signer. */
export interface AccountSigner extends TypedDataSigner {
  getAddress(): Promise<string>;
}

/**
 * Signs any message of the suite.
 *
 * @param contract - Contract for which it is signed.
 * @param signer - An ethers signer, or a P-256 key with its verifier.
 * @param name - The struct.
 * @param message - Its fields.
 */
export async function signMessage(
  contract: BaseContract,
  signer: MessageSigner,
  name: StructName,
  message: object,
): Promise<Signature> {
  if ("verifier" in signer) {
    return { key: p256KeyOf(signer), data: await signer.key.sign(await digestOf(contract, name, message)) };
  }
  const domain = await domainOf(contract);
  return { key: "0x", data: await signer.signTypedData(domain, typesOf(name), message as Record<string, unknown>) };
}
