/** The elections part of the day: rolls, ballots, votes, counts and what follows from them. */
import type { Day } from "../day.js";
import { Refusals } from "../identity/refusals.js";
import { ContestStory } from "./contests.js";
import type { ElectionsData } from "./data.js";
import { ElectionOffice } from "./office.js";
import { isSigned } from "./plan.js";
import { QuestionStory } from "./questions.js";
import { type ResidentsOutcome, ResidentsStory } from "./residents.js";
import type { Story } from "./story.js";
import { STARTS_AT } from "./terms.js";

/** What is left of the part when it is over, for its accounts and its report. */
export interface Life {
  readonly day: Day;
  readonly data: ElectionsData;
  /** Seconds by which the part begins later than usual. */
  readonly shift: bigint;
  readonly office: ElectionOffice;
  readonly contests: readonly ContestStory[];
  readonly questions: readonly QuestionStory[];
  readonly residents: ResidentsStory;
  readonly residentsOutcome: ResidentsOutcome;
  readonly refusals: Refusals;
}

/** Lives the data on the chain of the day. */
export async function liveElections(day: Day, data: ElectionsData): Promise<Life> {
  const shift = day.clock.shiftFor(STARTS_AT);
  const office = await ElectionOffice.open(day, STARTS_AT + shift);
  const refusals = new Refusals(day, "elections");
  const firstSigned = data.contests.findIndex((contest) => contest.count > 0 && isSigned(contest));
  const contests = data.contests.map(
    (contest, index) => new ContestStory(day, office, refusals, contest, index === firstSigned),
  );
  const questions = data.questions.map(
    (question, index) => new QuestionStory(day, office, refusals, question, index === 0),
  );
  const residents = new ResidentsStory(day, office, refusals);
  const stories: readonly Story[] = [residents, ...contests, ...questions];
  const progress = day.progress("elections: rolls and ballots");
  for (const [index, step] of (["enrol", "publish", "freeze"] as const).entries()) {
    for (const [number, story] of stories.entries()) {
      await story[step]();
      progress(index * stories.length + number + 1, STEPS * stories.length);
    }
  }
  for (const story of stories) await story.vote();
  for (const story of stories) await story.count();
  // The earlier ones first: time does not go back.
  for (const story of [...stories].sort((left, right) => Number(left.settledAt - right.settledAt)))
    await story.settle();
  const residentsOutcome = await residents.execute();
  return { day, data, shift, office, contests, questions, residents, residentsOutcome, refusals };
}

const STEPS = 3;
