/** The waste part of the day: containers are read and emptied, waste goes its way, and residents are rewarded. */
import type { Day } from "../day.js";
import { Refusals } from "../identity/refusals.js";
import { Timeline } from "../timeline.js";
import type { WasteData } from "./data.js";
import { Loads } from "./loads.js";
import { type BinDay, countResidents, instantOf, planBatches, planBins, recyclingOf } from "./plan.js";
import { Readings } from "./readings.js";
import { Rewards } from "./rewards.js";
import { Shop, type ShopOutcome } from "./shop.js";
import { ACTS_AT, LEAD_SECONDS, READ_AT, ROUND_AT, SECONDS_PER_DAY, TICKET_AT } from "./terms.js";
import { foundTown, type Town } from "./town.js";
import { Tickets } from "./tickets.js";

const HOUR = 3_600n;
/** Days after the last reading: every window is over, and people go shopping. */
const PAY_DAYS = 20;

/** Order of what falls on one instant. */
const RANK = { usual: 0, tickets: 1, rewards: 2, end: 3 } as const;

/** What is left of the part when it is over, for its accounts and its report. */
export interface Life {
  readonly day: Day;
  readonly data: WasteData;
  /** Seconds by which the data were moved. */
  readonly shift: bigint;
  readonly firstBlock: number;
  readonly town: Town;
  readonly binDays: readonly BinDay[];
  readonly loads: Loads;
  readonly readings: Readings;
  readonly tickets: Tickets;
  /** Days on which the registry and the model named the same bins as due. */
  readonly sameDue: number;
  /** Absent where there are no bins, and so no days on which people act. */
  readonly rewards?: Rewards;
  readonly shop?: ShopOutcome;
  readonly refusals: Refusals;
}

/** Lives the data on the chain of the day. */
export async function liveWaste(day: Day, data: WasteData): Promise<Life> {
  const startsAt = BigInt(data.firstDay) * SECONDS_PER_DAY - LEAD_SECONDS;
  const shift = day.clock.shiftFor(startsAt);
  const firstBlock = (await day.connection.ethers.provider.getBlockNumber()) + 1;
  const refusals = new Refusals(day, "waste");
  const town = await foundTown(day, data, shift, startsAt + shift);
  const loads = new Loads(day, town, refusals);
  const readings = new Readings(day, town, refusals, shift, data.bins);
  const tickets = new Tickets(day, town, loads, refusals, shift);
  const binDays = planBins(data.bins, data.fills);
  const life = { day, data, shift, firstBlock, town, binDays, loads, readings, tickets, refusals };
  const timeline = new Timeline();
  planTickets(life, timeline);
  const run = () => timeline.run(day.progress("waste: from containers to the end"));
  if (binDays.length === 0) {
    await run();
    return { ...life, sameDue: 0 };
  }
  const rewards = new Rewards(day, town, refusals, shift);
  await rewards.open(countResidents(data.bins), startsAt + shift);
  const story = new BinStory(life, rewards);
  story.plan(timeline);
  await run();
  return { ...life, sameDue: story.sameDue, rewards, ...(story.shop === undefined ? {} : { shop: story.shop }) };
}

/** Tickets in batches; what is left everywhere goes its way at the end. */
function planTickets({ binDays, data, loads, shift, tickets }: Omit<Life, "sameDue">, timeline: Timeline): void {
  const batches = planBatches(data.tickets);
  for (const [index, batch] of batches.entries()) {
    const isLast = index === batches.length - 1;
    timeline.plan(instantOf(batch.day, 0n, shift), RANK.tickets, () => tickets.relay(batch, isLast));
  }
  const last = Math.max(batches.at(-1)?.day ?? 0, (binDays.at(-1)?.day ?? 0) + 1);
  timeline.plan(instantOf(last, TICKET_AT, shift), RANK.end, () => loads.finish());
}

/** What happens at bins, and what people have of it. */
class BinStory {
  /** Days on which the registry and the model named the same bins as due. */
  sameDue = 0;
  shop: ShopOutcome | undefined;
  readonly #life: Omit<Life, "sameDue">;
  readonly #rewards: Rewards;

  constructor(life: Omit<Life, "sameDue">, rewards: Rewards) {
    this.#life = life;
    this.#rewards = rewards;
  }

  plan(timeline: Timeline): void {
    const { binDays, readings, shift } = this.#life;
    const rewards = this.#rewards;
    for (const [index, binDay] of binDays.entries()) {
      const { day, deposits, stops } = binDay;
      for (const deposit of deposits) {
        timeline.plan(instantOf(day, deposit.second, shift), RANK.rewards, () => rewards.deposit(deposit));
      }
      const byGateway = index >= binDays.length / 2;
      timeline.plan(instantOf(day, READ_AT, shift), RANK.usual, () => readings.report(binDay, byGateway));
      timeline.plan(instantOf(day, ROUND_AT, shift), RANK.usual, () => this.#drive(binDay));
      const settlesAt = instantOf(day, ROUND_AT + HOUR, shift);
      timeline.plan(settlesAt, RANK.rewards, () => rewards.settle(stops, settlesAt));
      const actsAt = instantOf(day, ACTS_AT, shift);
      timeline.plan(actsAt, RANK.rewards, () => rewards.act(index, actsAt));
    }
    const last = binDays.at(-1)?.day ?? 0;
    const postsAt = instantOf(last, ACTS_AT + HOUR, shift);
    const paysAt = instantOf(last + PAY_DAYS, TICKET_AT, shift);
    timeline.plan(postsAt, RANK.rewards, async () => {
      const tree = await rewards.post(postsAt);
      timeline.plan(paysAt, RANK.rewards, async () => {
        await rewards.pay(tree, paysAt);
        await this.#shop(timeline, paysAt + HOUR);
      });
    });
  }

  async #drive({ day, due, stops }: BinDay): Promise<void> {
    const { data, day: today, readings, shift, tickets } = this.#life;
    await today.clock.pass(instantOf(day, ROUND_AT, shift) - 1n);
    const recycling = recyclingOf(data.bins);
    const [told, modelled] = [await tickets.dueOf(recycling), readings.dueOf(recycling)];
    const planned = due.map(({ serial }) => serial);
    if (told.join() === modelled.join() && told.join() === planned.join()) this.sameDue += 1;
    await tickets.drive(day, stops);
    readings.emptied(
      stops.flatMap(({ bin, served }) => (served ? [bin] : [])),
      day,
    );
  }

  async #shop(timeline: Timeline, at: bigint): Promise<void> {
    const { day, refusals, town } = this.#life;
    const shop = new Shop(day, refusals, town.gateway);
    await shop.trade(this.#rewards.residents, at);
    timeline.plan(at, RANK.end, async () => {
      this.shop = await shop.close(at);
    });
  }
}
