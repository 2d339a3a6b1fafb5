// What lies below the visits: the drawn grid, the operator's PMTiles file, or a tile service.
import { addProtocol, type LayerSpecification, type SourceSpecification } from "maplibre-gl";
import { PMTiles, Protocol, TileType } from "pmtiles";
import { streetGrid } from "./street-grid";

export interface Base {
  kind: "grid" | "pmtiles" | "tiles";
  address?: string;
  attribution?: string;
}
export interface Colours {
  ground: string;
  street: string;
  water: string;
  green: string;
}
export interface Drawn {
  sources: Record<string, SourceSpecification>;
  layers: LayerSpecification[];
}
export type Box = [number, number, number, number];

export async function baseMap(base: Base, box: Box, colours: Colours, gridWords: string): Promise<Drawn> {
  if (base.kind === "pmtiles" && base.address) return operatorsFile(new URL(base.address, location.href).href, colours);
  if (base.kind === "tiles" && base.address) return pictures(base.address, base.attribution ?? "");
  const ground: LayerSpecification = { id: "ground", type: "background", paint: { "background-color": colours.ground } };
  const streets: LayerSpecification = {
    id: "streets",
    type: "line",
    source: "base",
    paint: { "line-color": colours.street, "line-width": ["interpolate", ["linear"], ["zoom"], 11, ["*", 0.6, ["get", "width"]], 16, ["*", 5, ["get", "width"]]] },
  };
  return { sources: { base: { type: "geojson", data: streetGrid(...box), attribution: gridWords } }, layers: [ground, streets] };
}

function pictures(address: string, attribution: string): Drawn {
  return {
    sources: { base: { type: "raster", tiles: [address], tileSize: 256, attribution } },
    layers: [{ id: "pictures", type: "raster", source: "base" }],
  };
}

/** A PMTiles file: pictures as they are; vector tiles with the layers of the common basemap schema,
 * without labels, which would need fonts from another place. */
async function operatorsFile(address: string, colours: Colours): Promise<Drawn> {
  const protocol = new Protocol();
  addProtocol("pmtiles", protocol.tile);
  const file = new PMTiles(address);
  protocol.add(file);
  const header = await file.getHeader();
  const url = `pmtiles://${address}`;
  if (header.tileType !== TileType.Mvt) {
    return { sources: { base: { type: "raster", url, tileSize: 256 } }, layers: [{ id: "pictures", type: "raster", source: "base" }] };
  }
  const fill = (layer: string, colour: string): LayerSpecification => ({ id: layer, type: "fill", source: "base", "source-layer": layer, paint: { "fill-color": colour } });
  const roads: LayerSpecification = {
    id: "roads",
    type: "line",
    source: "base",
    "source-layer": "roads",
    paint: { "line-color": colours.street, "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.5, 16, 5] },
  };
  return {
    sources: { base: { type: "vector", url } },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": colours.ground } },
      fill("landuse", colours.green),
      fill("water", colours.water),
      fill("buildings", colours.street),
      roads,
    ],
  };
}
