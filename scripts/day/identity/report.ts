/** The identities' part for a reader. */
import { credentialNames, credentialTypes } from "../../../ignition/credentials.js";
import { writeWhole } from "../money.js";
import { type Report, tableOf } from "../table.js";
import type { IdentityOutcome } from "./index.js";
import type { Kind } from "./register.js";

const KINDS: readonly { readonly kind: Kind; readonly title: string }[] = [
  { kind: "person", title: "People" },
  { kind: "body", title: "Bodies and companies" },
  { kind: "device", title: "Devices" },
  { kind: "stranger", title: "Strangers" },
];

export function writeReport({ audit, refusals, register }: IdentityOutcome): Report {
  const right = (text: string): { head: string; right: true } => ({ head: text, right: true });
  const retired = (kind: Kind): number =>
    register.entries.filter((entry) => entry.kind === kind && entry.owner === undefined).length;
  return [
    "PEOPLE, COMPANIES AND DEVICES",
    "",
    `Everybody who acts has an identity. ${writeWhole(audit.dids.resolved)} DIDs were resolved by ethr-did-resolver as ` +
      `it is: ${writeWhole(audit.dids.right)} name who controls them, ${audit.dids.deactivated} is deactivated.`,
    "",
    "Who is who",
    tableOf(
      [{ head: "Kind" }, right("Number"), right("Retired")],
      KINDS.map(({ kind, title }) => [title, writeWhole(register.count(kind)), writeWhole(retired(kind))]),
    ),
    "",
    "What is said of them, and how often it was asked for",
    tableOf(
      [
        { head: "Credential" },
        { head: "Given by" },
        { head: "Accredited by" },
        ...["Given", "Current", "Revoked", "Acts that need it", "Held then"].map(right),
      ],
      credentialNames.flatMap((type) => {
        const count = audit.types[type];
        if (count === undefined) return [];
        const { asked, current, given, held, issuers, revoked } = count;
        const numbers = [given, current, revoked, asked, held].map(writeWhole);
        return [[type, issuers.join(", "), credentialTypes[type].authority, ...numbers]];
      }),
    ),
    "",
    "Refused, and why",
    tableOf(
      [{ head: "What was tried" }, { head: "Reason" }, { head: "In words" }],
      refusals.all.map(({ attempt, message, reason }) => [attempt, reason, register.withNames(message)]),
    ),
  ];
}
