/** Money, days and rates as people of a language read them; the language decides, not the phone. */

import type { Language } from "./figures";

const LOCALES: Record<Language, string> = { "zh-Hans": "zh-CN", "zh-Hant": "zh-TW", en: "en-GB" };

/** The locale of a language of ours; anything unknown reads as Simplified Chinese. */
export function localeOf(language: string): string {
  return LOCALES[languageOf(language)];
}

/** A language code of any spelling (`zh-hant`, `en-GB`) as one of the three we have. */
export function languageOf(code: string): Language {
  const lower = code.toLowerCase();
  if (lower.startsWith("en")) return "en";
  return /hant|tw|hk|mo/.test(lower) ? "zh-Hant" : "zh-Hans";
}

const numbers = new Map<string, Intl.NumberFormat>();

function moneyFormat(currency: string, language: string): Intl.NumberFormat {
  const key = `${currency} ${language}`;
  const known = numbers.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(localeOf(language), { style: "currency", currency });
  numbers.set(key, made);
  return made;
}

/** How many decimals a currency has. */
export function minorDigits(currency: string): number {
  return moneyFormat(currency, "en").resolvedOptions().maximumFractionDigits ?? 2;
}

/** Money with its sign and thousands: 123456 CNY -> ¥1,234.56. Exact: the figures are put in place
 * as text, never divided. */
export function money(minor: number, currency: string, language: string): string {
  const text = majorText(minor, currency);
  return moneyFormat(currency, language).format(text as unknown as number);
}

/** Plain decimal text without grouping: 123456 CNY -> 1234.56. */
export function majorText(minor: number, currency: string): string {
  const digits = minorDigits(currency);
  const sign = minor < 0 ? "-" : "";
  const figures = String(Math.abs(minor)).padStart(digits + 1, "0");
  if (!digits) return sign + figures;
  return `${sign}${figures.slice(0, -digits)}.${figures.slice(-digits)}`;
}

/** Minor units of an amount as people type it; null for what is none. Full-width figures, spaces
 * and thousands commas are understood; more decimals than the currency has are not. */
export function minorFrom(text: string, currency: string): number | null {
  const plain = text.normalize("NFKC").replace(/[\s,']/g, "");
  const found = /^(\d{1,13})(?:\.(\d*))?$/.exec(plain);
  const digits = minorDigits(currency);
  if (!found || (found[2] ?? "").length > digits) return null;
  const minor = Number(found[1]! + (found[2] ?? "").padEnd(digits, "0"));
  return Number.isSafeInteger(minor) ? minor : null;
}

/** A day in full, as people of the language write it. */
export function dayWords(day: string, language: string): string {
  const format = new Intl.DateTimeFormat(localeOf(language), { dateStyle: "long", timeZone: "UTC" });
  return format.format(new Date(`${day}T00:00:00Z`));
}

/** Parts per million as a percentage without needless noughts: 43500 -> 4.35%. */
export function rateWords(ppm: number): string {
  const figures = String(ppm).padStart(5, "0");
  const rest = figures.slice(-4).replace(/0+$/, "");
  return `${figures.slice(0, -4)}${rest ? `.${rest}` : ""}%`;
}

/** Parts per million as a whole percentage, rounded half up. */
export function shareWords(ppm: bigint): string {
  return `${(ppm + 5_000n) / 10_000n}%`;
}

/** The name of a currency and its code. */
export function currencyWords(currency: string, language: string): string {
  const name = new Intl.DisplayNames(localeOf(language), { type: "currency" }).of(currency);
  return `${name} (${currency})`;
}
