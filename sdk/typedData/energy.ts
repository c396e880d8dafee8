/**
 * Messages that households, meters, operators and communities of the energy module sign. Accounts, meters, feeders,
 * intervals and days are whole numbers; energy is Wh, prices are money units per Wh, amounts are token units.
 */
import { AbiCoder, keccak256, toBeHex } from "ethers";

import type { EnergyMarket, EnergySharing, MeterReadings } from "../../typechain-types/index.js";
import type { HasToken, PaymentAuthorization } from "./batteries.js";
import { type CompactSignature, signCompact } from "./compact.js";
import {
  type AccountSigner,
  type MessageSigner,
  randomNonce,
  type Signature,
  signMessage,
  type TypedDataSigner,
} from "./messages.js";

// --- messages

/** A step of an order as it is signed. */
export interface StepMessage {
  /** 0 to 255: price = base price + tick × tick size of the interval's tariff. */
  readonly tick: number;
  /** Wh in the interval. */
  readonly wh: bigint;
}

/** An order that posts once, signed by the account's signer or a delegate. Good until its interval's gate. */
export interface OrderMessage {
  readonly interval: number;
  readonly account: number;
  /** The account's epoch, 0 to 4,095. */
  readonly epoch: number;
  /** As in the record of an order, without the number of steps. */
  readonly flags: number;
  /** 1 to 4. */
  readonly steps: readonly StepMessage[];
}

/** An order that can be posted in every interval of a run, signed by the account's owner. */
export interface StandingOrderMessage {
  readonly account: number;
  readonly epoch: number;
  /** First and last interval, 65,535 at most. */
  readonly fromInterval: number;
  readonly toInterval: number;
  /** What the ticks are to mean: base price and tick size of a tariff. Not posted in an interval that has others. */
  readonly basePrice: bigint;
  readonly tickSize: bigint;
  readonly flags: number;
  /** 1 to 4 of up to 1,048,575 Wh; none: withdraws the standing order. */
  readonly steps: readonly StepMessage[];
  readonly nonce: bigint;
  /** Last second at which it can be placed, as in every message below. */
  readonly deadline: bigint;
}

/** Opens the account of a meter, or takes it over, signed by the meter's owner in the registry. */
export interface AccountOpening {
  readonly account: number;
  /** Key that will sign the account's orders: a plain key. */
  readonly signer: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** Another key that signs the account's orders. */
export interface SignerChange {
  readonly account: number;
  readonly signer: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** Voids all signed orders of an account that are not posted. */
export interface EpochBump {
  readonly account: number;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A key may sign orders within limits. */
export interface OrderDelegation {
  readonly account: number;
  readonly key: string;
  readonly minPrice: bigint;
  readonly maxPrice: bigint;
  /** Most energy of one of its orders, Wh. */
  readonly maxWh: bigint;
  /** Last second at which it may act; zero: ends it. */
  readonly until: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** Free money is paid out. */
export interface Withdrawal {
  readonly account: number;
  /** Token units, whole money units. */
  readonly amount: bigint;
  readonly to: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** All that a takeover left to the former owner of an account is paid out. */
export interface FormerWithdrawal {
  /** The former owner. */
  readonly owner: string;
  readonly to: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A sale between two accounts outside the auction, the same in every interval of a run. */
export interface Agreement {
  readonly buyer: number;
  readonly seller: number;
  readonly fromInterval: number;
  readonly toInterval: number;
  /** May be zero: a gift. */
  readonly price: bigint;
  /** Wh in each interval. */
  readonly wh: bigint;
  /** Anything below 2^64, to tell apart agreements that are otherwise the same. */
  readonly salt: bigint;
}

/** An agreement as one of its parties signs it. */
export interface AgreementMessage extends Agreement {
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** What one meter measured in a day, signed by its key. */
export interface MeterDay {
  readonly meter: number;
  /** Unix time / 86,400. */
  readonly day: number;
  /** One int32 for each interval of the day, in hexadecimal form. */
  readonly values: string;
}

/** What the meter at the head of a feeder measured in a day, signed by its key. */
export interface FeederDay {
  readonly feeder: number;
  readonly day: number;
  readonly values: string;
}

/**
 * What all meters of a feeder measured in a day, signed by operator or grid operator after the meters, see
 * `feederReadings`.
 */
export interface FeederReadings {
  readonly feeder: number;
  readonly day: number;
  /** For each interval an int32 of each meter, in hexadecimal form. */
  readonly values: string;
  /** Of the meter at the head; `0x` where there is none. */
  readonly headValues: string;
  /** 64 bytes of each meter, in hexadecimal form, as they are brought with the day; `0x` for none. */
  readonly meterSignatures: string;
}

/** One reading is replaced, signed by operator or grid operator. */
export interface Amendment {
  readonly meter: number;
  readonly interval: number;
  /** Net draw, Wh; feed-in is negative. */
  readonly wh: bigint;
  /** Number of replacements before it. */
  readonly version: number;
}

/** All that an account got for false readings is paid out, signed by the account. */
export interface CreditWithdrawal {
  readonly account: string;
  readonly to: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A meter joins a sharing community on its terms, signed by the meter's owner. */
export interface CommunityJoin {
  readonly community: number;
  readonly meter: number;
  readonly termsHash: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A meter leaves its sharing community, signed by the member. */
export interface CommunityLeave {
  /** The one that the meter is a member of. */
  readonly community: number;
  readonly meter: number;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** Money paid in for sharing is paid out, signed by the account. */
export interface SharingWithdrawal {
  readonly account: string;
  /** Token units, whole money units. */
  readonly amount: bigint;
  readonly to: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

// --- signatures

/** The part of a city that signing for the market needs. */
export interface HasEnergyMarket {
  readonly energyMarket: EnergyMarket;
}

/** The part of a city that signing readings needs. */
export interface HasMeterReadings {
  readonly meterReadings: MeterReadings;
}

/** The part of a city that signing for communities needs. */
export interface HasEnergySharing {
  readonly energySharing: EnergySharing;
}

/** Signs an order. Only a plain key can: the market checks orders by ECDSA alone. */
export async function signOrder(
  { energyMarket }: HasEnergyMarket,
  signer: TypedDataSigner,
  order: OrderMessage,
): Promise<CompactSignature> {
  return signCompact(energyMarket, signer, "Order", order);
}

/** Signs a standing order for the account's owner. */
export async function signStandingOrder(
  { energyMarket }: HasEnergyMarket,
  signer: MessageSigner,
  order: StandingOrderMessage,
): Promise<Signature> {
  return signMessage(energyMarket, signer, "StandingOrder", order);
}

/** Signs the opening of an account for the owner of its meter, who then needs no coins of the chain. */
export async function signAccountOpening(
  { energyMarket }: HasEnergyMarket,
  signer: MessageSigner,
  opening: AccountOpening,
): Promise<Signature> {
  return signMessage(energyMarket, signer, "AccountOpening", opening);
}

/** A payment into an account of the market. */
export interface DepositTerms {
  readonly account: number;
  /**
   * Who owns the account, or will when it is opened. The signature is void once somebody else does, so that nobody pays
   * into the account of a stranger.
   */
  readonly owner: string;
  /** Who pays; the signer's own address when left out. */
  readonly from?: string;
  /** Token units, whole money units. */
  readonly amount: bigint;
  /** Tells apart payments that are otherwise the same; random when left out. Below 2^256. */
  readonly salt?: bigint;
  /** Unix time after which it is good; at once when left out. */
  readonly validAfter?: bigint;
  /** Unix time before which it is good. */
  readonly validBefore: bigint;
}

/** A payment into an account of the communities, whose number is its address. */
export interface SharingDepositTerms extends Omit<DepositTerms, "account" | "owner"> {
  readonly account: string;
}

/** A signed payment: the arguments of the `depositWithAuthorization` of EnergySharing. */
export interface SignedSharingDeposit extends Omit<SignedDeposit, "account"> {
  readonly account: string;
}

/** A signed payment: the arguments of the market's `depositWithAuthorization`. */
export interface SignedDeposit {
  readonly account: number;
  readonly from: string;
  readonly amount: bigint;
  readonly salt: bigint;
  readonly authorization: PaymentAuthorization;
}

/** Nonce that an ERC-3009 transfer into an account must carry: twin of the market's `depositNonce`. */
export function depositNonce(account: number, owner: string, from: string, amount: bigint, salt: bigint): string {
  return keyedNonce(["uint32", "address", "address", "uint256", "uint256"], [account, owner, from, amount, salt]);
}

/**
 * Nonce that an ERC-3009 transfer into an account of the communities must carry: twin of the `depositNonce` of
 * EnergySharing, whose accounts are addresses.
 */
export function sharingDepositNonce(account: string, from: string, amount: bigint, salt: bigint): string {
  return keyedNonce(["address", "address", "uint256", "uint256"], [account, from, amount, salt]);
}

function keyedNonce(types: readonly string[], values: readonly unknown[]): string {
  const hash = keccak256(AbiCoder.defaultAbiCoder().encode(types, values));
  return toBeHex((BigInt(hash) >> NONCE_KEY_SHIFT) << NONCE_KEY_SHIFT, 32);
}

/** A nonce is the upper 192 bits of a hash. */
const NONCE_KEY_SHIFT = 64n;

/**
 * Signs a payment into an account as an ERC-3009 transfer to the market (`ReceiveWithAuthorization`), which only the
 * market can execute, and only for that account and owner. The account need not be open yet.
 */
export async function signDeposit(
  { token, energyMarket }: HasToken & HasEnergyMarket,
  payer: AccountSigner,
  { account, owner, from, amount, salt = randomNonce(), validAfter = 0n, validBefore }: DepositTerms,
): Promise<SignedDeposit> {
  const paidBy = from ?? (await payer.getAddress());
  const nonce = depositNonce(account, owner, paidBy, amount, salt);
  const times = { validAfter, validBefore };
  const message = { from: paidBy, to: await energyMarket.getAddress(), value: amount, ...times, nonce };
  const { data: signature } = await signMessage(token, payer, "ReceiveWithAuthorization", message);
  return { account, from: paidBy, amount, salt, authorization: { ...times, signature } };
}

/**
 * Signs a payment into an account of the communities as an ERC-3009 transfer to EnergySharing, which only that contract
 * can execute, and only for that account.
 */
export async function signSharingDeposit(
  { token, energySharing }: HasToken & HasEnergySharing,
  payer: AccountSigner,
  { account, from, amount, salt = randomNonce(), validAfter = 0n, validBefore }: SharingDepositTerms,
): Promise<SignedSharingDeposit> {
  const paidBy = from ?? (await payer.getAddress());
  const nonce = sharingDepositNonce(account, paidBy, amount, salt);
  const times = { validAfter, validBefore };
  const message = { from: paidBy, to: await energySharing.getAddress(), value: amount, ...times, nonce };
  const { data: signature } = await signMessage(token, payer, "ReceiveWithAuthorization", message);
  return { account, from: paidBy, amount, salt, authorization: { ...times, signature } };
}

/** Signs a change of the signing key for the account's owner. */
export async function signSignerChange(
  { energyMarket }: HasEnergyMarket,
  signer: MessageSigner,
  change: SignerChange,
): Promise<Signature> {
  return signMessage(energyMarket, signer, "SignerChange", change);
}

/** Signs a new epoch for the account's owner. */
export async function signEpochBump(
  { energyMarket }: HasEnergyMarket,
  signer: MessageSigner,
  bump: EpochBump,
): Promise<Signature> {
  return signMessage(energyMarket, signer, "EpochBump", bump);
}

/** Signs a delegate's appointment for the account's owner. */
export async function signOrderDelegation(
  { energyMarket }: HasEnergyMarket,
  signer: MessageSigner,
  delegation: OrderDelegation,
): Promise<Signature> {
  return signMessage(energyMarket, signer, "OrderDelegation", delegation);
}

/** Signs a withdrawal for the account's owner. */
export async function signWithdrawal(
  { energyMarket }: HasEnergyMarket,
  signer: MessageSigner,
  withdrawal: Withdrawal,
): Promise<Signature> {
  return signMessage(energyMarket, signer, "Withdrawal", withdrawal);
}

/** Signs a withdrawal of what a takeover left for the former owner of an account. */
export async function signFormerWithdrawal(
  { energyMarket }: HasEnergyMarket,
  signer: MessageSigner,
  withdrawal: FormerWithdrawal,
): Promise<Signature> {
  return signMessage(energyMarket, signer, "FormerWithdrawal", withdrawal);
}

/** Signs an agreement for one of its parties; each has a nonce of its own. */
export async function signAgreement(
  { energyMarket }: HasEnergyMarket,
  signer: MessageSigner,
  agreement: AgreementMessage,
): Promise<Signature> {
  return signMessage(energyMarket, signer, "Agreement", agreement);
}

/** Signs a meter's day with the meter's key. */
export async function signMeterDay(
  { meterReadings }: HasMeterReadings,
  meter: TypedDataSigner,
  day: MeterDay,
): Promise<CompactSignature> {
  return signCompact(meterReadings, meter, "MeterDay", day);
}

/** Signs the day of the meter at the head of a feeder with that meter's key. */
export async function signFeederDay(
  { meterReadings }: HasMeterReadings,
  meter: TypedDataSigner,
  day: FeederDay,
): Promise<CompactSignature> {
  return signCompact(meterReadings, meter, "FeederDay", day);
}

/** Signs a feeder's readings for the owner of the operator's or the grid operator's identity. */
export async function signFeederReadings(
  { meterReadings }: HasMeterReadings,
  signer: MessageSigner,
  values: FeederReadings,
): Promise<Signature> {
  return signMessage(meterReadings, signer, "FeederReadings", values);
}

/** Signs an amendment for the owner of the operator's or the grid operator's identity. */
export async function signAmendment(
  { meterReadings }: HasMeterReadings,
  signer: MessageSigner,
  amendment: Amendment,
): Promise<Signature> {
  return signMessage(meterReadings, signer, "Amendment", amendment);
}

/** Signs a withdrawal of what an account got for false readings, for that account. */
export async function signCreditWithdrawal(
  { meterReadings }: HasMeterReadings,
  signer: MessageSigner,
  withdrawal: CreditWithdrawal,
): Promise<Signature> {
  return signMessage(meterReadings, signer, "CreditWithdrawal", withdrawal);
}

/** Signs that a meter joins a community, for the meter's owner. */
export async function signCommunityJoin(
  { energySharing }: HasEnergySharing,
  signer: MessageSigner,
  join: CommunityJoin,
): Promise<Signature> {
  return signMessage(energySharing, signer, "CommunityJoin", join);
}

/** Signs that a meter leaves its community, for the member. */
export async function signCommunityLeave(
  { energySharing }: HasEnergySharing,
  signer: MessageSigner,
  leave: CommunityLeave,
): Promise<Signature> {
  return signMessage(energySharing, signer, "CommunityLeave", leave);
}

/** Signs a withdrawal of money paid in for sharing, for its account. */
export async function signSharingWithdrawal(
  { energySharing }: HasEnergySharing,
  signer: MessageSigner,
  withdrawal: SharingWithdrawal,
): Promise<Signature> {
  return signMessage(energySharing, signer, "SharingWithdrawal", withdrawal);
}
