/**
 * Colours of charts. ECharts writes colours as they are, and the page has two schemes; so charts are drawn with one mark a
 * name, which becomes the style sheet's variable of that name.
 */

/** Names of the variables in page.css. */
const names = [
  "ink",
  "quiet",
  "line",
  "ground",
  "alarm",
  "better",
  "worse",
  "recycled",
  "recovered",
  "disposed",
  "exported",
  "lost",
  "open",
  "c0",
  "c1",
  "c2",
  "c3",
  "c4",
  "c5",
  "c6",
  "c7",
] as const;

/** Name of a colour. */
export type Colour = (typeof names)[number];

const SERIES: readonly Colour[] = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"];
/** A colour that no chart has by itself. */
const MARK = "#c1f0";
const HEX = 16;
const MARK_PATTERN = new RegExp(`${MARK}([\\da-f]{2})`, "gi");
const ANY_COLOUR = /#[\da-f]{3,8}\b|\brgba?\([^)]*\)/gi;

/** The mark that stands for a colour while a chart is drawn. */
export function colour(name: Colour): string {
  return MARK + names.indexOf(name).toString(HEX).padStart(2, "0");
}

/** Colour of a series by its place; the last one is for all that are left. */
export function seriesColour(place: number): Colour {
  return SERIES[Math.min(place, SERIES.length - 1)] ?? "quiet";
}

/** Number of series that have a colour of their own. */
export const SERIES_COLOURS = SERIES.length;

/** Puts the page's variables in the place of marks. */
export function withVariables(svg: string): string {
  return svg.replace(MARK_PATTERN, (_mark, index: string) => variable(names[Number.parseInt(index, HEX)] ?? "ink"));
}

/** Colours in a drawing that only one scheme would know. */
export function strangeColours(svg: string): string[] {
  return svg.match(ANY_COLOUR) ?? [];
}

/** A colour in a style of the page. */
export function variable(name: Colour): string {
  return `var(--${name})`;
}
