/** Chromium for tests that open a page. */
import { existsSync } from "node:fs";
import process from "node:process";
import { type Browser, chromium } from "playwright-core";

/** Debian's; another can be named. */
const CHROMIUM = process.env.CIVITAS_CHROMIUM ?? "/usr/bin/chromium";
let told = false;

/** Whether there is a Chromium. If not, says so loudly, once: the tests that need it are skipped. */
export function hasChromium(): boolean {
  const found = existsSync(CHROMIUM);
  if (!found && !told) {
    console.log(`    SKIPPED: there is no Chromium at ${CHROMIUM}. Install it, or name it in CIVITAS_CHROMIUM.`);
    told = true;
  }
  return found;
}

/** Starts it without a window. */
export async function launch(): Promise<Browser> {
  // The superuser, as in containers, has no sandbox.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args });
}

/** Contrast of two colours by WCAG, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((left, right) => right - left);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(colour: string): number {
  const parts = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map((part) => Number(part) / 255);
  const [red = 0, green = 0, blue = 0] = parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
