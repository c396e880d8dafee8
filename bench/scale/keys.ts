/** Keys by the hundred thousand: what a wallet asks and computes anew for every message is remembered here. */
import {
  computeAddress,
  concat,
  id,
  keccak256,
  SigningKey,
  type TypedDataDomain,
  TypedDataEncoder,
  type TypedDataField,
} from "ethers";

import type { AccountSigner } from "../../sdk/typedData.js";

const PREFIX = "0x1901";

const encoders = new Map<string, TypedDataEncoder>();
const domains = new WeakMap<object, string>();

/** A plain key that signs messages of the suite. */
export class QuickKey implements AccountSigner {
  readonly address: string;

  constructor(readonly key: SigningKey) {
    this.address = computeAddress(key);
  }

  /** The key of a name, the same in every run. */
  static of(name: string): QuickKey {
    return new QuickKey(new SigningKey(id(name)));
  }

  // Only to be what the SDK takes for a signer: nothing is waited for.
  // eslint-disable-next-line @typescript-eslint/require-await
  async getAddress(): Promise<string> {
    return this.address;
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string> {
    const hash = keccak256(concat([PREFIX, separatorOf(domain), encoderOf(types).hash(value)]));
    return this.key.sign(hash).serialized;
  }
}

function encoderOf(types: Record<string, TypedDataField[]>): TypedDataEncoder {
  const name = JSON.stringify(types);
  const known = encoders.get(name);
  if (known !== undefined) return known;
  const encoder = TypedDataEncoder.from(types);
  encoders.set(name, encoder);
  return encoder;
}

function separatorOf(domain: TypedDataDomain): string {
  const known = domains.get(domain);
  if (known !== undefined) return known;
  const separator = TypedDataEncoder.hashDomain(domain);
  domains.set(domain, separator);
  return separator;
}
