/** The district before its first interval: feeders, meters and tariffs, and accounts with money in them. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { Wallet } from "ethers";

import { accountAt } from "../../../sdk/energy/index.js";
import { checkCredential } from "../../../sdk/identity/index.js";
import { EnergySource, MeterClass, MeterStatus, signAccountOpening, signDeposit } from "../../../sdk/index.js";
import type { Day } from "../day.js";
import { DayError } from "../errors.js";
import { PERSON } from "../identity/register.js";
import { EURO } from "../money.js";
import { seededWallet } from "../seeds.js";
import type { EnergyData, Home } from "./data.js";
import { divide, type PlannedSlot, type Size, sizesOf } from "./plan.js";
import { FEED_IN } from "./terms.js";

/** Seconds for which a signature of the day is good. */
export const SIGNATURE_SECONDS = 86_400n;
/** Most intervals of one schedule of tariffs. */
const MAX_SCHEDULE = 1_024;

/** Who reads the meters. */
export const METERING_COMPANY = "Metering company";

/** A home on its feeder. */
export interface Member extends Size {
  readonly home: Home;
  readonly feeder: number;
  /** Number of meter and account. */
  readonly account: number;
  /** Who lives there: owner and signer of the account. */
  readonly household: Wallet;
  /** Key of the meter. */
  readonly meter: Wallet;
}

/** Who takes part, and the money that came in, token units. */
export interface District {
  readonly feeders: readonly (readonly Member[])[];
  readonly members: readonly Member[];
  readonly company: HardhatEthersSigner;
  readonly minted: ReadonlyMap<string, bigint>;
}

/** Rounds an amount up to whole euros. */
function wholeEuros(amount: bigint): bigint {
  return ((amount + EURO - 1n) / EURO) * EURO;
}

/** Founds the district of the data. */
export async function foundDistrict(
  day: Day,
  data: EnergyData,
  slots: readonly PlannedSlot[],
  at: bigint,
): Promise<District> {
  return new Founding(day, at).found(data, slots);
}

class Founding {
  readonly #day: Day;
  readonly #at: bigint;
  readonly #minted = new Map<string, bigint>();

  constructor(day: Day, at: bigint) {
    this.#day = day;
    this.#at = at;
  }

  async found(data: EnergyData, slots: readonly PlannedSlot[]): Promise<District> {
    const company = this.#day.company(METERING_COMPANY);
    const sizes = sizesOf(data, slots);
    const feeders = divide(data.homes).map((homes, index) =>
      homes.map((home, position) => this.#member(home, index + 1, position, sizes.get(home))),
    );
    const members = feeders.flat();
    const progress = this.#day.progress("energy: founding the district");
    await this.#enrol(company, members);
    await this.#fund(company, members);
    await this.#registerFeeders(company, feeders.length);
    await this.#writeTariffs(slots);
    for (const [index, member] of members.entries()) {
      await this.#connect(member);
      progress(index + 1, members.length);
    }
    return { feeders, members, company, minted: this.#minted };
  }

  #member(home: Home, feeder: number, position: number, size: Size | undefined): Member {
    if (size === undefined) throw new Error(`home ${home.id} has no size`);
    return {
      ...size,
      money: wholeEuros(size.money + 1n),
      home,
      feeder,
      account: accountAt(feeder, position),
      household: seededWallet(`energy/household/${home.id}`),
      meter: seededWallet(`energy/meter/${home.id}`),
    };
  }

  /** Households are residents, meters are devices of who reads them, and both operators hold their credentials. */
  async #enrol(company: HardhatEthersSigner, members: readonly Member[]): Promise<void> {
    const { actors, register } = this.#day;
    register.give("METERING_OPERATOR", company.address);
    register.give("GRID_OPERATOR", actors.gridOperator.address);
    for (const { home, household, meter } of members) {
      register.person(`household at ${home.id}`, household);
      register.device({ name: `meter ${home.id}`, key: meter, operator: company });
    }
    await register.enrol(this.#at);
  }

  /** The supplier pays in what it may have to pay for feed-in, above its floor; who reads the meters pays its bond. */
  async #fund(company: HardhatEthersSigner, members: readonly Member[]): Promise<void> {
    const { actors, city } = this.#day;
    const { energyMarket, meterReadings, token } = city;
    const { supplierFloor } = await energyMarket.settings();
    const greatest = members.reduce((sum, { money }) => sum + money, 0n);
    // What is fed in is worth less than its retail price, which the homes' money covers.
    const float = supplierFloor + wholeEuros(greatest) + FEED_IN * EURO;
    await this.#mint(actors.supplier.address, float);
    const market = await energyMarket.getAddress();
    await this.#send("finance.approve", () => token.connect(actors.supplier).approve(market, float));
    await this.#send("energy.topUpSupplier", () => energyMarket.connect(actors.supplier).topUpSupplier(float));

    const bond = await meterReadings.minimumBond();
    await this.#mint(company.address, bond);
    const readings = await meterReadings.getAddress();
    await this.#send("finance.approve", () => token.connect(company).approve(readings, bond));
    await this.#send("energy.postBond", () => meterReadings.connect(company).postBond(company.address, bond));
  }

  async #registerFeeders(company: HardhatEthersSigner, count: number): Promise<void> {
    const { actors, city } = this.#day;
    const registry = city.energyRegistry.connect(actors.energyOffice);
    for (let feeder = 1; feeder <= count; ++feeder) {
      const noMeter = "0x0000000000000000000000000000000000000000";
      await this.#send("energy.registerFeeder", () =>
        registry.registerFeeder(feeder, company.address, actors.gridOperator.address, noMeter),
      );
    }
  }

  /** Writes down each tariff once, and says for each interval which one holds. */
  async #writeTariffs(slots: readonly PlannedSlot[]): Promise<void> {
    const { actors, city } = this.#day;
    const registry = city.energyRegistry.connect(actors.energyOffice);
    const ids = new Map<bigint, number>();
    for (const { retail, tariff } of slots) {
      if (ids.has(retail)) continue;
      await this.#send("energy.createTariff", () => registry.createTariff({ ...tariff }));
      ids.set(retail, ids.size + 1);
    }
    for (let start = 0; start < slots.length;) {
      const from = slots[start]?.interval ?? 0;
      const run: number[] = [];
      while (run.length < MAX_SCHEDULE && slots[start]?.interval === from + run.length) {
        run.push(ids.get(slots[start]?.retail ?? 0n) ?? 0);
        ++start;
      }
      await this.#send("energy.scheduleTariffs", () => registry.scheduleTariffs(from, run), run.length);
    }
  }

  /** Registers a meter for a resident, who opens its account and pays into it. */
  async #connect(member: Member): Promise<void> {
    const { actors, city, clock, register } = this.#day;
    const { account, exportCapWh, feeder, home, household, importCapWh, meter, money } = member;
    const { current, reason } = await checkCredential(city, {
      type: PERSON,
      subject: household.address,
      account: household.address,
    });
    if (!current) throw new DayError(`${home.id} cannot be connected: ${reason}.`);
    const registered = await this.#send("energy.registerMeter", () =>
      city.energyRegistry.connect(actors.energyOffice).registerMeter(feeder, household.address, {
        key: meter.address,
        importCapWh,
        exportCapWh,
        source: exportCapWh === 0n ? EnergySource.None : EnergySource.Solar,
        class: MeterClass.Connection,
        status: MeterStatus.Trading,
      }),
    );
    register.asked(PERSON, household.address, registered);

    await clock.reach(this.#at);
    await this.#send("energy.openAccount", async (time) => {
      const opening = { account, signer: household.address, nonce: 0n, deadline: time + SIGNATURE_SECONDS };
      const signature = await signAccountOpening(city, household, opening);
      return city.energyMarket.openAccount(account, household.address, opening.nonce, opening.deadline, signature);
    });
    await this.#mint(household.address, money);
    await this.#deposit(member);
  }

  /** Pays a household's money into its account by its signature. */
  async #deposit({ account, household, money }: Member): Promise<void> {
    const { city } = this.#day;
    await this.#send("energy.depositWithAuthorization", async (time) => {
      const terms = { account, owner: household.address, amount: money, salt: 0n };
      const signed = await signDeposit(city, household, { ...terms, validBefore: time + SIGNATURE_SECONDS });
      const { from, amount, salt, authorization } = signed;
      return city.energyMarket.depositWithAuthorization(account, from, amount, salt, authorization);
    });
  }

  async #mint(to: string, value: bigint): Promise<void> {
    const { actors, city } = this.#day;
    await this.#send("finance.mint", () => city.token.connect(actors.treasury).mint(to, value));
    this.#minted.set(to, (this.#minted.get(to) ?? 0n) + value);
  }

  #send(operation: string, transact: Parameters<Day["send"]>[2], items = 1): ReturnType<Day["send"]> {
    return this.#day.send(operation, this.#at, transact, items);
  }
}
