/**
 * Words in three languages: `src/i18n/<lang>/<area>.json` is found by itself and stands under its
 * area's name, so `t("day.title")` is `title` of `day.json`. A language is loaded when it is used.
 */
import { createI18n } from "vue-i18n";

export const LANGUAGES = [
  { code: "zh-Hans", name: "简体中文" },
  { code: "zh-Hant", name: "繁體中文" },
  { code: "en", name: "English" },
] as const;
export type Language = (typeof LANGUAGES)[number]["code"];

type Words = Record<string, unknown>;
const files: Record<Language, () => Promise<{ default: Words }>> = {
  "zh-Hans": () => import("./words-zh-Hans"),
  "zh-Hant": () => import("./words-zh-Hant"),
  en: () => import("./words-en"),
};

export const i18n = createI18n({
  legacy: false, locale: "zh-Hans", fallbackLocale: false, messages: {},
  missingWarn: false, fallbackWarn: false,
});

/** The language closest to what the browser or the server says. */
export function languageOf(tag: string | null | undefined): Language {
  const low = (tag ?? "").toLowerCase();
  if (/^zh-(hant|tw|hk|mo)/.test(low)) return "zh-Hant";
  if (low.startsWith("zh")) return "zh-Hans";
  return low ? "en" : "zh-Hans";
}

export async function languageSet(code: Language): Promise<void> {
  const words = (await files[code]()).default;
  (i18n.global.setLocaleMessage as (code: string, words: Words) => void)(code, words);
  (i18n.global.locale as unknown as { value: string }).value = code;
  document.documentElement.lang = code;
  localStorage.setItem("doorstep-language", code);
}

export function languageChosen(): Language {
  return languageOf(localStorage.getItem("doorstep-language") ?? navigator.language);
}
