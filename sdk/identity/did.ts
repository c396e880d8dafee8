/** Decentralised identifiers of the method `ethr` for the city's identities, and their resolution. */
import { Resolver } from "did-resolver";
import { type BytesLike, computeAddress, dataLength, dataSlice, getAddress, keccak256, type Provider } from "ethers";
import { getResolver } from "ethr-did-resolver";

import type { Identities } from "../../typechain-types/index.js";
import { providerOf } from "../runner.js";

/** What a DID of the method `ethr` says. */
export interface EthrDid {
  /** Chain on which the identity's changes are logged. */
  readonly chainId: bigint;
  /** Address of the identity, with checksum. */
  readonly address: string;
  /** Compressed secp256k1 key, 33 bytes, when the DID names the key instead of the address. */
  readonly publicKey?: string;
}

/** One registry of identities on one chain. */
export interface DidNetwork {
  readonly chainId: bigint;
  /** Provider of that chain. */
  readonly provider: Provider;
  /** Address of the registry: `Identities`, or any other of ERC-1056. */
  readonly registry: string;
  /** Name that may stand in a DID in place of the chain's number, for instance `mainnet`. */
  readonly name?: string;
}

const MAINNET = 1n;
const DID = /^did:ethr:(?:(0x[1-9a-f][0-9a-f]*):)?(0x[0-9a-fA-F]{40}|0x0[23][0-9a-fA-F]{64})$/;
/** Characters of an address, its 0x included. */
const ADDRESS_TEXT_LENGTH = 42;
/** Bytes of a verifier's address; a key has at least one more. */
const VERIFIER_LENGTH = 20;
/** Where the low 20 bytes of a word begin. */
const ADDRESS_OFFSET = 12;

/**
 * DID of an identity. Nothing is to be sent or paid: every address has one from the start.
 *
 * @param address - The identity.
 * @param chainId - Chain of the registry, at least 1.
 * @throws TypeError for what is no address, RangeError for a chain number below 1.
 */
export function didOf(address: string, chainId: bigint | number): string {
  if (chainId < 1) throw new RangeError(`chain number ${chainId.toString()} is below 1`);
  return `did:ethr:0x${chainId.toString(16)}:${getAddress(address)}`;
}

/**
 * Reads a DID of the method `ethr`.
 *
 * @param did - With a chain number in hexadecimal form, or with none for Ethereum itself; an address, or a compressed
 *   secp256k1 key. No path, query or fragment.
 * @throws TypeError for anything else, an address with a wrong checksum and a key that is no point of the curve.
 */
export function parseDid(did: string): EthrDid {
  const [, chain, id] = DID.exec(did) ?? [];
  if (id === undefined) throw new TypeError(`${did} is no DID of the method ethr on a chain named by its number`);
  const chainId = chain === undefined ? MAINNET : BigInt(chain);
  try {
    if (id.length === ADDRESS_TEXT_LENGTH) return { chainId, address: getAddress(id) };
    return { chainId, address: computeAddress(id), publicKey: id };
  } catch (cause) {
    throw new TypeError(`${did} holds ${id}, which is neither an address nor a public key`, { cause });
  }
}

/**
 * Account that an ERC-7913 key acts as: the low 20 bytes of its hash. For P-256 keys see `p256AccountOf`.
 *
 * @param key - The verifier's address followed by the key.
 * @throws RangeError for a key of no more than the verifier's 20 bytes.
 */
export function accountOfKey(key: BytesLike): string {
  const length = dataLength(key);
  if (length <= VERIFIER_LENGTH) throw new RangeError(`a key has more than ${VERIFIER_LENGTH} bytes, not ${length}`);
  return getAddress(dataSlice(keccak256(key), ADDRESS_OFFSET));
}

/**
 * A resolver of the DIDs of some registries, through the libraries `did-resolver` and `ethr-did-resolver` as they are.
 * A DID that cannot be resolved gives a result with `didResolutionMetadata.error` (`invalidDid`, `unknownNetwork`,
 * `unsupportedDidMethod`, `notFound`), never an exception. A retired identity gives an empty document with
 * `didDocumentMetadata.deactivated`; `?versionId=<block>` after the DID asks for its document as of that block.
 *
 * @param networks - At least one; the first of two with one chain number or name counts.
 * @throws RangeError for none.
 */
export function didResolver(networks: readonly DidNetwork[]): Resolver {
  if (networks.length === 0) throw new RangeError("a resolver needs at least one network");
  // The library is given the CommonJS half of ethers' types, whose private members differ from ours in name only.
  const options = { networks: [...networks].reverse() } as unknown as Parameters<typeof getResolver>[0];
  const { ethr } = getResolver(options);
  if (ethr === undefined) throw new Error("ethr-did-resolver serves no did:ethr");
  // No prototype, so that the name of an inherited property is no method.
  return new Resolver(Object.assign(Object.create(null) as Record<string, typeof ethr>, { ethr }));
}

/**
 * The network of a registry of identities: its chain is asked for.
 *
 * @param identities - The contract, bound to a provider or to a signer with one.
 * @throws RunnerError when it is bound to no provider.
 */
export async function networkOf(identities: Identities): Promise<DidNetwork> {
  const provider = providerOf(identities);
  const { chainId } = await provider.getNetwork();
  return { chainId, provider, registry: await identities.getAddress() };
}
