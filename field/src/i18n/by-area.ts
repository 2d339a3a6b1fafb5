/** Files by their area: `./en/day.json` stands under `day`. */
export function byArea(files: Record<string, Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(files).map(([path, words]) => [path.split("/").at(-1)!.replace(".json", ""), words]),
  );
}
