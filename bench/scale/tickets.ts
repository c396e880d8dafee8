/** The collector's drivers bring a ticket for each resident, with the signatures of the container's device and of the driver. */
import { id } from "ethers";

import { EntryType } from "../../sdk/enums.js";
import { slices } from "../../sdk/slices.js";
import { NO_SIGNATURE, signCrewConsent } from "../../sdk/typedData.js";
import { buildTicket, MAX_TICKETS, type SignedTicket, signedTicket } from "../../sdk/waste/index.js";
import { RECORD } from "../depot.js";
import { accredit, HOUR } from "../town.js";
import type { Load } from "./chain.js";
import { QuickKey } from "./keys.js";
import type { Kind } from "./kind.js";
import { holderOf, keyOf, managed, type Stage } from "./stage.js";

/** Residents who share a container, which is emptied as often. */
const SHARE = 10;
/** Most tickets of one call, and containers that one transaction registers. */
const BATCH = 100;
const PACKAGING = 150106;
const GRAMS = 42_000n;
const FOREVER = (1n << 32n) - 1n;
const ALERT_BP = 8_000;

interface Bin {
  readonly binId: number;
  readonly device: QuickKey;
}

export const tickets: Kind = {
  rows: ["tickets"],
  resident: `one emptying of a container, which ${SHARE} residents share`,
  async prepare(stage: Stage, residents: number) {
    const { chain, city } = stage;
    const driver = await admit(stage);
    // At least so many that no transaction has a container twice, which would be cheaper.
    const bins = await register(stage, Math.max(BATCH, Math.ceil(residents / SHARE)));
    // All of the times are over when the first ticket comes.
    const rounds = 1 + SHARE;
    const start = chain.now;
    chain.pass(rounds * HOUR);
    const wasteLots = city.wasteLots;

    const ticketOf = async ({ binId, device }: Bin, round: number): Promise<SignedTicket> => {
      const takenAt = BigInt(start + (round + 1) * HOUR - 1);
      const ticket = buildTicket({
        code: PACKAGING,
        grams: GRAMS,
        documentHash: id("papers"),
        routeId: 0,
        binId,
        counter: round + 1,
        takenAt,
        collector: driver.address,
      });
      return signedTicket(city, device, driver, ticket);
    };
    async function* loads(from: number, to: number): AsyncGenerator<Load> {
      let batch: SignedTicket[] = [];
      const load = (): Load => ({
        to: city.addresses.wasteLots,
        data: wasteLots.interface.encodeFunctionData("collectMany", [batch]),
        items: batch.length,
      });
      for (let index = from; index < to; ++index) {
        const bin = bins[index % bins.length];
        if (bin === undefined) throw new Error("there is no container");
        batch.push(await ticketOf(bin, Math.floor(index / bins.length)));
        if (batch.length === BATCH) {
          yield load();
          batch = [];
        }
      }
      if (batch.length > 0) yield load();
    }
    // Each container once, so that none is emptied for the first time when it counts.
    await chain.deliver(loads(0, bins.length));
    const before = (await wasteLots.totals()).collected;
    return {
      prepared: `${bins.length.toLocaleString("en")} containers that were emptied once`,
      steps: [
        {
          name: "tickets",
          item: "a ticket with the signatures of device and driver, which makes a lot",
          hashes: 0,
          fullBatch: BATCH,
          most: MAX_TICKETS,
          loads: () => loads(bins.length, bins.length + residents),
          check: async () => {
            const grams = (await wasteLots.totals()).collected - before;
            const wanted = GRAMS * BigInt(residents);
            if (grams !== wanted) throw new Error(`tickets of ${wanted} grams made lots of ${grams}`);
          },
        },
      ],
    };
  },
};

/** The collector, and the key of a driver. */
async function admit(stage: Stage): Promise<QuickKey> {
  const { chain, city, cast } = stage;
  await accredit(chain, city.credentials, cast.accreditor, [["WASTE_COLLECTOR", cast.collector]]);
  const codes = city.materialCodes.connect(holderOf(stage, "WASTE_CODES"));
  await chain.send(() => codes.set([{ code: PACKAGING, entryType: EntryType.Absolute, fromDay: 0, toDay: 0 }]));
  const operators = city.wasteOperators.connect(cast.collector);
  await chain.send(() => operators.admit(cast.collector, 0n, 0n, NO_SIGNATURE));
  const operatorId = await operators.numberOf(cast.collector);
  const driver = QuickKey.of("driver of the whole city");
  const [until, deadline] = [FOREVER, FOREVER];
  const change = { operatorId: Number(operatorId), key: driver.address, until, nonce: 0n, deadline };
  const consent = await signCrewConsent(city, driver, change);
  await chain.send(() => operators.setCrew(operatorId, driver.address, until, 0n, deadline, NO_SIGNATURE, consent));
  return driver;
}

async function register(stage: Stage, count: number): Promise<Bin[]> {
  const { chain, city } = stage;
  const bins = Array.from({ length: count }, (_, index) => ({
    binId: index + 1,
    device: QuickKey.of(`container ${index + 1}`),
  }));
  const calls = bins.map(({ device }) =>
    city.containers.interface.encodeFunctionData("register", [device.address, ALERT_BP, RECORD]),
  );
  const loads = slices(calls, BATCH).map((some) => managed(stage, city.addresses.containers, some));
  await chain.deliver(loads, keyOf("wasteOffice"));
  return bins;
}
