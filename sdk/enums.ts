/** The enums and flags of the contracts, by the names that Solidity gives them. */

/** State of a lease. PastDue and Delinquent are made and ended by time alone. */
export const LeaseState = {
  None: 0n,
  Active: 1n,
  PastDue: 2n,
  Delinquent: 3n,
  Defaulted: 4n,
  Returned: 5n,
  Claimed: 6n,
  Disputed: 7n,
  Settled: 8n,
  BoughtOut: 9n,
} as const;

/** What a party to a lease can do by a signature that anybody relays. */
export const LeaseActKind = {
  None: 0n,
  RequestReturn: 1n,
  AcceptClaim: 2n,
  DisputeClaim: 3n,
  DisputeHealth: 4n,
} as const;

/** Battery categories of Regulation (EU) 2023/1542. */
export const Category = {
  None: 0n,
  LightMeansOfTransport: 1n,
  ElectricVehicle: 2n,
  Industrial: 3n,
  Stationary: 4n,
} as const;

/** Life cycle of a battery passport. */
export const Status = {
  None: 0n,
  Original: 1n,
  Reused: 2n,
  Repurposed: 3n,
  Remanufactured: 4n,
  Waste: 5n,
  Recycled: 6n,
  Superseded: 7n,
  Lost: 8n,
} as const;

/** Who may learn an attribute of a passport (Annex XIII of Regulation (EU) 2023/1542). */
export const AccessTier = {
  None: 0n,
  Public: 1n,
  LegitimateInterest: 2n,
  Authority: 3n,
} as const;

/** Why a reading is refused. */
export const ReadingFault = {
  None: 0n,
  NoDevice: 1n,
  CounterNotIncreasing: 2n,
  TimeBackwards: 3n,
  TimeInFuture: 4n,
  ThroughputDecreased: 5n,
  CyclesDecreased: 6n,
  OutOfRange: 7n,
  BadDeviceSignature: 8n,
} as const;

/** How a credential stands, or why it does not. */
export const Standing = {
  None: 0n,
  Current: 1n,
  UnknownType: 2n,
  Revoked: 3n,
  Suspended: 4n,
  Expired: 5n,
  IssuerWithdrawn: 6n,
  IssuerLapsed: 7n,
  SubjectRetired: 8n,
  WrongAccount: 9n,
} as const;

/** Bits of a reading's `flags`: the lower 16 are the device's, the upper 16 the contract's marks. */
export const DeviceFlags = {
  OVERHEATED: 1n << 0n,
  DEEP_DISCHARGED: 1n << 1n,
  TAMPERED: 1n << 2n,
  /** Flags that void the state-of-health guarantee. */
  ABUSE: 0b111n,
  DEVICE_MASK: 0xffffn,
  IMPLAUSIBLE_POWER: 1n << 16n,
  HEALTH_JUMP: 1n << 17n,
  HOT: 1n << 18n,
} as const;

/** Where an interval of the energy market stands. Future, Open and Closed are made by time alone. */
export const IntervalState = {
  Future: 0n,
  Open: 1n,
  Closed: 2n,
  Clearing: 3n,
  Cleared: 4n,
  Settling: 5n,
  Settled: 6n,
  Void: 7n,
} as const;

/** Which book an order for energy enters first. */
export const BookClass = {
  Bid: 0n,
  BidGreenFirst: 1n,
  BidGreenOnly: 2n,
  BidFeederOnly: 3n,
  Offer: 4n,
  OfferGreen: 5n,
  OfferFeederOnly: 6n,
} as const;

/** The rounds of a clearing, in their order. */
export const Round = {
  Feeder: 0n,
  Green: 1n,
  Main: 2n,
} as const;

/** Why an order for energy is left out of a batch. */
export const OrderFault = {
  None: 0n,
  UnknownAccount: 1n,
  Barred: 2n,
  Indebted: 3n,
  UnknownFlags: 4n,
  NotOffered: 5n,
  BadTick: 6n,
  BelowMinimum: 7n,
  CapExceeded: 8n,
  AlreadyPosted: 9n,
  SideConflict: 10n,
  BadSignature: 11n,
  StaleEpoch: 12n,
  DelegateLimit: 13n,
  InsufficientFree: 14n,
  NoStandingOrder: 15n,
  OtherPrices: 16n,
  UnknownAgreement: 17n,
  NotRunning: 18n,
  Lapsed: 19n,
} as const;

/** What an electricity meter may be used for. */
export const MeterStatus = {
  None: 0n,
  Trading: 1n,
  Sharing: 2n,
  Suspended: 3n,
  Retired: 4n,
} as const;

/** What stands behind an electricity meter. */
export const MeterClass = {
  None: 0n,
  Connection: 1n,
  Storage: 2n,
} as const;

/** Where the energy that a meter feeds in comes from. */
export const EnergySource = {
  None: 0n,
  Solar: 1n,
  Wind: 2n,
  Hydro: 3n,
  Biomass: 4n,
  Other: 5n,
} as const;

/** Name of a value of one of the enums above. */
export function nameIn(values: Readonly<Record<string, bigint>>, value: bigint): string {
  return Object.entries(values).find(([, known]) => known === value)?.[0] ?? value.toString();
}
