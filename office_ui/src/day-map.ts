// The map of a day: routes and numbered visits over the base map. Everything on it also stands in
// the list beside it, so that screen readers skip it.
import { type GeoJSONSourceSpecification, LngLatBounds, Map as Drawing, Marker, NavigationControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import { type Base, baseMap, type Box, type Colours } from "./base-map";

type Position = [number, number];
interface Stop { visit: number; mark: string; words: string; at: Position }
interface Crew { letter: string; tone: number; stops: Stop[] }
interface Figures {
  base: Base;
  depot: Position | null;
  crews: Crew[];
  out: Position[];
  words: Record<"branch" | "grid" | "zoom_in" | "zoom_out" | "map" | "failed", string>;
}

const NOWHERE: Position = [0, 0];
setWorkerUrl(workerUrl);

export async function drawMap(place: HTMLElement): Promise<void> {
  const source = document.getElementById(place.dataset["map"]!);
  if (!source?.textContent) return;
  const figures = JSON.parse(source.textContent) as Figures;
  try {
    await draw(place, figures);
  } catch {
    place.classList.add("map-failed");
    place.textContent = figures.words.failed;
  }
  place.dataset["drawn"] = "yes";
}

async function draw(place: HTMLElement, figures: Figures): Promise<void> {
  const bounds = boundsOf(figures);
  const box: Box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  const base = await baseMap(figures.base, box, coloursOf(place), figures.words.grid);
  const map = new Drawing({
    container: place,
    style: { version: 8, sources: base.sources, layers: base.layers },
    bounds,
    fitBoundsOptions: { padding: { top: 40, bottom: 40, left: 40, right: 64 }, maxZoom: 15 },
    attributionControl: { compact: false },
    dragRotate: false,
    pitchWithRotate: false,
    cooperativeGestures: false,
    scrollZoom: false,
    fadeDuration: 0,
    locale: { "NavigationControl.ZoomIn": figures.words.zoom_in, "NavigationControl.ZoomOut": figures.words.zoom_out, "Map.Title": figures.words.map },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  await styled(map);
  for (const crew of figures.crews) route(map, place, crew, figures.depot);
  if (figures.depot) new Marker({ element: dot("map-depot", figures.words.branch) }).setLngLat(figures.depot).addTo(map);
  for (const at of figures.out) new Marker({ element: dot("map-out", "") }).setLngLat(at).addTo(map);
  for (const crew of figures.crews) for (const stop of crew.stops) marker(map, crew, stop);
}

/** A base map that cannot be drawn at all is told at once; a tile that does not come leaves a gap. */
async function styled(map: Drawing): Promise<void> {
  await new Promise<void>((ready, broken) => {
    map.once("style.load", () => ready());
    map.on("error", (event) => broken(event.error));
  });
}

function boundsOf(figures: Figures): LngLatBounds {
  const points = [...figures.crews.flatMap((crew) => crew.stops.map((stop) => stop.at)), ...(figures.depot ? [figures.depot] : []), ...figures.out];
  const first = points[0] ?? NOWHERE;
  return points.reduce((bounds, point) => bounds.extend(point), new LngLatBounds(first, first));
}

/** The way of a crew as straight lines from visit to visit: an order, not the road. */
function route(map: Drawing, place: HTMLElement, crew: Crew, depot: Position | null): void {
  if (!crew.stops.length) return;
  const way = crew.stops.map((stop) => stop.at);
  const coordinates = depot ? [depot, ...way, depot] : way;
  const data: GeoJSONSourceSpecification["data"] = { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates } };
  const id = `route-${crew.letter}`;
  map.addSource(id, { type: "geojson", data });
  map.addLayer({ id, type: "line", source: id, layout: { "line-join": "round" }, paint: { "line-color": colour(place, `--ds-tone-${crew.tone}`), "line-width": 2.5, "line-opacity": 0.85 } });
}

function marker(map: Drawing, crew: Crew, stop: Stop): void {
  const element = dot(`map-stop tone-${crew.tone}`, stop.mark);
  element.title = stop.words;
  element.addEventListener("click", () => pointOut(stop.visit));
  new Marker({ element }).setLngLat(stop.at).addTo(map);
}

function dot(classes: string, text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = classes;
  element.textContent = text;
  element.setAttribute("aria-hidden", "true");
  return element;
}

/** Shows in the list which visit was pointed at. */
function pointOut(visit: number): void {
  for (const old of document.querySelectorAll(".stop-pointed")) old.classList.remove("stop-pointed");
  const row = document.querySelector<HTMLElement>(`[data-stop="${visit}"]`);
  row?.classList.add("stop-pointed");
  row?.scrollIntoView({ block: "nearest" });
}

function coloursOf(place: HTMLElement): Colours {
  return {
    ground: colour(place, "--ds-map-ground"),
    street: colour(place, "--ds-map-street"),
    water: colour(place, "--ds-map-water"),
    green: colour(place, "--ds-map-green"),
  };
}

function colour(place: HTMLElement, name: string): string {
  return getComputedStyle(place).getPropertyValue(name).trim();
}
