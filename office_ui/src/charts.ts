// Finds the charts of a page and draws them. The drawing library is only loaded where there is one.

export function startCharts(root: ParentNode): void {
  const places = [...root.querySelectorAll<HTMLElement>("[data-chart]:not([data-drawn])")];
  if (!places.length) return;
  for (const place of places) place.dataset["drawn"] = "waiting";
  void import("./drawing").then(({ draw }) => places.forEach(draw));
}
