/**
 * What the day assumes where the data say nothing. Mass is grams, money is token units, instants are Unix time, shares are
 * basis points.
 */

export const SECONDS_PER_DAY = 86_400n;
const SECONDS_PER_HOUR = 3_600n;

/** Seconds between the first act of the part and the first row of the data: who takes part is admitted before. */
export const LEAD_SECONDS = 7n * SECONDS_PER_DAY;
/** Seconds for which a signature of the day is good. */
export const SIGNATURE_SECONDS = SECONDS_PER_DAY;

// --- instants of a day, seconds after midnight UTC; the data give dates alone

/** Bins tell how full they are. */
export const READ_AT = 6n * SECONDS_PER_HOUR;
/** Residents put waste into bins between here and the reading. */
export const DEPOSITS_FROM = 4n * SECONDS_PER_HOUR;
/** Containers of the tickets are emptied. */
export const TICKET_AT = 12n * SECONDS_PER_HOUR;
/** The bins' round. */
export const ROUND_AT = 18n * SECONDS_PER_HOUR;
/** Attestors sign what residents did. */
export const ACTS_AT = 20n * SECONDS_PER_HOUR;

// --- containers

/** Tickets in a batch. */
export const TICKETS_PER_BATCH = 50;
/** Litres of a bin, and grams of a litre of what is in it when a ticket is made for it: the data have no weights of bins. */
export const BIN_LITRES = 600;
export const BIN_GRAMS_PER_LITRE = 50n;
/** Greatest mass of a litre: that of water. */
export const MAX_GRAMS_PER_LITRE = 1_000;
/** Fill at which a container without readings would want to be emptied. */
export const FULL_BP = 10_000n;
/** Litres of a container whose tickets give no volume. */
export const UNKNOWN_LITRES = 40_000;

// --- loads

/** What a collector brings to a plant at once: at most so many tickets, and at most what a lorry carries. */
export const TICKETS_PER_LOAD = 10;
export const GRAMS_PER_LOAD = 40_000_000n;

/** Weighbridges against tickets, in turn: what comes is so much more than what left. All within every tolerance. */
export const WEIGHBRIDGE_BP = [-40n, 0n, 20n, -90n, -10n] as const;

/** What happens to a load beside that, by its number, from 0. */
export const INCIDENT = { partlyRefused: 1, disputed: 2, revised: 3 } as const;
/** Share of a load that the plant sends back. */
export const REFUSED_BP = 1_000n;
/** What comes of a load of which more is missing than the tolerance allows, and what the auditor rules that it weighs. */
export const MISSING_BP = 600n;
export const RULED_BP = 100n;
/** What a plant later finds that it weighed too much. */
export const REVISED_BP = 25n;

// --- plants

/** Kinds of plants. */
export const plantKinds = ["sorting", "energy", "landfill"] as const;

export type PlantKind = (typeof plantKinds)[number];

/** Where loads of mixed waste go, in turn. */
export const MIXED_WASTE_TO: readonly PlantKind[] = ["energy", "sorting", "energy", "landfill"];

/** Codes of what bins hold, and of what plants make. */
export const CODES = {
  packaging: 150_106,
  mixedWaste: 200_301,
  metal: 191_202,
  plastic: 191_204,
  fuel: 191_210,
  hazardousResidue: 191_211,
  residue: 191_212,
  bottomAsh: 190_112,
  flyAsh: 190_113,
} as const;

/** Something that a process makes of what goes in. */
export interface Share {
  readonly code: number;
  /** Of what goes in; the last of a recipe takes what rounding leaves. */
  readonly bp: bigint;
  /** Final operation; absent: a lot that goes on. */
  readonly op?: number;
}

/** Operations by number. */
export const OP = { R1: 1, R3: 3, R4: 4, D1: 101, D5: 105 } as const;

/** What a process makes of waste; the rest is lost as moisture and dust. */
export const RECIPES = {
  /** Sorting of what was collected apart. */
  apart: [
    { code: CODES.plastic, bp: 7_800n, op: OP.R3 },
    { code: CODES.metal, bp: 800n, op: OP.R4 },
    { code: CODES.residue, bp: 1_200n },
  ],
  /** Sorting of mixed waste. */
  mixed: [
    { code: CODES.plastic, bp: 1_400n, op: OP.R3 },
    { code: CODES.metal, bp: 600n, op: OP.R4 },
    { code: CODES.residue, bp: 7_800n },
  ],
  /** Taking apart of hazardous waste. */
  hazardous: [
    { code: CODES.metal, bp: 6_000n, op: OP.R4 },
    { code: CODES.hazardousResidue, bp: 4_000n },
  ],
  /** Energy from waste: what went up as heat and gas was recovered, ashes are left. */
  energy: [
    { code: CODES.fuel, bp: 7_600n, op: OP.R1 },
    { code: CODES.bottomAsh, bp: 2_000n },
    { code: CODES.flyAsh, bp: 300n },
  ],
} as const satisfies Readonly<Record<string, readonly Share[]>>;

/** What plants are licensed for. */
export const LICENCES = {
  sorting: { toleranceBp: 200, maxLossBp: 300, conversionPct: 90, model: "MassBalance", balanceDays: 92 },
  energy: { toleranceBp: 200, maxLossBp: 200, conversionPct: 100, model: "Segregated", balanceDays: 0 },
  landfill: { toleranceBp: 150, maxLossBp: 0, conversionPct: 100, model: "Segregated", balanceDays: 0 },
} as const;

/** Last second of licences and keys: nothing lapses while a record of many years is lived. */
export const OPEN_END = (1n << 32n) - 1n;

// --- rewards

/** A token in millionths. */
export const ECO = 1_000_000n;
/** Residents who take part; more where there are more bins, so that nobody comes twice within ten minutes. */
export const LEAST_RESIDENTS = 12;
/** Rise of a bin for which there is one deposit. */
export const DEPOSIT_BP = 1_000n;
/** What residents claim of what they put in, in turn of bins: honest, modest, and too much. */
export const CLAIMED_BP = [10_000n, 9_000n, 13_000n] as const;

export const DEPOSIT_PROGRAMME = {
  ratePerThousand: ECO,
  dayCapPerPerson: 20n * ECO,
  dayBudget: 2_000n * ECO,
  leastUnits: 50n,
  mostUnits: 20_000n,
  windowDays: 7,
  minGap: 1,
  toleranceBp: 500,
} as const;

/** Zones of a trip. */
export const TRANSIT_PROGRAMME = {
  ratePerThousand: 150n * ECO,
  dayCapPerPerson: ECO / 2n,
  dayBudget: 100n * ECO,
  leastUnits: 1n,
  mostUnits: 8n,
  windowDays: 7,
  quorum: 2,
  minGap: 0,
} as const;

/** Watt-hours saved against a baseline fixed before. */
export const SAVING_PROGRAMME = {
  ratePerThousand: 2n * ECO,
  dayCapPerPerson: 5n * ECO,
  dayBudget: 100n * ECO,
  leastUnits: 100n,
  mostUnits: 3_000n,
  windowDays: 14,
  quorum: 1,
  minGap: 0,
} as const;

/** Rewards that a body posts for all of its visitors at once. */
export const REPAIR_PROGRAMME = { dayBudget: 100n * ECO, windowDays: 2 } as const;
/** What a resident gets there for each of one to eight visits, and how many residents go there at all. */
export const REPAIR_REWARD = ECO / 4n;
export const MOST_VISITS = 8;
export const VISITORS = 20;

/** What the attestors can give in a day. */
export const ATTESTOR_BUDGET = 100n * ECO;

/** A resident's trips: on every third day, so many zones, in the span of the day in which they began. */
export const TRIP_DAYS = 3;
export const TRIP_ZONES = 4;
/** A resident's energy is read once a week. */
export const SAVING_DAYS = 7;
export const SAVING_WH = 600n;
export const SAVING_STEP_WH = 90n;
/** What an estimated baseline is worth. */
export const SAVING_QUALITY_BP = 9_500;

/** Days for which the resident whose claim is voided earns nothing. */
export const STRIKE_DAYS = 3;

// --- the shop

/** What tokens buy. */
export const ITEMS = [
  { name: "Compost, 40 litres", price: 5n * ECO, faceValue: 3_000_000n },
  { name: "Day pass", price: 2n * ECO, faceValue: 1_250_000n },
] as const;
export const STOCK = 100;
export const VOUCHER_SECONDS = 30n * SECONDS_PER_DAY;
/** Money that the city pays into the pool beside what backs the vouchers that people can buy. */
export const POOL_SPARE = 10_000_000n;
