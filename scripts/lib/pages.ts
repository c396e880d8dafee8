/** Pages with computed parts. */

/** A table in the way Prettier writes one. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number>,
): string {
  const widths = head.map((cell, index) => Math.max(3, cell.length, ...rows.map((row) => (row[index] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => (right.has(index) ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, index) => (right.has(index) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/**
 * A page with its computed parts written anew: each stands between `<!-- begin: NAME -->` and `<!-- end: NAME -->`.
 *
 * @throws Error if a part has no place in the page, or a place no part.
 */
export function fillPage(page: string, parts: Readonly<Record<string, string>>): string {
  const filled = new Set<string>();
  const text = page.replace(/<!-- begin: (\w+) -->\n[^]*?<!-- end: \1 -->/g, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`nothing computes the part ${name} of the page`);
    filled.add(name);
    return `<!-- begin: ${name} -->\n\n${part}\n\n<!-- end: ${name} -->`;
  });
  const left = Object.keys(parts).filter((name) => !filled.has(name));
  if (left.length > 0) throw new Error(`the page has no place for ${left.join(", ")}`);
  return text;
}
