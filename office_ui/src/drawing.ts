// Draws a chart from the plain figures the server wrote into a JSON block beside it.
import { BarChart, HeatmapChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { bars } from "./drawing-bars";
import { heat } from "./drawing-heat";
import { type Chart, palette } from "./drawing-words";

use([AriaComponent, BarChart, GridComponent, HeatmapChart, LegendComponent, LineChart, SVGRenderer, TooltipComponent, VisualMapComponent]);

export function draw(place: HTMLElement): void {
  const source = document.getElementById(place.dataset["chart"]!);
  if (!source?.textContent) return;
  const chart = JSON.parse(source.textContent) as Chart;
  const drawing = init(place, null, { renderer: "svg" });
  const paint = () => drawing.setOption(option(chart, place), true);
  paint();
  place.dataset["drawn"] = "yes";
  new ResizeObserver(() => {
    drawing.resize();
    paint();
  }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  drawing.on("click", (event) => {
    const address = chart.links?.[event.dataIndex];
    if (address) location.assign(address);
  });
}

function option(chart: Chart, place: HTMLElement): EChartsCoreOption {
  const colours = palette(place);
  const common: EChartsCoreOption = {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 300,
    textStyle: { fontFamily: getComputedStyle(place).fontFamily, color: colours.text },
    tooltip: { trigger: "item", renderMode: "richText", confine: true },
  };
  return { ...common, ...(chart.kind === "heat" ? heat(chart, colours, place.clientWidth) : bars(chart, colours, place.clientWidth)) };
}
