import { describe, expect, it } from "vitest";

type Words = { [key: string]: string | Words };
const files = import.meta.glob<Words>("../src/i18n/*/*.json", { eager: true, import: "default" });
const LANGUAGES = ["zh-Hans", "zh-Hant", "en"];
const HURTFUL = /老赖|老賴|催命|施压|施壓|催收|欠债还钱|欠債還錢|失信人|曝光|deadbeat|debtor|delinquent|harass|threaten to/i;

function leaves(words: Words, under = ""): [key: string, text: string][] {
  return Object.entries(words).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[`${under}${key}`, value]] : leaves(value, `${under}${key}.`));
}

function areaOf(path: string): string {
  return path.split("/").at(-1)!;
}

const areas = [...new Set(Object.keys(files).map(areaOf))];
const of = (language: string, area: string) => leaves(files[`../src/i18n/${language}/${area}`] ?? {});
const places = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]))].sort();

describe.each(areas)("the words of %s", (area) => {
  it("are there in all three languages", () => {
    const keys = LANGUAGES.map((language) => of(language, area).map(([key]) => key).sort());
    expect(keys[0]!.length).toBeGreaterThan(0);
    expect(keys[1]).toEqual(keys[0]);
    expect(keys[2]).toEqual(keys[0]);
  });

  it("name the same things in all three languages", () => {
    const english = new Map(of("en", area));
    for (const language of ["zh-Hans", "zh-Hant"]) {
      for (const [key, text] of of(language, area)) {
        expect([key, places(text)]).toEqual([key, places(english.get(key) ?? "")]);
      }
    }
  });

  it("hurt nobody, are not empty, and read in their own script", () => {
    for (const language of LANGUAGES) {
      for (const [key, text] of of(language, area)) {
        expect(`${key} ${text}`).not.toMatch(HURTFUL);
        expect(text.trim()).not.toBe("");
        if (language === "en") expect(`${key} ${text}`).not.toMatch(/[\u4e00-\u9fff]/);
      }
    }
  });

  it("are none that the message format would misread", () => {
    for (const language of LANGUAGES) {
      for (const [key, text] of of(language, area)) expect(`${key} ${text}`).not.toMatch(/@|\|(?! )|(?<! )\|/);
    }
  });
});
