import type { EChartsCoreOption } from "echarts/core";
import type { Chart, Colours } from "./drawing-words";

/** A square of rows by columns; one series a row, values are shares from 0 to 1. */
export function heat(chart: Chart, colours: Colours, width: number): EChartsCoreOption {
  const cells = chart.series.flatMap((row, y) => row.values.map((value, x) => ({ value: [x, y, value], shown: row.shown[x] ?? "" })));
  const roomy = width / chart.categories.length > 48;
  const axis = { axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: colours.text, interval: 0, fontSize: roomy ? 12 : 10 }, nameTextStyle: { color: colours.quiet } };
  return {
    aria: { enabled: true },
    grid: { left: 8, right: 8, top: 28, bottom: 8, containLabel: true },
    xAxis: { type: "category", position: "top", data: chart.categories, name: chart.across, nameLocation: "middle", nameGap: 24, ...axis },
    yAxis: { type: "category", inverse: true, data: chart.series.map((row) => row.name), ...axis },
    visualMap: { show: false, min: 0, max: 1, dimension: 2, inRange: { color: [colours.from, colours.to] } },
    series: [
      {
        type: "heatmap",
        data: cells,
        itemStyle: { borderColor: colours.surface, borderWidth: 2 },
        label: { show: true, color: colours.text, fontSize: roomy ? 12 : 10, formatter: (cell: { data: { value: number[] } }) => percent(cell.data.value[2] ?? 0, roomy ? 1 : 0) },
        tooltip: { formatter: (cell: { data: { value: number[]; shown: string } }) => `${chart.series[cell.data.value[1]!]!.name} → ${chart.categories[cell.data.value[0]!]}\n${cell.data.shown}` },
      },
    ],
  };
}

function percent(share: number, digits: number): string {
  if (share === 0) return "";
  const least = 0.5 / 10 ** (digits + 2);
  return share < least ? `<${(200 * least).toFixed(digits)}%` : `${(100 * share).toFixed(digits)}%`;
}
