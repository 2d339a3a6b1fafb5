import { describe, expect, it } from "vitest";
import { aStop } from "../../tests/store";
import { progressOf } from "@/day/progress";
import { stopsFound } from "@/day/search";
import { blockOf, frameOf, placed, SIZE, streets } from "@/day/street-grid";
import { metres } from "@/safety/place";
import type { KnownEvent } from "@/types";

describe("search over the pack", () => {
  const stops = [aStop(), aStop({ visit: 8, who: "Chen Li", masked: "C*", place: { ...aStop().place, text: "Ｎanjing Road 5" }, briefing: [] })];
  it.each([
    ["", [7, 8]], ["  ", [7, 8]], ["王", [7]], ["夜班 和平", [7]], ["夜班 nanjing", []], ["nanjing", [8]], ["CHEN", [8]],
  ])("%j finds %j", (asked, found) => expect(stopsFound(stops, asked).map(({ visit }) => visit)).toEqual(found));

  it("does not look into what nobody reads", () => {
    expect(stopsFound([aStop({ recording: { nonce: "secretnonce" } })], "secretnonce")).toEqual([]);
  });
});

describe("the street grid", () => {
  const [south, north] = [{ latitude: 31.2, longitude: 121.4 }, { latitude: 31.22, longitude: 121.42 }];

  it("keeps directions and distances", () => {
    const frame = frameOf([south, north])!;
    const [a, b] = [placed(frame, south), placed(frame, north)];
    expect(a.x).toBeLessThan(b.x);
    expect(a.y).toBeGreaterThan(b.y);
    const drawn = Math.hypot(a.x - b.x, a.y - b.y) * ((2 * frame.reach) / SIZE);
    expect(drawn / metres(south, north)).toBeCloseTo(1, 2);
    for (const { x, y } of [a, b]) expect(Math.min(x, y, SIZE - x, SIZE - y)).toBeGreaterThan(0);
  });

  it("shows a single place, and nothing without one", () => {
    expect(frameOf([])).toBeNull();
    expect(placed(frameOf([south])!, south)).toEqual({ x: SIZE / 2, y: SIZE / 2 });
  });

  it.each([[400, 100], [2400, 500], [20_000, 5000], [900_000, 200_000]])("has round blocks: %i m → %i m", (reach, block) => {
    expect(blockOf(reach)).toBe(block);
    expect(streets({ centre: south, reach }).length).toBeLessThan(30);
  });
});

describe("how far a stop is", () => {
  const event = (topic: string, body = {}): KnownEvent => ({
    event: { id: topic, visit: 7, kind: topic.startsWith("step") ? "step" : (topic as "report"), topic, after: null, at: "", clock_at: "", number: 1, body },
    own: true, state: "applied", code: "", message: "",
  });
  const arrived = event("step:arrive", { how: "done" });
  it.each([
    [[], false, "planned"], [[event("step:on_my_way", { how: "done" })], false, "on_the_way"],
    [[event("step:on_my_way", { how: "skipped" })], false, "planned"], [[arrived], false, "at_door"],
    [[], true, "withdrawn"], [[arrived], true, "at_door"], [[arrived, event("leave_now")], false, "left"],
    [[arrived, event("leave_now"), event("report")], true, "reported"],
    [[{ ...event("report"), state: "refused" as const }], false, "planned"],
  ] as const)("case %#", (events, void_, progress) => expect(progressOf(events, void_)).toBe(progress));
});
