/** Acts and deposits with the signatures that the contract wants. */
import { getAddress } from "ethers";

import type { CompactSignature } from "../typedData/compact.js";
import type { AccountSigner, TypedDataSigner } from "../typedData/messages.js";
import { type Act, type Deposit, type HasEcoRewards, signAct, signWasteDeposit } from "../typedData/rewards.js";
import { checkField, field, FieldError } from "../waste/packing.js";
import { FULL_BP } from "./formulas.js";

/** Most attestors of an act. */
export const MAX_QUORUM = 8;

const LAST_SPAN = 143n;

/** What `earn` takes. */
export interface SignedAct {
  readonly act: Act;
  /** Of attestors whose addresses rise. */
  readonly signatures: readonly CompactSignature[];
}

/** What `recordDeposit` takes. */
export interface SignedDeposit {
  readonly deposit: Deposit;
  readonly signature: CompactSignature;
}

/**
 * An act whose members fit.
 *
 * @throws FieldError for a number that does not fit, a quality above 10,000 or a span above 143.
 */
export function buildAct(act: Act): Act {
  checkField("programme", act.programmeId, 1n, 0xffffn);
  field("person", act.person, 64);
  field("units", act.units, 32);
  checkField("quality", act.qualityBp, 0n, FULL_BP);
  field("day", act.day, 24);
  checkField("span", act.span, 0n, LAST_SPAN);
  return act;
}

/**
 * Signs an act for attestors, and orders their signatures as the contract wants them.
 *
 * @throws FieldError as {@link buildAct}, for no attestor, more than 8, and one who stands there twice.
 */
export async function signedAct(
  city: HasEcoRewards,
  attestors: readonly AccountSigner[],
  act: Act,
): Promise<SignedAct> {
  checkField("number of attestors", attestors.length, 1n, BigInt(MAX_QUORUM));
  buildAct(act);
  const signed = await Promise.all(
    attestors.map(async (attestor) => ({
      address: getAddress(await attestor.getAddress()),
      signature: await signAct(city, attestor, act),
    })),
  );
  signed.sort((left, right) => (BigInt(left.address) < BigInt(right.address) ? -1 : 1));
  for (const [index, { address }] of signed.entries()) {
    if (signed[index - 1]?.address === address) throw new FieldError(`attestor ${address} signs twice`);
  }
  return { act, signatures: signed.map(({ signature }) => signature) };
}

/**
 * A deposit whose members fit.
 *
 * @throws FieldError for a number that does not fit.
 */
export function buildDeposit(deposit: Deposit): Deposit {
  checkField("programme", deposit.programmeId, 1n, 0xffffn);
  field("person", deposit.person, 64);
  field("container", deposit.binId, 32);
  field("collection", deposit.collection, 32);
  field("mass", deposit.grams, 32);
  field("time", deposit.takenAt, 40);
  field("counter", deposit.counter, 32);
  return deposit;
}

/**
 * Signs a deposit with the key of the container's device.
 *
 * @throws FieldError as {@link buildDeposit}.
 */
export async function signedDeposit(
  city: HasEcoRewards,
  device: TypedDataSigner,
  deposit: Deposit,
): Promise<SignedDeposit> {
  return { deposit: buildDeposit(deposit), signature: await signWasteDeposit(city, device, deposit) };
}
