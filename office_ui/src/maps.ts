// Finds the maps of a page and draws them. The map library is only loaded where there is one.

export function startMaps(root: ParentNode): void {
  const places = [...root.querySelectorAll<HTMLElement>("[data-map]:not([data-drawn])")];
  if (!places.length) return;
  for (const place of places) place.dataset["drawn"] = "waiting";
  void import("./day-map").then(({ drawMap }) => places.forEach((place) => void drawMap(place)));
}
