/** Search over the whole pack: every word must be somewhere in a stop's texts. */
import type { Stop } from "@/types";

function texts(value: unknown, into: string[]): string[] {
  if (typeof value === "string" || typeof value === "number") into.push(String(value));
  else if (Array.isArray(value)) value.forEach((each) => texts(each, into));
  else if (value && typeof value === "object") Object.values(value).forEach((each) => texts(each, into));
  return into;
}

const folded = (text: string) => text.normalize("NFKC").toLowerCase();

/** Without the pass, the nonce and other things nobody searches for. */
function shown(stop: Stop): unknown[] {
  return [
    stop.visit, stop.case, stop.who, stop.masked, stop.place.text, stop.appointment, stop.risk, stop.briefing,
    stop.points, stop.bill, stop.documents.map((paper) => paper.words), stop.equipment, stop.police,
  ];
}

export function stopsFound(stops: readonly Stop[], asked: string): Stop[] {
  const words = folded(asked).split(/\s+/).filter(Boolean);
  if (!words.length) return [...stops];
  return stops.filter((stop) => {
    const text = folded(texts(shown(stop), []).join("\n"));
    return words.every((word) => text.includes(word));
  });
}
