/** Reads a ballot and a battery passport through the browser's wallet. */
import {
  BallotState,
  Category,
  connectDeployment,
  decodeLogs,
  type DeployedCity,
  explainError,
  inRanges,
  LeaseState,
  nameIn,
  rangesToLatest,
  Status,
  textHash,
} from "civitas";
import { BrowserProvider, type Eip1193Provider, type Typed } from "ethers";

declare global {
  interface Window {
    /** What a wallet puts there (EIP-1193). */
    readonly ethereum?: Eip1193Provider;
  }
}

/** What a ballot is, as the ballot box takes and tells it. */
type BallotTerms = Exclude<Parameters<DeployedCity["city"]["ballotBox"]["talliesOf"]["staticCall"]>[1], Typed>;

/** Lines of a list: what it is, and what it says. */
type Facts = readonly (readonly [name: string, value: string | HTMLElement])[];

const form = find("form", HTMLFormElement);
const status = find("[role=status]", HTMLElement);
let city: Promise<DeployedCity> | undefined;
/** How often was asked. An answer to an older question is dropped. */
let questions = 0;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void readBoth();
});
// The address of the page can say what to read: ?ballot=1&pack=42
for (const [name, value] of new URLSearchParams(location.search)) {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = value;
}
if (form.checkValidity()) void readBoth();

async function readBoth(): Promise<void> {
  const asked = new FormData(form);
  const number = (name: string): bigint => BigInt(asked.get(name) as string);
  const question = ++questions;
  const isLatest = (): boolean => question === questions;
  status.textContent = "Reading …";
  await Promise.all([
    show("question", async (deployed) => readBallot(deployed, Number(number("ballot"))), isLatest),
    show("passport", async (deployed) => readPassport(deployed, number("pack")), isLatest),
  ]);
  if (isLatest()) status.textContent = "Done.";
}

/** Connects at the first call, and again after a failure. */
async function connect(): Promise<DeployedCity> {
  if (window.ethereum === undefined) {
    throw new Error("This browser has no wallet. Install one, then load the page again.");
  }
  const provider = new BrowserProvider(window.ethereum);
  const record: unknown = await (await fetch("deployment.json")).json();
  return connectDeployment(record, provider);
}

/** The question, its options with their votes, and how it stands. */
async function readBallot({ city, deployment }: DeployedCity, ballotId: number): Promise<[string, Facts]> {
  const { ballotBox } = city;
  const filter = ballotBox.filters.BallotPublished(ballotId);
  const ranges = await rangesToLatest(ballotBox, deployment.firstBlock);
  const logs = await inRanges(ranges, async (from, to) => ballotBox.queryFilter(filter, from, to));
  const [published] = decodeLogs(logs, city.addresses);
  if (published === undefined) throw new Error(`There is no ballot ${ballotId}.`);
  const terms = published.args.terms as BallotTerms;
  const { cast, members, state } = await ballotBox.ballotOf(ballotId, terms.segments);
  const counts = await Promise.all(
    terms.segments.map(async (segment) => ballotBox.talliesOf(ballotId, terms, segment)),
  );

  // The chain has the hash of the text. The text itself comes from the city's website, and may be believed if they fit.
  const texts = (await (await fetch("texts.json")).json()) as Record<string, string>;
  const text = texts[ballotId] ?? "";
  if (!terms.texts.some(({ hash }) => hash === textHash(text))) {
    throw new Error(`texts.json does not have the text that ballot ${ballotId} was published with.`);
  }
  const [question = "", ...options] = text.split("\n");
  const votes = options.map((option, index) => {
    const count = counts.reduce((sum, tallies) => sum + (tallies[index] ?? 0n), 0n);
    return [option, counted(count, "vote")] as const;
  });
  const facts: Facts = [
    ...votes,
    ["Status", nameIn(BallotState, state)],
    ["Turnout", `${cast} of ${members}`],
    ["Open until", instant(BigInt(terms.closesAt))],
  ];
  return [question, facts];
}

/** What the pack is, who answers for it, how healthy it is, and what its lease guarantees. */
async function readPassport({ city, deployment }: DeployedCity, packId: bigint): Promise<[string, Facts]> {
  const pack = await city.pack.packOf(packId);
  const [maker, health, [, leaseId]] = await Promise.all([
    city.pack.operatorAccount(pack.operatorId),
    city.telemetry.healthOf(packId),
    city.pack.leaseOf(packId),
  ]);
  const facts: (readonly [string, string | HTMLElement])[] = [
    ["Kind", `${nameIn(Category, pack.category)}, ${nameIn(Status, pack.status)}`],
    ["Rated energy", `${pack.ratedWh / 1_000n} kWh`],
    ["Made on", day(pack.madeOnDay)],
    ["Maker", maker],
  ];
  const tested = health.testedAt > 0n;
  facts.push([
    "Health",
    tested ? `${percent(health.sohBp)}, certified on ${instant(health.testedAt)}` : "never certified",
  ]);
  if (leaseId > 0n) {
    const filter = city.lease.filters.LeaseStarted(leaseId);
    const ranges = await rangesToLatest(city.lease, deployment.firstBlock);
    const [started] = await inRanges(ranges, async (from, to) => city.lease.queryFilter(filter, from, to));
    const guaranteed = started?.args.offer.minSohBp ?? 0n;
    const state = nameIn(LeaseState, await city.lease.stateOf(leaseId));
    facts.push(["Guarantee", `${percent(guaranteed)}, by lease ${leaseId} (${state})`]);
    if (tested) facts.push(["Against it", gauge(health.sohBp, guaranteed)]);
  }
  return [`Battery pack ${packId}`, facts];
}

/** Fills a section, or says in it why that failed; unless something else was asked meanwhile. */
async function show(
  title: string,
  read: (deployed: DeployedCity) => Promise<[string, Facts]>,
  isLatest: () => boolean,
): Promise<void> {
  const section = find(`[aria-labelledby=${title}]`, HTMLElement);
  let heading: string | undefined;
  let facts: Facts = [];
  let fault = "";
  try {
    city ??= connect();
    [heading, facts] = await read(await city.catch(connectAnew));
  } catch (error) {
    fault = explainError(error).sentence;
  }
  if (!isLatest()) return;
  if (heading !== undefined) find("h2", HTMLElement, section).textContent = heading;
  find("[role=alert]", HTMLElement, section).textContent = fault;
  const items = facts.flatMap(([name, value]) => [element("dt", name), element("dd", value)]);
  find("dl", HTMLElement, section).replaceChildren(...items);
}

function connectAnew(failure: unknown): never {
  city = undefined;
  throw failure;
}

function gauge(health: bigint, guaranteed: bigint): HTMLElement {
  const meter = document.createElement("meter");
  meter.max = 10_000;
  meter.low = Number(guaranteed);
  meter.value = Number(health);
  meter.textContent = health < guaranteed ? "below the guarantee" : "as guaranteed";
  meter.setAttribute("aria-label", `Health ${meter.textContent}`);
  return meter;
}

function element(name: string, content: string | HTMLElement): HTMLElement {
  const made = document.createElement(name);
  made.append(content);
  return made;
}

function find<Type extends HTMLElement>(selector: string, type: new () => Type, from: ParentNode = document): Type {
  const found = from.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`The page has no ${selector}.`);
  return found;
}

const counted = (count: bigint, noun: string): string => `${count} ${noun}${count === 1n ? "" : "s"}`;
const percent = (basisPoints: bigint): string => `${Number(basisPoints) / 100} %`;
const instant = (seconds: bigint): string => new Date(Number(seconds) * 1_000).toISOString().slice(0, 10);
const day = (days: bigint): string => instant(days * 86_400n);
