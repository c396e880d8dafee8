/** Figures of the bench, and what they may not exceed. */

/** What one operation costs. */
export interface Figure {
  /** Gas of the whole transaction. */
  readonly gas: number;
  /** Share of one item of a batch, rounded up. */
  readonly perItem?: number;
  /** Blocks of 60 M gas that it fills, to two decimals, rounded up. */
  readonly blocks?: number;
  /** Whose contract does the same job, and how. */
  readonly peer?: string;
  /** Gas of the peer's whole transaction. */
  readonly peerGas?: number;
  /** Share of one item of the peer's batch, rounded up, where that is not a batch of the same size. */
  readonly peerPerItem?: number;
  /** `gas` by `peerGas`, or the share of an item by that of the peer's, to three decimals, rounded up. */
  readonly ratio?: number;
}

/** What one operation may cost. At least one of `gas` and `ratio`. */
export interface Limit {
  /** Greatest gas of the transaction or, of a batch, of each item. */
  readonly gas?: number;
  /** Greatest ratio to the peer. */
  readonly ratio?: number;
  /** What the same job cost a prototype without checks; for comparison only. */
  readonly floor?: number;
}

export type Figures = Readonly<Record<string, Figure>>;
export type Limits = Readonly<Record<string, Limit>>;

const RATIO_SCALE = 1_000;
const BLOCK_GAS = 60_000_000;
const BLOCKS_SCALE = 100;

/** A transaction of a peer. */
export interface PeerGas {
  readonly name: string;
  readonly gas: number;
  /** Items of its batch, where that is not of the same size. */
  readonly items?: number;
}

/** A figure from what was measured. */
export function figureOf(gas: number, items?: number, peer?: PeerGas): Figure {
  return {
    gas,
    ...(items === undefined ? {} : { perItem: Math.ceil(gas / items) }),
    ...(peer === undefined ? {} : besidePeer(gas, items, peer)),
  };
}

/** Blocks that so much gas fills. */
export function blocksOf(gas: number): number {
  return Math.ceil((gas * BLOCKS_SCALE) / BLOCK_GAS) / BLOCKS_SCALE;
}

function besidePeer(gas: number, items = 1, { name, gas: peerGas, items: peerItems = items }: PeerGas) {
  return {
    peer: name,
    peerGas,
    ...(peerItems === items ? {} : { peerPerItem: Math.ceil(peerGas / peerItems) }),
    ratio: Math.ceil((gas * peerItems * RATIO_SCALE) / (peerGas * items)) / RATIO_SCALE,
  };
}

/** Every figure above its ceiling, every ceiling without a figure and every figure without a ceiling. */
export function ceilingFaults(figures: Figures, limits: Limits): string[] {
  const faults: string[] = [];
  for (const [key, limit] of Object.entries(limits)) {
    const figure = figures[key];
    if (figure === undefined) {
      faults.push(`${key}: has a ceiling, but was not measured`);
      continue;
    }
    if (limit.gas === undefined && limit.ratio === undefined) faults.push(`${key}: its entry names no ceiling`);
    const gas = figure.perItem ?? figure.gas;
    if (limit.gas !== undefined && gas > limit.gas) faults.push(`${key}: ${gas} gas, the ceiling is ${limit.gas}`);
    if (limit.ratio === undefined) continue;
    if (figure.ratio === undefined) faults.push(`${key}: has a ceiling beside its peer, but the peer was not measured`);
    else if (figure.ratio > limit.ratio) {
      faults.push(`${key}: ${figure.ratio} times its peer, the ceiling is ${limit.ratio}`);
    }
  }
  for (const key of Object.keys(figures)) if (limits[key] === undefined) faults.push(`${key}: has no ceiling`);
  return faults;
}

/**
 * Every figure that is not as committed. Deployments are left out: their gas changes with every comment of a contract,
 * by the hash that the compiler adds to its code.
 */
export function staleFigures(figures: Figures, committed: Figures): string[] {
  const keys = new Set([...Object.keys(figures), ...Object.keys(committed)]);
  return [...keys].filter(
    (key) => !key.startsWith("deploy.") && JSON.stringify(figures[key]) !== JSON.stringify(committed[key]),
  );
}
