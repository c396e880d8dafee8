/** What one operation cost over the day, whole transactions. */
export interface GasUse {
  readonly count: number;
  readonly mean: bigint;
  readonly max: bigint;
  /** Things done in all transactions together, where one transaction does several. */
  readonly items?: number;
  /** Gas of all transactions over `items`, rounded down. */
  readonly perItem?: bigint;
}

/** Gathers what operations cost. */
export class GasMeter {
  readonly #uses = new Map<string, { gas: bigint[]; items: number }>();

  add(operation: string, gas: bigint, items = 1): void {
    const use = this.#uses.get(operation) ?? { gas: [], items: 0 };
    use.gas.push(gas);
    use.items += items;
    this.#uses.set(operation, use);
  }

  /** By operation, in alphabetical order. */
  get report(): Record<string, GasUse> {
    const entries = [...this.#uses].sort(([left], [right]) => (left < right ? -1 : 1));
    return Object.fromEntries(
      entries.map(([operation, { gas, items }]) => {
        const sum = gas.reduce((total, one) => total + one, 0n);
        const use = {
          count: gas.length,
          mean: sum / BigInt(gas.length),
          max: gas.reduce((most, one) => (one > most ? one : most), 0n),
        };
        return [operation, items === gas.length ? use : { ...use, items, perItem: sum / BigInt(items) }];
      }),
    );
  }
}
