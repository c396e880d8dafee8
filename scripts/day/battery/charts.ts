/** What is drawn of the batteries: states of health as the laboratory certified them on the chain. */
import type { HealthChart, HealthPoint, Tile } from "../charts.js";
import { writeEuro, writeWhole } from "../money.js";
import { tableOf } from "../table.js";

const SECONDS_PER_DAY = 86_400;
const BP_PER_PERCENT = 100;
const DECIMALS = 2;

/** A certified state of health. */
export interface Certified {
  /** Unix time of the test. */
  readonly at: bigint;
  /** Basis points. */
  readonly sohBp: bigint;
}

/** A pack with its certificates, in order. */
export interface CertifiedPack {
  readonly id: string;
  readonly certified: readonly Certified[];
  readonly course: string;
}

/** States of health over the days since each pack's first certificate. */
export function healthChart(packs: readonly CertifiedPack[], guaranteeBp: bigint): HealthChart {
  const lines = packs.map(({ certified, id }) => {
    const start = certified[0]?.at ?? 0n;
    const points = certified.map(({ at, sohBp }): HealthPoint => {
      return [Number(at - start) / SECONDS_PER_DAY, Number(sohBp) / BP_PER_PERCENT];
    });
    const falls = certified.flatMap(({ sohBp }, index) => {
      const before = certified[index - 1]?.sohBp ?? guaranteeBp;
      const point = points[index];
      return sohBp < guaranteeBp && before >= guaranteeBp && point !== undefined ? [point] : [];
    });
    return { name: id, points, below: falls };
  });
  const guarantee = Number(guaranteeBp) / BP_PER_PERCENT;
  const fallen = lines.filter(({ below }) => below.length > 0).length;
  return {
    kind: "health",
    id: "battery-health",
    title: "State of health against the guarantee",
    text:
      `Each line is a pack: its state of health, as certified on the chain, over the days since its first certificate. ` +
      `The dashed line is the guarantee of ${guarantee} %. ${fallen} of ${lines.length} packs fell below it; ` +
      "a dot marks where.",
    guarantee,
    lines,
    table: tableOf(
      [
        { head: "Pack" },
        ...["Certificates", "Days", "First", "Last", "Lowest"].map((head) => ({ head, right: true })),
        { head: "Fell below the guarantee" },
        { head: "Course of the lease" },
      ],
      lines.map(({ below, name, points }, index) => {
        const values = points.map(([, percent]) => percent);
        return [
          name,
          writeWhole(points.length),
          writeWhole(Math.round(points.at(-1)?.[0] ?? 0)),
          ...[values[0], values.at(-1), Math.min(...values)].map(writePercent),
          below.map(([day, percent]) => `day ${Math.floor(day)}, ${writePercent(percent)}`).join("; ") || "never",
          packs[index]?.course ?? "",
        ];
      }),
    ),
  };
}

function writePercent(percent: number | undefined): string {
  return percent === undefined || !Number.isFinite(percent) ? "" : `${percent.toFixed(DECIMALS)} %`;
}

/** The batteries' few figures. */
export function batteryTiles(figures: {
  readonly packs: number;
  readonly readings: number;
  readonly rent: bigint;
  readonly abated: bigint;
}): Tile[] {
  return [
    { label: "packs leased", value: writeWhole(figures.packs) },
    { label: "readings accepted", value: writeWhole(figures.readings) },
    { label: "euro of rent earned", value: writeEuro(figures.rent) },
    { label: "euro of rent abated", value: writeEuro(figures.abated) },
  ];
}
