/** What the bench knows of an operation. */
import type { Chain } from "./chain.js";
import type { Office } from "./office.js";
import type { PeerRegistries } from "./peerRegistries.js";
import type { PeerStage } from "./peerStage.js";
import type { Settled, Town } from "./town.js";

export interface Stage {
  readonly chain: Chain;
  readonly town: Town;
  readonly settled: Settled;
  readonly office: Office;
  readonly peers: PeerStage;
  readonly registries: PeerRegistries;
}

/** Does something and returns the gas of its one transaction, or of all of them. */
export type Measure<S = Stage> = (stage: S) => Promise<number>;

/** One operation of the suite. Whatever it does to the chain is taken back afterwards. */
export interface Operation<S = Stage> {
  /** Items of a batch. */
  readonly items?: number;
  /** Whether it is counted in blocks too. */
  readonly inBlocks?: boolean;
  readonly measure: Measure<S>;
  /** The same job by means of others, where there is such a thing, on the same chain and from the same kind of state. */
  readonly peer?: {
    readonly name: string;
    /** Items of its batch, where that is not of the same size. */
    readonly items?: number;
    readonly measure: Measure<S>;
  };
}

/** Operations by their key in bench/gas.json. */
export type Operations<S = Stage> = Readonly<Record<string, Operation<S>>>;
