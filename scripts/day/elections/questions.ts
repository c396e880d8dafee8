/** Referendums: a segment for each area, and a protocol of the returning officer for each in which anybody voted. */
import { BallotKind, RollKind } from "../../../sdk/index.js";
import type { KnownBallot } from "../../../sdk/participation/index.js";
import type { Day } from "../day.js";
import type { Refusals } from "../identity/refusals.js";
import { type Question, sum } from "./data.js";
import type { ElectionOffice, OpenRoll } from "./office.js";
import { areaProtocols } from "./plan.js";
import { Story } from "./story.js";

/** See the head of this file. */
export class QuestionStory extends Story {
  readonly question: Question;
  readonly #day: Day;
  readonly #refusals: Refusals;
  readonly #triesTooMany: boolean;

  /** @param triesTooMany - Whether a protocol is to be brought that has more papers than there are voters. */
  constructor(day: Day, office: ElectionOffice, refusals: Refusals, question: Question, triesTooMany: boolean) {
    super(office);
    this.#day = day;
    this.#refusals = refusals;
    this.question = question;
    this.#triesTooMany = triesTooMany;
  }

  get name(): string {
    return this.question.name;
  }

  /** People who could vote, on paper. */
  get electorate(): number {
    return sum(this.question.areas.map(({ electorate }) => electorate));
  }

  /** Everybody votes on paper. */
  async vote(): Promise<void> {
    return Promise.resolve();
  }

  async count(): Promise<void> {
    await this.office.recordAll(this.name, this.ballot, areaProtocols(this.question));
    if (this.#triesTooMany) await this.#tryTooMany();
  }

  /** Who did not vote might still have a paper, until the time for protocols is over. */
  override get settledAt(): bigint {
    const papers = sum(this.question.areas.map(({ rejected, votes }) => sum(votes) + rejected));
    return papers === this.electorate ? super.settledAt : this.office.times.countsUntil + 1n;
  }

  protected async openRoll(): Promise<OpenRoll> {
    return this.office.openRoll(RollKind.Named, false, 1, Math.max(1, this.question.areas.length));
  }

  protected async publishOn(roll: OpenRoll): Promise<KnownBallot> {
    const { name, options, text } = this.question;
    return this.office.publish(roll, {
      kind: BallotKind.Single,
      options: options.length,
      paperElectorate: this.electorate,
      text: [text ?? name, ...options].join("\n"),
    });
  }

  async #tryTooMany(): Promise<void> {
    const entries = [{ payload: 0n, count: this.electorate + 1 }];
    const brought = await this.office.sign(this.ballot.ballotId, { segment: 0, entries, spoilt: 0 });
    await this.#refusals.send(
      {
        key: "tooManyPapers",
        attempt: "a protocol has more papers than there are voters",
        expected: "BallotBoxTooManyPapers",
      },
      () => this.#day.city.ballotBox.recordProtocol(...brought),
    );
  }
}
