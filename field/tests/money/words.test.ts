import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GROUPS, codesOf } from "@/arithmetic/affordability";
import { DECLINED } from "@/money/declined";
import { PAGES } from "@/money/means";
import { TABLES } from "./fixtures";

type Words = { [key: string]: Words | string };
const LANGUAGES = ["zh-Hans", "zh-Hant", "en"];
const words = Object.fromEntries(LANGUAGES.map((language) => [
  language, JSON.parse(readFileSync(new URL(`../../src/i18n/${language}/money.json`, import.meta.url), "utf8")) as Words,
]));

function flat(node: Words, path = ""): [string, string][] {
  return Object.entries(node).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[path + key, value]] : flat(value, `${path}${key}.`));
}

describe("words about money", () => {
  const keys = flat(words["en"]!).map(([key]) => key).sort();

  it.each(LANGUAGES)("are whole in %s", (language) => {
    const found = flat(words[language]!);
    expect(found.map(([key]) => key).sort()).toEqual(keys);
    const places = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
    const english = new Map(flat(words["en"]!));
    for (const [key, text] of found) {
      expect(text.trim(), key).not.toBe("");
      expect(places(text), key).toEqual(places(english.get(key)!));
    }
  });

  it("name everything that the lender's tables can say", () => {
    const has = (key: string) => expect(keys).toContain(key);
    for (const way of TABLES.options.ways) {
      [`key.${way.key}`, `about.${way.key}`, `arrears.${way.arrears}`, `credit.${way.credit}`].forEach(has);
      way.missed.forEach((code) => has(`missed.${code}`));
      way.products.forEach((code) => has(`product.${code}`));
    }
    GROUPS.forEach((group) => codesOf(TABLES.spending, group).forEach((code) => has(`line.${group}.${code}`)));
    PAGES.forEach((page) => has(`means.${page}`));
    DECLINED.forEach((code) => has(`declined.${code}`));
    ["fits", "above_share", "nothing_left", "lump_sum", "not_known", "out_of_date", "other_currency"].forEach(
      (code) => has(`fit.${code}`),
    );
    ["not_this_product", "no_hardship", "not_late_enough", "can_pay_at_once", "willingness_not_stated",
      "nothing_owed", "no_term"].forEach((code) => has(`shut.${code}`));
    ["too_little", "cannot", "ends", "fits", "above_share", "lump_sum", "nothing_left", "not_known", "out_of_date",
      "other_currency", "waives", "waives_nothing", "pauses", "dearer"].forEach((code) => has(`reason.${code}`));
    ["consents", "name", "place", "order", "picture"].forEach((code) => has(`sign.fault_${code}`));
  });
});
