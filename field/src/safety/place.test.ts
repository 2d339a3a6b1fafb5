import { describe, expect, it } from "vitest";
import { metres } from "@/safety/place";
import { tel } from "@/safety/tel";

describe("a distance", () => {
  it("is measured as the server measures", () => {
    const here = { latitude: 31.2, longitude: 121.5 };
    expect(metres(here, here)).toBe(0);
    expect(metres(here, { latitude: 32.2, longitude: 121.5 })).toBeCloseTo(111_195.08, 1);
    expect(metres({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 180 })).toBeCloseTo(20_015_114.44, 1);
  });
});

describe("a telephone number as a link", () => {
  it.each([
    ["110", "tel:110"],
    ["+86 (10) 1234-5678", "tel:+861012345678"],
    ["*31#139 0000", "tel:*31#1390000"],
    ["", "tel:"],
  ])("%s", (number, link) => expect(tel(number)).toBe(link));
});
