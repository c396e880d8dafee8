/** Parts of the page as HTML. Whatever comes from data is escaped here and nowhere else. */
import type { Chart, Tile } from "../charts.js";
import type { Line, Report, TableData } from "../table.js";
import { variable } from "./colours.js";
import { type Key, keyOf, planOf } from "./draw.js";
import { drawSvg } from "./svg.js";

/** Tables with more rows are folded. */
const OPEN_ROWS = 14;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that HTML reads as text. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? "");
}

/** A table that scrolls by itself where it is too wide. */
export function tableHtml({ columns, rows }: TableData, caption: string): string {
  const sides = columns.map(({ right }) => (right === true ? ' class="num"' : ""));
  const head = columns.map(({ head: name }, place) => `<th scope="col"${sides[place] ?? ""}>${escape(name)}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, place) =>
      place === 0
        ? `<th scope="row"${sides[0] ?? ""}>${escape(cell)}</th>`
        : `<td${sides[place] ?? ""}>${escape(cell)}</td>`,
    );
    return `<tr>${cells.join("")}</tr>`;
  });
  return (
    `<div class="scroll" role="region" tabindex="0" aria-label="${escape(caption)}"><table>` +
    `<caption><span>${escape(caption)}</span></caption><thead><tr>${head.join("")}</tr></thead>` +
    `<tbody>\n${body.join("\n")}\n</tbody></table></div>`
  );
}

/** Something that is folded until it is asked for. */
export function foldHtml(name: string, content: string, isOpen = false): string {
  return `<details${isOpen ? " open" : ""}><summary>${escape(name)}</summary>\n${content}\n</details>`;
}

/** A part's report without its title. */
export function reportHtml(report: Report, title: string): string {
  const lines = report.slice(1);
  return lines
    .flatMap((line, place): string[] => {
      if (typeof line !== "string") return [captionedHtml(line, lines[place - 1], title)];
      if (line === "" || typeof (lines[place + 1] ?? "") !== "string") return [];
      return [`<p>${escape(line)}</p>`];
    })
    .join("\n");
}

function captionedHtml(table: TableData, before: Line | undefined, title: string): string {
  const caption = typeof before === "string" && before !== "" ? before : title;
  const html = tableHtml(table, caption);
  return table.rows.length > OPEN_ROWS ? foldHtml(`${caption} (${table.rows.length} rows)`, html) : html;
}

/** A chart, drawn for both widths, with its key and its figures. */
export function chartHtml(chart: Chart): string {
  const title = escape(chart.title);
  const text = escape(chart.text);
  const drawing = (width: "wide" | "narrow"): string => {
    const { option, size } = planOf(chart, width);
    return `<div class="${width}">${drawSvg(`${chart.id}-${width}`, title, text, option, size)}</div>`;
  };
  return [
    `<figure id="${chart.id}" class="${chart.kind}">`,
    `<figcaption><h3>${title}</h3><p>${text}</p></figcaption>`,
    keyHtml(keyOf(chart)),
    drawing("wide"),
    drawing("narrow"),
    foldHtml("The figures as a table", tableHtml(chart.table, chart.title)),
    "</figure>",
  ].join("\n");
}

function keyHtml(keys: readonly Key[]): string {
  if (keys.length === 0) return "";
  const entry = ({ colour, name, shape }: Key): string =>
    `<li><span class="${shape}" style="--mark:${variable(colour)}"></span>${escape(name)}</li>`;
  return `<ul class="key">${keys.map(entry).join("")}</ul>`;
}

/** Figures shown large. */
export function tilesHtml(tiles: readonly Tile[]): string {
  if (tiles.length === 0) return "";
  const entry = ({ label, value }: Tile): string => `<div><dd>${escape(value)}</dd><dt>${escape(label)}</dt></div>`;
  return `<dl class="tiles">${tiles.map(entry).join("")}</dl>`;
}
