/** Draws a chart without a browser, for a place on the page. */
import { BarChart, LineChart, SankeyChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, MarkPointComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { EChartsOption } from "echarts";

import { withVariables } from "./colours.js";

use([BarChart, LineChart, SankeyChart, GridComponent, MarkLineComponent, MarkPointComponent, SVGRenderer]);

/** Width and height of a drawing, px. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Draws a chart as SVG for HTML, in the page's colours and font.
 *
 * @param id - Names the drawing; what it refers to inside is named after it.
 * @param title - Its name for whoever does not see it, with a description, both as HTML.
 */
export function drawSvg(id: string, title: string, text: string, option: EChartsOption, size: Size): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  chart.setOption({ animation: false, ...option });
  const drawn = chart.renderToSVGString({ useViewBox: true });
  chart.dispose();
  const names = `<title id="${id}-title">${title}</title><desc id="${id}-desc">${text}</desc>`;
  return withVariables(withoutTraces(drawn, id)).replace(
    /^<svg[^>]*>/,
    `<svg id="${id}" viewBox="0 0 ${size.width} ${size.height}" role="img" ` +
      `aria-labelledby="${id}-title ${id}-desc">${names}`,
  );
}

/**
 * Leaves out what only a page with scripts needs, what would differ from one drawing of a chart to the next, and parts of a
 * pixel that nobody sees.
 */
function withoutTraces(svg: string, id: string): string {
  return svg
    .replace(/<style[\s\S]*?<\/style>/g, "")
    .replace(/ (?:class|ecmeta_\w+|xml:space)="[^"]*"/g, "")
    .replace(/font-family:[^;"]*;?/g, "")
    .replace(/\bzr\d+-/g, `${id}-`)
    .replace(/<[^>]+>/g, (tag) => tag.replace(/(\d+\.\d{2})\d+/g, "$1"));
}
