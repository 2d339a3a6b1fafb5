import type { EChartsCoreOption } from "echarts/core";
import { type Chart, type Colours, type Series, short } from "./drawing-words";

/** Upright bars over categories, side by side or stacked. */
export function bars(chart: Chart, colours: Colours, width: number): EChartsCoreOption {
  const several = chart.series.length > 1;
  const roomy = width / chart.categories.length > 54;
  return {
    aria: { enabled: true, decal: { show: several } },
    grid: { left: 8, right: 8, top: several ? 52 : 32, bottom: chart.across ? 24 : 4, containLabel: true },
    legend: { show: several, top: 0, left: 0, icon: "rect", itemWidth: 12, itemHeight: 12, textStyle: { color: colours.text } },
    xAxis: {
      type: "category",
      data: chart.categories,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.text, interval: 0, fontSize: 11, lineHeight: 15, formatter: roomy ? undefined : firstLine },
      name: chart.across,
      nameLocation: "middle",
      nameGap: roomy ? 38 : 24,
      nameTextStyle: { color: colours.quiet },
    },
    yAxis: {
      type: "value",
      name: chart.up,
      nameTextStyle: { color: colours.quiet, align: "right" },
      axisLabel: { color: colours.quiet, formatter: short },
      splitLine: { lineStyle: { color: colours.line } },
    },
    series: chart.series.map((series, at) => one(series, at, chart, colours)),
  };
}

function one(series: Series, at: number, chart: Chart, colours: Colours): EChartsCoreOption {
  return {
    type: "bar",
    name: series.name,
    stack: chart.stacked ? "all" : undefined,
    barMaxWidth: 44,
    cursor: chart.links ? "pointer" : "default",
    itemStyle: { color: colours.tones[series.tone ?? at], borderRadius: chart.stacked ? 0 : [3, 3, 0, 0] },
    data: series.values,
    tooltip: { formatter: (tip: { dataIndex: number; name: string }) => `${tip.name.replace("\n", " · ")} · ${series.name}\n${series.shown[tip.dataIndex]}` },
  };
}

function firstLine(category: string): string {
  return category.split("\n")[0] ?? category;
}
