/** The identities' part of the day: it has no data of its own, and closes what the other parts have enrolled. */
import { type Check, equal } from "../check.js";
import type { Day } from "../day.js";
import { writeWhole } from "../money.js";
import type { Outcome } from "../module.js";
import { type Audit, auditRegister, type TypeCount } from "./audit.js";
import type { Refusals } from "./refusals.js";
import type { Register } from "./register.js";
import { writeReport } from "./report.js";
import { tryWrongs } from "./trials.js";

/** Name of the part's entry in the summary. */
export const IDENTITY = "identity";

/** What the part came to. */
export interface IdentityOutcome {
  readonly register: Register;
  readonly refusals: Refusals;
  readonly audit: Audit;
}

/** Tries what must be refused, and looks through the register of everybody who acted. */
export async function closeRegister(day: Day): Promise<Outcome> {
  const refusals = await tryWrongs(day);
  const audit = await auditRegister(day);
  const outcome = { register: day.register, refusals, audit };
  return {
    summary: summaryOf(outcome),
    checks: checksOf(outcome),
    report: writeReport(outcome),
    charts: [],
    tiles: [
      { label: "people", value: writeWhole(day.register.count("person")) },
      { label: "bodies and companies", value: writeWhole(day.register.count("body")) },
      { label: "devices", value: writeWhole(day.register.count("device")) },
      { label: "wrongs refused", value: writeWhole(refusals.all.length) },
    ],
  };
}

function summaryOf({ audit, refusals, register }: IdentityOutcome): Outcome["summary"] {
  return {
    people: register.count("person"),
    bodies: register.count("body"),
    devices: register.count("device"),
    strangers: register.count("stranger"),
    credentials: audit.types,
    dids: audit.dids,
    refusals: refusals.all.map((refusal) => ({ ...refusal, ok: refusal.reason === refusal.expected })),
  };
}

function checksOf({ audit, refusals, register }: IdentityOutcome): Check[] {
  const { dids, numbers, numbersGiven } = audit;
  const living = register.entries.filter(({ owner }) => owner !== undefined);
  const people = register.count("person");
  const sum = (of: (count: TypeCount) => number): number =>
    Object.values(audit.types).reduce((total, count) => total + of(count), 0);
  return [
    equal("identity: numbers given = people", numbersGiven, people),
    equal(
      "identity: people whose number is the next one, from 1 on",
      numbers.filter((number, index) => number === BigInt(index + 1)).length,
      people,
    ),
    equal("identity: DIDs that name who controls them = identities in force", dids.right, living.length),
    equal(
      "identity: DIDs of devices that name their operator = devices in force",
      dids.rightDevices,
      living.filter(({ kind }) => kind === "device").length,
    ),
    equal("identity: DIDs deactivated = identities retired", dids.deactivated, register.entries.length - living.length),
    equal(
      "identity: acts whose author held the credential = acts for which a module asked for one",
      sum(({ held }) => held),
      sum(({ asked }) => asked),
    ),
    ...refusals.checks,
  ];
}
