/** What a contract says in the end, as lines of text that are the same on every client. */
import type { BaseContract, LogDescription, ParamType, Provider } from "ethers";
import { Result } from "ethers";

import type { City } from "../../../sdk/index.js";

/** Values by name. */
export type Lines = ReadonlyMap<string, string>;

/** Questions that a node is asked at once. */
const AT_ONCE = 32;

/**
 * Fields that may differ between two chains on which the same happened: the seconds in which a client made its blocks, and
 * hashes and chains into which such seconds, random nonces or random salts went.
 */
const UNEQUAL = /^(until|chain|nonce|deadline|detail|attributesRoot)$|([sS]ince|At|Until|Time|Hash|Nonce|Deadline)$/;

/** Reads a city's state. */
export class StateReader {
  readonly city: City;
  readonly #provider: Provider;
  readonly fromBlock: number;
  readonly #names: ReadonlyMap<string, string>;
  readonly #events = new Map<BaseContract, Promise<LogDescription[]>>();

  constructor(city: City, provider: Provider, fromBlock: number) {
    this.city = city;
    this.#provider = provider;
    this.fromBlock = fromBlock;
    this.#names = new Map(
      Object.entries(city.addresses).map(([name, address]) => [(address as string).toLowerCase(), name]),
    );
  }

  /** Events of a contract that have this name, or one of these, in their order. */
  async events(contract: BaseContract, ...names: readonly string[]): Promise<LogDescription[]> {
    const known = this.#events.get(contract) ?? this.#readEvents(contract);
    this.#events.set(contract, known);
    return (await known).filter(({ name }) => names.includes(name));
  }

  /** Different values of a field in events of these names, in the order in which they first stand there. */
  async found(contract: BaseContract, field: string, ...names: readonly string[]): Promise<unknown[]> {
    const logs = await this.events(contract, ...names);
    return [...new Set(logs.map(({ args }) => args[field] as unknown))];
  }

  /** What a view answers, without fields that may differ, by their names; a single value has the name "". */
  async ask(contract: BaseContract, view: string, ...args: readonly unknown[]): Promise<Lines> {
    const method = contract.getFunction(view);
    const { outputs } = method.getFragment(...args);
    return this.plain(outputs, await method.staticCallResult(...args));
  }

  /** Values by the names of their types, without those that may differ. */
  plain(types: readonly ParamType[], values: Result): Lines {
    const lines = new Map<string, string>();
    for (const [index, type] of types.entries()) {
      const value = values[index] as unknown;
      if (types.length > 1 && UNEQUAL.test(type.name)) continue;
      if (type.baseType === "tuple" && type.components !== null && value instanceof Result) {
        const prefix = types.length > 1 ? `${type.name}.` : "";
        for (const [name, text] of this.plain(type.components, value)) lines.set(`${prefix}${name}`, text);
      } else lines.set(types.length > 1 ? type.name : "", this.write(value));
    }
    return lines;
  }

  /** A value as text. A contract of the city is called by its name. */
  write(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map((one) => this.write(one)).join(" ")}]`;
    return typeof value === "string" ? (this.#names.get(value.toLowerCase()) ?? value) : String(value);
  }

  /** Lines of many things: each tells its own, which are put behind its key. Zeros are left out. */
  async each<Item>(
    items: readonly Item[],
    keyOf: (item: Item) => string,
    read: (item: Item) => Promise<Lines>,
  ): Promise<Lines> {
    const lines = new Map<string, string>();
    for (let start = 0; start < items.length; start += AT_ONCE) {
      const part = items.slice(start, start + AT_ONCE);
      const answers = await Promise.all(part.map(read));
      for (const [index, item] of part.entries()) {
        for (const [name, text] of answers[index] ?? []) {
          if (text !== "0") lines.set(`${keyOf(item)}${name === "" ? "" : `.${name}`}`, text);
        }
      }
    }
    return lines;
  }

  /** What events of these names say, each by the values of its key fields. Of several with one key the last counts. */
  async told(contract: BaseContract, name: string, ...keys: readonly string[]): Promise<Lines> {
    const lines = new Map<string, string>();
    for (const { args, fragment } of await this.events(contract, name)) {
      const key = keys.map((field) => this.write(args[field])).join("/");
      for (const [field, text] of this.plain(fragment.inputs, args)) {
        if (!keys.includes(field)) lines.set(`${name} ${key}.${field}`, text);
      }
    }
    return lines;
  }

  async #readEvents(contract: BaseContract): Promise<LogDescription[]> {
    const address = await contract.getAddress();
    const logs = await this.#provider.getLogs({ address, fromBlock: this.fromBlock, toBlock: "latest" });
    return logs.flatMap((log) => contract.interface.parseLog(log) ?? []);
  }
}

/** Several sets of lines as one. */
export function join(...all: readonly Lines[]): Lines {
  return new Map(all.flatMap((lines) => [...lines]));
}

/** Lines with a word before each name. */
export function under(prefix: string, lines: Lines): Lines {
  return new Map([...lines].map(([name, text]) => [name === "" ? prefix : `${prefix} ${name}`, text]));
}
