/** Opens the page of a day in Chromium. */
import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";

import { writePage } from "../../scripts/day/page/page.js";
import { type DayResult, liveDay } from "../../scripts/day/run.js";
import { contrast, hasChromium, launch } from "./utils/browser.js";
import { TOWN } from "./utils/day.js";

const PHONE = 390;
const DESKTOP = 1_280;
const HEIGHT = 900;

/** What a page had to say while it was open. */
interface Opened {
  readonly page: Page;
  readonly said: string[];
  readonly asked: string[];
}

describe("Page of the day", function () {
  let browser: Browser;
  let folder: string;
  let url: string;
  let result: DayResult;

  before(async function () {
    if (!hasChromium()) this.skip();
    result = await liveDay({ data: TOWN });
    folder = mkdtempSync(join(tmpdir(), "civitas-page-"));
    url = pathToFileURL(writePage(folder, result)).href;
    browser = await launch();
  });

  // With Chromium missing neither was ever made.
  after(async function () {
    if (!hasChromium()) return;
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  /** Opens the page at a width while `body` runs. */
  async function open(
    width: number,
    colorScheme: "light" | "dark",
    body: (opened: Opened) => Promise<void>,
  ): Promise<void> {
    const page = await browser.newPage({ viewport: { width, height: HEIGHT }, colorScheme });
    const said: string[] = [];
    const asked: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(error.message));
    page.on("request", (request) => asked.push(request.url()));
    try {
      await page.goto(url);
      await body({ page, said, asked });
    } finally {
      await page.close();
    }
  }

  for (const width of [PHONE, DESKTOP]) {
    it(`fits ${width} px, says nothing in the console, and asks nobody for anything`, async function () {
      await open(width, "light", async ({ asked, page, said }) => {
        for (const fold of await page.locator("summary").all()) await fold.click();
        // In a string: this is the browser's code, and the tests know no DOM.
        const widths = await page.evaluate<[number, number]>(
          "[document.documentElement.scrollWidth, Math.max(...[...document.querySelectorAll('section, header, figure')]" +
            ".map((part) => part.getBoundingClientRect().right))]",
        );
        expect(Math.max(...widths)).to.be.at.most(width);
        expect(said).to.deep.equal([]);
        expect(asked.filter((address) => !address.startsWith("data:"))).to.deep.equal([url]);
      });
    });

    it(`shows one drawing of each chart with marks at ${width} px, whose words stay inside and can be read`, async function () {
      await open(width, "light", async ({ page }) => {
        const drawings =
          await page.evaluate<{ id: string; marks: number; outside: string[]; height: number; smallest: number }[]>(
            MEASURE,
          );
        const charts = result.parts.flatMap(({ charts: own }) => own);
        const shown = width === PHONE ? "narrow" : "wide";
        const ids = drawings.map(({ id }) => id);
        expect(ids).to.include.members(charts.map(({ id }) => `${id}-${shown}`));
        expect(ids.every((id) => id.endsWith(shown))).to.equal(true);
        for (const { height, id, marks, outside, smallest } of drawings) {
          expect(marks, id).to.be.greaterThan(1);
          expect(height, id).to.be.greaterThan(60);
          expect(outside, id).to.deep.equal([]);
          // Smaller would be hard to read on a phone.
          expect(smallest, id).to.be.at.least(10);
        }
      });
    });
  }

  it("draws a chart of every kind that the day has", function () {
    const kinds = result.parts.flatMap(({ charts }) => charts.map(({ kind }) => kind));
    expect(new Set(kinds)).to.deep.equal(new Set(["health", "market", "throughDay", "flow", "rounds", "shares"]));
  });

  it("tells whoever does not see it", async function () {
    await open(DESKTOP, "light", async ({ page }) => {
      const drawings = page.locator("svg:visible");
      const count = await drawings.count();
      expect(count).to.be.greaterThan(10);
      for (const drawing of await drawings.all()) {
        const [title, text] = await Promise.all(
          [drawing.locator("title"), drawing.locator("desc")].map((one) => one.textContent()),
        );
        expect(title).to.have.length.greaterThan(3);
        expect(text).to.have.length.greaterThan(40);
      }
      expect(await page.getByRole("img").count()).to.equal(count);
      expect(await page.locator("figure").count()).to.equal(count);
      const folded = page.locator("figure details");
      expect(await folded.count()).to.equal(count);
      expect(await page.locator("figure table tbody tr").count()).to.be.greaterThan(150);
      expect(await page.locator("h1").count()).to.equal(1);
    });
  });

  it("shows every check with its two sides, and the verdict first", async function () {
    await open(DESKTOP, "light", async ({ page }) => {
      const { checks } = result.summary;
      expect(await page.locator("header .verdict strong").textContent()).to.equal(`All ${checks.length} checks hold.`);
      const rows = await page.evaluate<string[][]>(CHECKS);
      expect(rows.map(([name, left, right]) => [name, left, right])).to.have.deep.members(
        checks.map(({ left, name, right }) => [name, left, right]),
      );
    });
  });

  it("follows the reader's colour scheme, with enough contrast in both", async function () {
    const grounds = new Set<string>();
    for (const scheme of ["light", "dark"] as const) {
      await open(DESKTOP, scheme, async ({ page }) => {
        const style = (selector: string, property: string) =>
          page.evaluate<string>(
            `getComputedStyle(document.querySelector(${JSON.stringify(selector)})).getPropertyValue("${property}")`,
          );
        const ground = await style("section", "background-color");
        grounds.add(ground);
        for (const text of ["p", "figcaption p", "caption", "summary", "svg text"]) {
          const ink = await style(`section ${text}`, text === "svg text" ? "fill" : "color");
          expect(contrast(ink, ground), `${scheme}: ${text}`).to.be.at.least(4.5);
        }
      });
    }
    expect(grounds.size).to.equal(2);
  });
});

/** Of each drawing that is seen: its marks, words that leave it, its height, and its smallest words in pixels. */
const MEASURE = `[...document.querySelectorAll("figure svg")].filter((svg) => svg.getBoundingClientRect().width > 0).map((svg) => {
  const frame = svg.getBoundingClientRect();
  const words = [...svg.querySelectorAll("text")].map((text) => ({ text: text.textContent, box: text.getBoundingClientRect(), size: parseFloat(getComputedStyle(text).fontSize) }));
  const scale = frame.width / svg.viewBox.baseVal.width;
  return {
    id: svg.id,
    marks: [...svg.querySelectorAll("path")].filter((path) => path.getBoundingClientRect().width > 1).length,
    outside: words.filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1).map(({ text }) => text),
    height: frame.height,
    smallest: Math.min(...words.map(({ size }) => size * scale)),
  };
})`;

/** Cells of the tables of checks, row by row. */
const CHECKS = `[...document.querySelectorAll("#checks tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent))`;
