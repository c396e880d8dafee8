/** A ballot on its way from its roll to its result. Each step is taken by all ballots before the next. */
import type { KnownBallot } from "../../../sdk/participation/index.js";
import type { ElectionOffice, OpenRoll } from "./office.js";

export abstract class Story {
  abstract readonly name: string;
  protected readonly office: ElectionOffice;
  #roll: OpenRoll | undefined;
  #ballot: KnownBallot | undefined;

  constructor(office: ElectionOffice) {
    this.office = office;
  }

  get ballot(): KnownBallot {
    if (this.#ballot === undefined) throw new Error(`${this.name} is not published`);
    return this.#ballot;
  }

  get roll(): OpenRoll {
    if (this.#roll === undefined) throw new Error(`${this.name} has no roll`);
    return this.#roll;
  }

  /** Opens the roll, and puts people on it. */
  async enrol(): Promise<void> {
    this.#roll = await this.openRoll();
  }

  async publish(): Promise<void> {
    this.#ballot = await this.publishOn(this.roll);
  }

  async freeze(): Promise<void> {
    await this.office.freeze(this.ballot);
  }

  /** Votes are brought while the ballot is open. */
  abstract vote(): Promise<void>;

  /** What was voted on paper or under seal is counted after the close. */
  abstract count(): Promise<void>;

  /** When the result can be found. */
  get settledAt(): bigint {
    return this.office.times.countedAt;
  }

  /** The result is found. */
  async settle(): Promise<void> {
    await this.office.settle(this.ballot, this.roll, this.settledAt);
  }

  protected abstract openRoll(): Promise<OpenRoll>;

  protected abstract publishOn(roll: OpenRoll): Promise<KnownBallot>;
}
