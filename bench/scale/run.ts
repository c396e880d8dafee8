/** Measures whole cities: a kind of item, so many residents, on a client of its own. */
import type { Row, Run } from "../../scripts/lib/scale.js";
import { claims } from "./claims.js";
import type { ClientName, Delivery } from "./chain.js";
import type { Kind, Step } from "./kind.js";
import { market } from "./market.js";
import { openStage, type Stage } from "./stage.js";
import { tickets } from "./tickets.js";
import { votes } from "./votes.js";

const MS = 1000;

/** What can be measured, by its name. */
export const kinds: Readonly<Record<string, Kind>> = { market, tickets, votes, claims };

/** Prepares a new city for so many residents, and has them do what is measured. */
export async function measure(client: ClientName, name: string, residents: number): Promise<Run> {
  const begun = performance.now();
  const stage = await openStage(client);
  try {
    const opening = (performance.now() - begun) / MS;
    return { ...(await measureOn(stage, name, residents)), opening };
  } finally {
    await stage.chain.close();
  }
}

/** The same in a city that stands. */
export async function measureOn(stage: Stage, name: string, residents: number): Promise<Run> {
  const kind = kinds[name];
  if (kind === undefined) throw new Error(`nothing is measured by the name ${name}`);
  const { chain } = stage;
  const begun = performance.now();
  const plan = await kind.prepare(stage, residents);
  const preparing = (performance.now() - begun) / MS;
  const rows: Row[] = [];
  for await (const step of plan.steps) {
    rows.push(rowOf(step, await chain.deliver(step.loads())));
    await step.check?.();
  }
  return {
    client: chain.name,
    version: chain.version,
    kind: name,
    residents,
    resident: kind.resident,
    prepared: plan.prepared,
    opening: 0,
    preparing,
    rows,
  };
}

function rowOf(step: Step, { sent, blocks, signing, sending, needed }: Delivery): Row {
  const full = sent.filter(({ items }) => items === step.fullBatch);
  const told = full.length === 0 ? sent : full;
  const sum = (of: (one: (typeof sent)[number]) => number, list = sent): number =>
    list.reduce((before, one) => before + of(one), 0);
  const perItem = sum(({ gas }) => gas, told) / sum(({ items }) => items, told);
  return {
    name: step.name,
    item: step.item,
    hashes: step.hashes,
    items: sum(({ items }) => items),
    transactions: sent.length,
    fullBatch: step.fullBatch,
    full: full.length,
    gas: sum(({ gas }) => gas),
    largest: Math.max(...sent.map(({ gas }) => gas)),
    perItem: Math.round(perItem),
    needed,
    ...(step.fixed === undefined ? {} : { fixed: step.fixed }),
    ...(step.most === undefined ? {} : { most: step.most }),
    blocks,
    signing,
    sending,
  };
}
