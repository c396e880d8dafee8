/** What was committed to by a root, and what was decided. */
import { readBallot } from "../../../sdk/participation/index.js";
import { join, type Lines, type StateReader, under } from "./state.js";

/** Roots of meter readings, of settlements, of rolls, of fleets and of reward epochs. */
export async function roots(reader: StateReader): Promise<Lines> {
  const { census, ecoRewards, energyMarket, meterReadings, telemetry } = reader.city;
  return join(
    await reader.each(
      await reader.events(meterReadings, "ReadingsAccepted"),
      ({ args }) => `readings ${args.feeder}/${args.day}`,
      async ({ args }) => reader.ask(meterReadings, "dayOf", args.feeder, args.day),
    ),
    await reader.each(
      await reader.events(energyMarket, "AccountsSettled"),
      ({ args }) => `settlement ${args.interval}/${args.index}`,
      async ({ args }) => reader.ask(energyMarket, "resultRoot", args.interval, args.index),
    ),
    await reader.each(
      await reader.events(census, "MembersAdded"),
      ({ args }) => `roll ${args.rollId}/${args.segment}`,
      async ({ args }) => reader.ask(census, "snapshotOf", args.rollId, args.segment),
    ),
    await reader.each(
      await reader.events(telemetry, "FleetRootCommitted"),
      ({ args }) => `fleet ${reader.write(args.collector)}/${args.epoch}`,
      async ({ args }) => reader.ask(telemetry, "fleetRoot", args.collector, args.epoch, 0n),
    ),
    await reader.told(ecoRewards, "EpochPosted", "epochId"),
    await reader.each(
      await reader.found(ecoRewards, "epochId", "EpochPosted"),
      (epoch) => `epoch ${String(epoch)} left`,
      async (epoch) => reader.ask(ecoRewards, "epochLeft", epoch),
    ),
  );
}

/** Prices and volumes of every interval, and where it stands. */
export async function clearing(reader: StateReader): Promise<Lines> {
  const { energyMarket } = reader.city;
  return join(
    await reader.each(
      await reader.found(energyMarket, "interval", "OrdersPosted", "IntervalCleared", "IntervalVoided"),
      (interval) => `interval ${String(interval)}`,
      async (interval) => reader.ask(energyMarket, "stateOf", interval),
    ),
    await reader.told(energyMarket, "BookCleared", "interval", "round", "feeder"),
    await reader.told(energyMarket, "RoundCleared", "interval", "round"),
    await reader.told(energyMarket, "IntervalCleared", "interval"),
    await reader.told(energyMarket, "IntervalSettled", "interval"),
  );
}

/** Every ballot: papers and votes of each segment, the rounds of a runoff, and what came of it. */
export async function ballots(reader: StateReader): Promise<Lines> {
  const { ballotBox, ballotExecutor } = reader.city;
  const ids = await reader.found(ballotBox, "ballotId", "BallotPublished");
  return join(
    await reader.each(
      ids,
      (id) => `ballot ${String(id)}`,
      async (id) => {
        const { terms } = await readBallot(ballotBox, Number(id), reader.fromBlock);
        const segments = await reader.each(
          terms.segments,
          (segment) => `segment ${String(segment)}`,
          async (segment) =>
            join(
              under("poll", await reader.ask(ballotBox, "pollOf", id, segment)),
              under("tallies", await reader.ask(ballotBox, "talliesOf", id, terms, segment)),
            ),
        );
        const operation = (await reader.ask(ballotExecutor, "operationOf", id)).get("") ?? "0x";
        return join(
          segments,
          under("papers", await reader.ask(ballotBox, "ballotOf", id, terms.segments)),
          under("result", await reader.ask(ballotBox, "resultOf", id)),
          new Map([["queued", /^0x0*$/.test(operation) ? "0" : "1"]]),
        );
      },
    ),
    await reader.told(ballotBox, "RoundCounted", "ballotId", "round"),
  );
}
