/** Mass that the rules of the day come to, kept beside the chain and never read from it. Grams. */
import { type CertificateKind, certificateId, fateOf, type MassTotals } from "../../../sdk/waste/index.js";
import { Fate } from "../../../sdk/index.js";

type Sums = { -readonly [Name in keyof MassTotals]: MassTotals[Name] };

/** The day's own account of mass. */
export class MassBook {
  readonly #sums: Sums = {
    collected: 0n,
    transitGain: 0n,
    transitLoss: 0n,
    exported: 0n,
    recycled: 0n,
    recovered: 0n,
    disposed: 0n,
    processLoss: 0n,
  };
  /** By id of the certificates. */
  readonly #recycled = new Map<bigint, bigint>();

  get sums(): MassTotals {
    return { ...this.#sums };
  }

  get recycled(): ReadonlyMap<bigint, bigint> {
    return this.#recycled;
  }

  collect(grams: bigint): void {
    this.#sums.collected += grams;
  }

  /** Mass changed on the way, or was corrected. */
  change(before: bigint, after: bigint): void {
    if (after > before) this.#sums.transitGain += after - before;
    else this.#sums.transitLoss += before - after;
  }

  lose(grams: bigint): void {
    this.#sums.processLoss += grams;
  }

  /** A final operation took mass. */
  end(grams: bigint, kind: CertificateKind): void {
    const fate = fateOf(kind.op);
    if (fate === Fate.Recycled) {
      this.#sums.recycled += grams;
      const id = certificateId(kind);
      this.#recycled.set(id, (this.#recycled.get(id) ?? 0n) + grams);
    } else if (fate === Fate.Recovered) this.#sums.recovered += grams;
    else this.#sums.disposed += grams;
  }

  export(grams: bigint): void {
    this.#sums.exported += grams;
  }
}
