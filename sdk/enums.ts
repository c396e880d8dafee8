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
  KeepPack: 5n,
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

/** How a List of Waste entry came to be, and whether what it names is hazardous. */
export const EntryType = {
  None: 0n,
  Absolute: 1n,
  AbsoluteHazardous: 2n,
  Mirror: 3n,
  MirrorHazardous: 4n,
} as const;

/** How a facility attributes what it recycled to what it took in (ISO 22095). */
export const CustodyModel = {
  None: 0n,
  Segregated: 1n,
  ControlledBlending: 2n,
  MassBalance: 3n,
  BookAndClaim: 4n,
} as const;

/** What may be done with a container of waste. */
export const BinStatus = {
  None: 0n,
  Active: 1n,
  Suspended: 2n,
  Retired: 3n,
} as const;

/** Why a message of a container's device, a reading or a ticket, is refused. */
export const FillFault = {
  None: 0n,
  UnknownBin: 1n,
  BinNotActive: 2n,
  CounterNotIncreasing: 3n,
  TimeBackwards: 4n,
  TimeInFuture: 5n,
  OutOfRange: 6n,
  BadDeviceSignature: 7n,
  TooDense: 8n,
} as const;

/** How the mass on a ticket was found. */
export const Weighing = {
  Weighed: 0n,
  Estimated: 1n,
  Declared: 2n,
} as const;

/** What became of a lot of waste. */
export const LotState = {
  None: 0n,
  Open: 1n,
  Refused: 2n,
  Disputed: 3n,
  Consumed: 4n,
  Final: 5n,
  Exported: 6n,
} as const;

/** Flags of a lot of waste. */
export const LotFlags = {
  /** Where it came from is not known for all of it. */
  BROKEN: 1n,
  /** Some of it is in another lot. */
  HAS_CHILD: 2n,
  /** Its mass was estimated or declared. */
  NOT_WEIGHED: 4n,
  /** Its code is hazardous. */
  HAZARDOUS: 8n,
  /** It changed hands a second time, so a revision leaves its ticket as it is. */
  HANDED_ON: 16n,
  /** It, or something in it, was left by a process that recycled the rest: no certificate can come of it. */
  RESIDUE: 32n,
} as const;

/** Why a ticket of a batch is left out. */
export const TicketFault = {
  None: 0n,
  ZeroMass: 1n,
  TooHeavy: 2n,
  CodeNotValid: 3n,
  NotCollector: 4n,
  PermitMissing: 5n,
  BadCollectorSignature: 6n,
  UnknownBin: 7n,
  BinNotActive: 8n,
  CounterNotIncreasing: 9n,
  TimeBackwards: 10n,
  TimeInFuture: 11n,
  BadDeviceSignature: 12n,
  TooDense: 13n,
  NoAssessment: 14n,
  BadWeighing: 15n,
} as const;

/** What a final operation makes of waste. */
export const Fate = {
  None: 0n,
  Recycled: 1n,
  Recovered: 2n,
  Disposed: 3n,
} as const;

/** How a programme of rewards learns what people did. */
export const ProgrammeKind = {
  None: 0n,
  Attested: 1n,
  Deposits: 2n,
  Epochs: 3n,
} as const;

/** Who takes part in a programme of rewards. */
export const Participants = {
  Residents: 0n,
  Nullifiers: 1n,
} as const;

/** What came of a reward that somebody earned. */
export const ClaimStatus = {
  None: 0n,
  Pending: 1n,
  Released: 2n,
  Voided: 3n,
} as const;

/** Why nothing, or less than earned, is paid. */
export const RewardLimit = {
  None: 0n,
  Units: 1n,
  Person: 2n,
  Programme: 3n,
  Attestor: 4n,
  City: 5n,
  Year: 6n,
  Struck: 7n,
  Container: 8n,
} as const;

/** What became of a voucher. */
export const VoucherStatus = {
  None: 0n,
  Live: 1n,
  Used: 2n,
  Refunded: 3n,
} as const;

/** What the leaves of a roll's trees are. */
export const RollKind = {
  None: 0n,
  Named: 1n,
  Anonymous: 2n,
} as const;

/** What a ballot paper says. */
export const BallotKind = {
  None: 0n,
  Single: 1n,
  Approval: 2n,
  Score: 3n,
  Quadratic: 4n,
  Points: 5n,
  Ranked: 6n,
  Survey: 7n,
} as const;

/** How an order of the options follows from ballot papers. The first is for all kinds but Ranked, the others for that one. */
export const Rule = {
  MostFirst: 0n,
  Borda: 1n,
  Minimax: 2n,
  Schulze: 3n,
  InstantRunoff: 4n,
} as const;

/** Until when nobody sees what a ballot paper says. */
export const Secrecy = {
  Public: 0n,
  Sealed: 1n,
  Committed: 2n,
} as const;

/** Where a ballot is. Frozen, Open and Closed are made by time. */
export const BallotState = {
  None: 0n,
  Published: 1n,
  Frozen: 2n,
  Open: 3n,
  Closed: 4n,
  Final: 5n,
  Withdrawn: 6n,
  Void: 7n,
} as const;

/** Why a vote of a batch is left out. */
export const VoteFault = {
  None: 0n,
  BadPayload: 1n,
  StaleSequence: 2n,
  WrongPrevious: 3n,
  Expired: 4n,
  BadSignature: 5n,
  NotInCensus: 6n,
  NullifierOutOfField: 7n,
  BadProof: 8n,
} as const;

/** Name of a value of one of the enums above. */
export function nameIn(values: Readonly<Record<string, bigint>>, value: bigint): string {
  return Object.entries(values).find(([, known]) => known === value)?.[0] ?? value.toString();
}
