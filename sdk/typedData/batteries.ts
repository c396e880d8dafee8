/** Messages that operators, testers, lessors, lessees and devices of batteries sign, and payments for leases. */
import {
  AbiCoder,
  type BytesLike,
  keccak256,
  MaxUint256,
  Signature as EcdsaSignature,
  toBeHex,
  ZeroAddress,
  ZeroHash,
} from "ethers";

import type { BatteryLease, BatteryTelemetry, CityEuro } from "../../typechain-types/index.js";
import { LeaseActKind } from "../enums.js";
import {
  type AccountSigner,
  digestOf,
  type MessageSigner,
  randomNonce,
  type Signature,
  signMessage,
  structHash,
  withNonce,
} from "./messages.js";

// --- messages

/** One reading of a pack's monitoring device. */
export interface Reading {
  readonly packId: bigint;
  /** Above that of the last accepted reading; a gap shows on chain. */
  readonly counter: bigint;
  /** Unix time, at most 300 seconds ahead of the chain. */
  readonly takenAt: bigint;
  /** Energy discharged over the pack's life, Wh. */
  readonly throughputWh: bigint;
  /** Energy left in the pack, Wh. */
  readonly remainingWh: bigint;
  /** Full equivalent cycles over the pack's life. */
  readonly fullCycles: bigint;
  /** State of health as the device estimates it, basis points, 0 to 12,000. */
  readonly sohBp: bigint;
  /** Greatest cell temperature since the last reading, tenths of a kelvin; zero: not measured. */
  readonly maxTempDK: bigint;
  /** See {@link DeviceFlags}. */
  readonly flags: bigint;
  /** Root of the device's log of the day so far; zero: no log. */
  readonly logRoot: string;
}

/** A reading with its device's signature, as `submit` takes it. */
export interface SignedReading {
  readonly reading: Reading;
  /** `0x` for a plain key, otherwise the device's ERC-7913 key. */
  readonly key: string;
  readonly signature: string;
}

/** A measured capacity, signed by an accredited tester. */
export interface HealthCertificate {
  readonly packId: bigint;
  readonly tester: string;
  /** Energy measured in the capacity test, Wh. */
  readonly measuredWh: bigint;
  /** Unix time of the test: later than that of the certificate before. */
  readonly testedAt: bigint;
  /** keccak256 of the document that describes the method. */
  readonly methodHash: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A new key for a pack's device, signed by the operator and by the old key, or else by the pack's tenant or owner. */
export interface DeviceRotation {
  readonly packId: bigint;
  readonly oldDevice: string;
  readonly newDevice: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** Terms of a lease, signed by the pack's owner. Amounts in base units of the token, spans in seconds. */
export interface Offer {
  readonly packId: bigint;
  /** Owner of the pack when the offer is accepted. */
  readonly lessor: string;
  /** Who may accept; the zero address: anybody. */
  readonly lessee: string;
  /** Rent of one period, at least 1. */
  readonly rent: bigint;
  readonly deposit: bigint;
  /** Flat fee for each due date missed by more than `grace`. */
  readonly lateFee: bigint;
  /** Fee for a return at the very start; falls linearly to zero. */
  readonly earlyFee: bigint;
  /** Price of the pack at the start; zero: not for sale. */
  readonly buyoutStart: bigint;
  /** Price of the pack at the end, at most `buyoutStart`. */
  readonly buyoutResidual: bigint;
  /** Price of a kWh above the allowance; zero: unlimited use. */
  readonly overagePerKWh: bigint;
  /** Energy allowance of each period started, Wh, pooled over the term. */
  readonly includedWh: bigint;
  /** Lifetime throughput of the pack at hand-over, Wh, at least that of its latest reading. */
  readonly startWh: bigint;
  /** 3,600 to 31,622,400. */
  readonly period: bigint;
  /** At least 1; the term is at most 50 years. */
  readonly periods: bigint;
  /** At most a year. */
  readonly grace: bigint;
  /** Seconds after `grace` when the lessor may declare default, at most a year. */
  readonly defaultAfter: bigint;
  /** 86,400 to 7,776,000. */
  readonly claimWindow: bigint;
  /** 86,400 to 15,552,000. */
  readonly arbiterWindow: bigint;
  /** Seconds to cure a pack below its guarantee before the lessee may leave without early fee. */
  readonly cureDuration: bigint;
  /** Guaranteed state of health, basis points, at most 10,000; zero: no guarantee. */
  readonly minSohBp: bigint;
  /** keccak256 of the agreement's text. */
  readonly agreementHash: string;
  readonly nonce: bigint;
  /** Last second at which the offer can be accepted. */
  readonly deadline: bigint;
}

/** An act of a party to a lease. */
export interface LeaseAct {
  readonly leaseId: bigint;
  readonly party: string;
  /** See {@link LeaseActKind}. */
  readonly kind: bigint;
  /** keccak256 of the evidence for a dispute; for AcceptClaim the amount accepted, as a word; otherwise zero. */
  readonly evidenceHash: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** Another pack under the same lease, signed by the lessee and the packs' owners. */
export interface Swap {
  readonly leaseId: bigint;
  readonly lessee: string;
  readonly oldPackId: bigint;
  readonly newPackId: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** Another lessee under the same lease, signed by owner, old and new lessee. */
export interface Novation {
  readonly leaseId: bigint;
  /** The lease's pack, which the new lessee gets. */
  readonly packId: bigint;
  readonly oldLessee: string;
  readonly newLessee: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A balance of the lease book taken out, signed by the account. */
export interface LeaseWithdrawal {
  readonly account: string;
  /** Receives the tokens. */
  readonly to: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A bay device took a pack back. */
export interface ReturnReceipt {
  readonly leaseId: bigint;
  readonly packId: bigint;
  readonly bay: string;
  /** Unix time of the hand-over; when the rent ends. */
  readonly receivedAt: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** An ERC-2612 approval as the lease book takes it. */
export interface Permit {
  readonly value: bigint;
  readonly deadline: bigint;
  readonly v: number;
  readonly r: string;
  readonly s: string;
}

/** An ERC-3009 transfer to the lease book as it takes it. */
export interface PaymentAuthorization {
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  readonly signature: string;
}

/** Stands for no permit: a standing allowance serves. */
export const NO_PERMIT: Permit = { value: 0n, deadline: 0n, v: 0, r: ZeroHash, s: ZeroHash };

// --- builders

type OfferRequired =
  "packId" | "lessor" | "rent" | "period" | "periods" | "grace" | "claimWindow" | "arbiterWindow" | "deadline";

/** Fields of an offer that have no sensible default, and any others. */
export type OfferTerms = Pick<Offer, OfferRequired> & Partial<Offer>;

/** An offer from its terms: what is left out is zero (none), and the nonce is random. */
export function buildOffer(terms: OfferTerms): Offer {
  return {
    lessee: ZeroAddress,
    deposit: 0n,
    lateFee: 0n,
    earlyFee: 0n,
    buyoutStart: 0n,
    buyoutResidual: 0n,
    overagePerKWh: 0n,
    includedWh: 0n,
    startWh: 0n,
    defaultAfter: 0n,
    cureDuration: 0n,
    minSohBp: 0n,
    agreementHash: ZeroHash,
    nonce: randomNonce(),
    ...terms,
  };
}

/** A reading from its values: what is left out is zero. */
export function buildReading(values: Pick<Reading, "packId" | "counter" | "takenAt"> & Partial<Reading>): Reading {
  return {
    throughputWh: 0n,
    remainingWh: 0n,
    fullCycles: 0n,
    sohBp: 0n,
    maxTempDK: 0n,
    flags: 0n,
    logRoot: ZeroHash,
    ...values,
  };
}

/** An act of a party from its fields: no evidence and a random nonce unless they are given. */
export function buildLeaseAct(
  fields: Omit<LeaseAct, "evidenceHash" | "nonce"> & Partial<Pick<LeaseAct, "evidenceHash" | "nonce">>,
): LeaseAct {
  return withNonce({ evidenceHash: ZeroHash, ...fields });
}

/**
 * Agreement to a claim of damage, to be relayed by anybody: it is good for this amount only.
 *
 * @param fields - Its lease and party, `amount` claimed in token units, and deadline; the nonce is random unless given.
 */
export function buildClaimAcceptance({
  amount,
  ...fields
}: Omit<LeaseAct, "kind" | "evidenceHash" | "nonce"> & { readonly amount: bigint; readonly nonce?: bigint }): LeaseAct {
  return withNonce({ ...fields, kind: LeaseActKind.AcceptClaim, evidenceHash: toBeHex(amount, 32) });
}

/**
 * The word of a lessee that it keeps its pack, to be relayed by anybody: it is good for this request to return only.
 *
 * @param fields - Its lease and party, `requestedAt` of the lease, and deadline; the nonce is random unless given.
 */
export function buildKeepingPack({
  requestedAt,
  ...fields
}: Omit<LeaseAct, "kind" | "evidenceHash" | "nonce"> & {
  readonly requestedAt: bigint;
  readonly nonce?: bigint;
}): LeaseAct {
  return withNonce({ ...fields, kind: LeaseActKind.KeepPack, evidenceHash: toBeHex(requestedAt, 32) });
}

// --- hashes

/** EIP-712 struct hash of an offer: what a lease stores as its `offerHash`. */
export function offerHash(offer: Offer): string {
  return structHash("Offer", offer);
}

/** ERC-3009 nonce by which a lessee pays for and consents to exactly this offer: twin of the contract's function. */
export async function acceptNonce({ lease }: HasLease, offer: Offer): Promise<string> {
  return keyedNonce(await digestOf(lease, "Offer", offer));
}

/**
 * ERC-3009 nonce by which a payer pays exactly these periods of a lease, once: twin of the contract's function.
 *
 * @param book - Address of the lease book.
 * @param leaseId - The lease.
 * @param lease - What the payment knows of it: lessee, time of the request to return, periods paid so far.
 * @param periodCount - Periods to pay.
 */
export function rentNonce(
  book: string,
  leaseId: bigint,
  { lessee, requestedAt, paidPeriods }: { lessee: string; requestedAt: bigint; paidPeriods: bigint },
  periodCount: bigint,
): string {
  const types = ["address", "uint256", "address", "uint256", "uint256", "uint256"];
  const values = [book, leaseId, lessee, requestedAt, paidPeriods, periodCount];
  return keyedNonce(keccak256(AbiCoder.defaultAbiCoder().encode(types, values)));
}

/** First nonce of a token's own sequence: the upper 192 bits of a hash, then zeros. */
function keyedNonce(hash: string): string {
  return toBeHex((BigInt(hash) >> SEQUENCE_BITS) << SEQUENCE_BITS, 32);
}

const SEQUENCE_BITS = 64n;

// --- signatures

/** The part of a city that signing for the lease book needs. */
export interface HasLease {
  readonly lease: BatteryLease;
}

/** The part of a city that signing for telemetry needs. */
export interface HasTelemetry {
  readonly telemetry: BatteryTelemetry;
}

/** The part of a city that signing for the token needs. */
export interface HasToken {
  readonly token: CityEuro;
}

/** Signs an offer for the pack's owner. */
export async function signOffer({ lease }: HasLease, signer: MessageSigner, offer: Offer): Promise<Signature> {
  return signMessage(lease, signer, "Offer", offer);
}

/** Signs an act for a party to a lease. */
export async function signLeaseAct({ lease }: HasLease, signer: MessageSigner, act: LeaseAct): Promise<Signature> {
  return signMessage(lease, signer, "LeaseAct", act);
}

/** Signs that an account's balance is taken out of the lease book; anybody can relay it. */
export async function signLeaseWithdrawal(
  { lease }: HasLease,
  signer: MessageSigner,
  order: LeaseWithdrawal,
): Promise<Signature> {
  return signMessage(lease, signer, "LeaseWithdrawal", order);
}

/** Signs a swap for the lessee or an owner. */
export async function signSwap({ lease }: HasLease, signer: MessageSigner, order: Swap): Promise<Signature> {
  return signMessage(lease, signer, "Swap", order);
}

/** Signs a novation for the owner, the old or the new lessee. */
export async function signNovation({ lease }: HasLease, signer: MessageSigner, order: Novation): Promise<Signature> {
  return signMessage(lease, signer, "Novation", order);
}

/** Signs a receipt for a bay device. */
export async function signReturnReceipt(
  { lease }: HasLease,
  signer: MessageSigner,
  receipt: ReturnReceipt,
): Promise<Signature> {
  return signMessage(lease, signer, "ReturnReceipt", receipt);
}

/** Signs a reading for a pack's device. */
export async function signReading(
  { telemetry }: HasTelemetry,
  device: MessageSigner,
  reading: Reading,
): Promise<SignedReading> {
  const { key, data } = await signMessage(telemetry, device, "Reading", reading);
  return { reading, key, signature: data };
}

/** Signs a certificate for an accredited tester. */
export async function signHealthCertificate(
  { telemetry }: HasTelemetry,
  signer: MessageSigner,
  certificate: HealthCertificate,
): Promise<Signature> {
  return signMessage(telemetry, signer, "HealthCertificate", certificate);
}

/** Signs a device rotation for the operator, the old key, or the pack's tenant or owner. */
export async function signDeviceRotation(
  { telemetry }: HasTelemetry,
  signer: MessageSigner,
  rotation: DeviceRotation,
): Promise<Signature> {
  return signMessage(telemetry, signer, "DeviceRotation", rotation);
}

/** What an approval is for. */
export interface PermitTerms {
  /** Token units; unlimited when left out is never assumed, so it must be given. */
  readonly value: bigint;
  /** Unix time; never expires when left out. */
  readonly deadline?: bigint;
  /** Who may take the tokens: the lease book when left out. */
  readonly spender?: string;
  /** The owner's next permit nonce; asked from the token when left out. */
  readonly nonce?: bigint;
}

/** Signs an ERC-2612 approval, by default for the lease book, in the form that `accept` and `buyout` take. */
export async function signPermit(
  { token, lease }: HasToken & HasLease,
  owner: AccountSigner,
  { value, deadline = MaxUint256, spender, nonce }: PermitTerms,
): Promise<Permit> {
  const account = await owner.getAddress();
  const message = {
    owner: account,
    spender: spender ?? (await lease.getAddress()),
    value,
    nonce: nonce ?? (await token["nonces(address)"](account)),
    deadline,
  };
  const { v, r, s } = EcdsaSignature.from((await signMessage(token, owner, "Permit", message)).data);
  return { value, deadline, v, r, s };
}

/** What an ERC-3009 transfer is for. */
export interface PaymentTerms {
  /** Account that pays; the signer's own when left out, the account's for an ERC-1271 account. */
  readonly from?: string;
  /** Token units, exactly what the lease book will take. */
  readonly value: bigint;
  /** See {@link acceptNonce} and {@link rentNonce}. */
  readonly nonce: BytesLike;
  /** Unix time after which it is good; at once when left out. */
  readonly validAfter?: bigint;
  /** Unix time before which it is good. */
  readonly validBefore: bigint;
}

/** Signs an ERC-3009 transfer to the lease book (`ReceiveWithAuthorization`), which nobody else can execute. */
export async function signPaymentAuthorization(
  { token, lease }: HasToken & HasLease,
  payer: AccountSigner,
  { from, value, nonce, validAfter = 0n, validBefore }: PaymentTerms,
): Promise<PaymentAuthorization> {
  const message = {
    from: from ?? (await payer.getAddress()),
    to: await lease.getAddress(),
    value,
    validAfter,
    validBefore,
    nonce,
  };
  const { data } = await signMessage(token, payer, "ReceiveWithAuthorization", message);
  return { validAfter, validBefore, signature: data };
}

/** Signs the payment of deposit and first rent, which is also the lessee's consent to the offer. */
export async function signAcceptance(
  city: HasToken & HasLease,
  lessee: AccountSigner,
  offer: Offer,
  validBefore: bigint,
): Promise<PaymentAuthorization> {
  const value = offer.deposit + offer.rent;
  return signPaymentAuthorization(city, lessee, { value, nonce: await acceptNonce(city, offer), validBefore });
}

/** Signs the payment of whole periods of a lease; `value` is what `payRentWithAuthorization` will take then. */
export async function signRentPayment(
  city: HasToken & HasLease,
  payer: AccountSigner,
  leaseId: bigint,
  { periodCount, value, validBefore }: { periodCount: bigint; value: bigint; validBefore: bigint },
): Promise<PaymentAuthorization> {
  const nonce = await city.lease.rentNonce(leaseId, periodCount);
  return signPaymentAuthorization(city, payer, { value, nonce, validBefore });
}
