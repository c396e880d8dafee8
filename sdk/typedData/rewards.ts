/**
 * Messages of the rewards module: of attestors, of containers' devices, and of people. Programmes, containers and
 * counters are whole numbers; persons are bigint, rewards and prices are millionths of a token, instants are Unix time.
 */
import type { BaseContract } from "ethers";

import { type CompactSignature, signCompact } from "./compact.js";
import { type MessageSigner, type Signature, signMessage, type TypedDataSigner } from "./messages.js";

/** Something that a person did, signed by attestors of the programme. */
export interface Act {
  readonly programmeId: number;
  /** Index of a credential, or from 2^63 on a nullifier, see {@link nullifierPerson}. */
  readonly person: bigint;
  /** Who gets the reward: the person's account. */
  readonly to: string;
  /** Grams, watt-hours, zones: what the programme counts. */
  readonly units: bigint;
  /** Basis points, at most 10,000. */
  readonly qualityBp: number;
  /** Days since 1 January 1970 by the city's clock. */
  readonly day: number;
  /** Ten-minute span of that day in which it began, 0 to 143. */
  readonly span: number;
}

/** Waste that a person put into a container, signed by the container's device. */
export interface Deposit {
  readonly programmeId: number;
  readonly person: bigint;
  readonly to: string;
  readonly binId: number;
  /** Number of the collection that will empty it: one above those that did. */
  readonly collection: number;
  readonly grams: bigint;
  readonly takenAt: bigint;
  /** Counts up with the deposits of a collection. */
  readonly counter: number;
}

/** A resident's rewards get an account, signed by the owner of the identity that has the credential. */
export interface Enrolment {
  /** Identity with a current credential. */
  readonly subject: string;
  /** Who gets the rewards. */
  readonly account: string;
  readonly nonce: bigint;
  /** Last second at which the signature counts, as in every message below. */
  readonly deadline: bigint;
}

/** A voucher is bought, signed by the one who pays with tokens. */
export interface Redeem {
  readonly itemId: number;
  /** Most that the holder wants to pay, millionths of the reward token. */
  readonly maxPrice: bigint;
  readonly holder: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A voucher is used at one merchant, signed by its holder, and by the merchant where somebody else relays it. */
export interface Use {
  readonly voucherId: bigint;
  readonly merchant: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A voucher becomes tokens again before its time is over, signed by its merchant. */
export interface VoucherRefund {
  readonly voucherId: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** All that a merchant has, or the city of fees, is paid out, signed by that account. */
export interface MerchantSettlement {
  readonly account: string;
  /** Who gets the money. */
  readonly to: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** The part of a city that signing for rewards needs. */
export interface HasEcoRewards {
  readonly ecoRewards: BaseContract;
}

/** The part of a city that signing for vouchers needs. */
export interface HasRedemption {
  readonly redemption: BaseContract;
}

/** Signs an act with the key of an attestor. */
export async function signAct(
  { ecoRewards }: HasEcoRewards,
  attestor: TypedDataSigner,
  act: Act,
): Promise<CompactSignature> {
  return signCompact(ecoRewards, attestor, "Act", act);
}

/** Signs a deposit with the key of the container's device. */
export async function signWasteDeposit(
  { ecoRewards }: HasEcoRewards,
  device: TypedDataSigner,
  deposit: Deposit,
): Promise<CompactSignature> {
  return signCompact(ecoRewards, device, "Deposit", deposit);
}

/** Signs an enrolment for the owner of the identity. */
export async function signEnrolment(
  { ecoRewards }: HasEcoRewards,
  signer: MessageSigner,
  enrolment: Enrolment,
): Promise<Signature> {
  return signMessage(ecoRewards, signer, "Enrolment", enrolment);
}

/** Signs the purchase of a voucher for its holder, who then needs no coins of the chain. */
export async function signRedeem(
  { redemption }: HasRedemption,
  signer: MessageSigner,
  redeem: Redeem,
): Promise<Signature> {
  return signMessage(redemption, signer, "Redeem", redeem);
}

/** Signs the use of a voucher at one merchant, for instance into a QR code. */
export async function signUse({ redemption }: HasRedemption, signer: MessageSigner, use: Use): Promise<Signature> {
  return signMessage(redemption, signer, "Use", use);
}

/** Signs that a voucher is given back, for its merchant. */
export async function signVoucherRefund(
  { redemption }: HasRedemption,
  merchant: MessageSigner,
  refund: VoucherRefund,
): Promise<Signature> {
  return signMessage(redemption, merchant, "VoucherRefund", refund);
}

/** Signs a payment of what an account has as a merchant, for that account. */
export async function signMerchantSettlement(
  { redemption }: HasRedemption,
  signer: MessageSigner,
  settlement: MerchantSettlement,
): Promise<Signature> {
  return signMessage(redemption, signer, "MerchantSettlement", settlement);
}
