/** Tickets: of containers in batches that anybody relays, and of bins on the rounds of their crew. */
import type { ContractTransactionReceipt } from "ethers";

import { nameIn, TicketFault } from "../../../sdk/index.js";
import {
  buildTicket,
  isValidOn,
  MAX_TICKETS,
  packStops,
  type SignedTicket,
  signedTicket,
  ticketLotId,
} from "../../../sdk/waste/index.js";
import type { WasteBinRow } from "../../../sdk/importers/index.js";
import { slices } from "../../../sdk/slices.js";
import type { Day } from "../day.js";
import type { Refusals } from "../identity/refusals.js";
import type { Parcel } from "./custody.js";
import type { Loads } from "./loads.js";
import { instantOf, type PlannedStop, type TicketBatch } from "./plan.js";
import { CODES, ROUND_AT, SECONDS_PER_DAY, TICKET_AT } from "./terms.js";
import { BIN_CREW, type Company, type Container, isHazardousOn, paperHash, type Town } from "./town.js";

/** A round of the bins' crew. */
export interface Round {
  readonly routeId: number;
  readonly planned: number;
  readonly served: number;
}

/** What a ticket of the day is about. */
interface Emptied {
  readonly container: Container;
  readonly collector: Company;
  readonly code: number;
  readonly grams: bigint;
  /** On the chain. */
  readonly takenAt: bigint;
  readonly routeId?: number;
}

/** Makes, signs and relays tickets, and hands the lots on. */
export class Tickets {
  /** Rounds of the bins' crew so far. */
  readonly rounds: Round[] = [];
  readonly #day: Day;
  readonly #town: Town;
  readonly #loads: Loads;
  readonly #refusals: Refusals;
  readonly #shift: bigint;

  constructor(day: Day, town: Town, loads: Loads, refusals: Refusals, shift: bigint) {
    this.#day = day;
    this.#town = town;
    this.#loads = loads;
    this.#refusals = refusals;
    this.#shift = shift;
  }

  /**
   * Relays a batch.
   *
   * @param batch - Its tickets.
   * @param isLast - Whether it is the last one: its first ticket is then brought a second time with it.
   */
  async relay({ day, tickets }: TicketBatch, isLast: boolean): Promise<void> {
    const at = instantOf(day, 0n, this.#shift);
    const emptied = tickets.map(({ code, collector, containerId, day: date, grams }) => ({
      container: known(this.#town.containers, containerId),
      collector: known(this.#town.collectors, collector),
      code,
      grams,
      takenAt: instantOf(date, TICKET_AT, this.#shift),
    }));
    const [first] = emptied;
    if (isLast && first !== undefined) await this.#tryWrongCodes(first, at);
    const signed: SignedTicket[] = [];
    for (const one of emptied) signed.push(await this.#sign(one));
    const replay = isLast ? signed.slice(0, 1) : [];
    const { wasteLots } = this.#day.city;
    const { receipt } = await this.#day.send(
      replay.length > 0 ? "waste.collectMany with a bad one" : "waste.collectMany",
      at,
      () => wasteLots.collectMany([...signed, ...replay]),
      signed.length,
    );
    const [again] = replay;
    if (again !== undefined) this.#judgeReplay(receipt, again, tickets[0]?.ticketId ?? "");
    for (const one of emptied) await this.#bring(one);
  }

  /** The bins' crew empties bins in rounds whose tickets fit a call. */
  async drive(day: number, stops: readonly PlannedStop[]): Promise<void> {
    for (const some of slices(stops, MAX_TICKETS)) await this.#driveRound(day, some);
  }

  /** The crew announces a round, drives it, and relays its tickets. */
  async #driveRound(day: number, stops: readonly PlannedStop[]): Promise<void> {
    const at = instantOf(day, ROUND_AT, this.#shift);
    const { city } = this.#day;
    const crew = known(this.#town.collectors, BIN_CREW);
    const containers = city.containers.connect(crew.account);
    const ids = packStops(stops.map(({ bin }) => known(this.#town.bins, bin.serial).number));
    await this.#day.send(
      "waste.planRoute",
      at,
      () => containers.planRoute(ids, at, paperHash("vehicle")),
      stops.length,
    );
    const routeId = this.rounds.length + 1;
    const served = stops.filter((stop) => stop.served);
    const emptied = served.map(({ bin, grams }) => ({
      container: known(this.#town.bins, bin.serial),
      collector: crew,
      code: CODES.packaging,
      grams,
      takenAt: at,
      routeId,
    }));
    const signed: SignedTicket[] = [];
    for (const one of emptied) signed.push(await this.#sign(one));
    if (signed.length > 0) {
      await this.#day.send("waste.collectRound", at, () => city.wasteLots.collectMany(signed), signed.length);
    }
    for (const one of emptied) await this.#bring(one);
    this.rounds.push({ routeId, planned: stops.length, served: served.length });
  }

  /** Bins that the registry says want to be emptied. */
  async dueOf(bins: readonly WasteBinRow[]): Promise<string[]> {
    const numbers = new Map(bins.map(({ serial }) => [BigInt(known(this.#town.bins, serial).number), serial]));
    const due = await this.#day.city.containers.needsCollection([...numbers.keys()]);
    return [...due].flatMap((number) => numbers.get(number) ?? []);
  }

  async #sign({ code, collector, container, grams, routeId = 0, takenAt }: Emptied): Promise<SignedTicket> {
    container.counter += 1;
    const ticket = buildTicket({
      binId: container.number,
      counter: container.counter,
      takenAt,
      code,
      grams,
      collector: collector.crew.address,
      routeId,
    });
    return signedTicket(this.#day.city, container.device, collector.crew, ticket);
  }

  async #bring({ code, collector, container, grams }: Emptied): Promise<void> {
    container.collections += 1;
    const parcel: Parcel = { lotId: ticketLotId(container.number, container.collections), code, grams };
    this.#loads.custody.mass.collect(grams);
    await this.#loads.add(collector, parcel);
  }

  // --- wrongs

  #judgeReplay(receipt: ContractTransactionReceipt, { ticket }: SignedTicket, id: string): void {
    const lots = this.#day.city.wasteLots.interface;
    const faults = receipt.logs.flatMap((log) => {
      const event = lots.parseLog(log);
      return event?.name === "TicketRejected" && Number(event.args.binId) === ticket.binId
        ? [nameIn(TicketFault, event.args.fault as bigint)]
        : [];
    });
    const [reason] = faults;
    this.#refusals.judge(
      { key: "replayedTicket", attempt: "a batch has a ticket twice", expected: "CounterNotIncreasing" },
      reason === undefined
        ? {}
        : { reason, message: `ticket ${id} was left out of the batch the second time: ${reason}` },
    );
  }

  /** A collector without a permit empties a container of hazardous waste, and one names a code that is not valid then. */
  async #tryWrongCodes(like: Emptied, at: bigint): Promise<void> {
    const today = Number(like.takenAt / SECONDS_PER_DAY);
    const materials = [...this.#town.materials.values()];
    const operators = this.#day.city.wasteOperators;
    await this.#day.clock.pass(at);
    for (const { code } of materials.filter((material) => isValidOn(material, today))) {
      if (!isHazardousOn(this.#town, code, today)) continue;
      if ((await operators.permitOf(like.collector.number, code)) !== 0n) continue;
      await this.#tryTicket(like, code, {
        key: "noPermit",
        attempt: "a collector takes hazardous waste without a permit",
        expected: "WasteLotsPermitMissing",
      });
      break;
    }
    const other = materials.find((material) => !isValidOn(material, today));
    if (other === undefined) return;
    await this.#tryTicket(like, other.code, {
      key: "wrongDay",
      attempt: "a ticket has a code that is not valid on its day",
      expected: "WasteLotsCodeNotValid",
    });
  }

  async #tryTicket(like: Emptied, code: number, attempt: Parameters<Refusals["send"]>[0]): Promise<void> {
    const { container } = like;
    const signed = await this.#sign({ ...like, code });
    container.counter -= 1;
    await this.#refusals.send(attempt, () => this.#day.city.wasteLots.collect(signed));
  }
}

function known<Value>(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name);
  if (value === undefined) throw new Error(`${name} is not registered`);
  return value;
}
