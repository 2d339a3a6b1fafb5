/** Amounts of money in words, as contracts write them beside the figures (`agreements.figures`). */

export type Language = "zh-Hans" | "zh-Hant" | "en";

const MOST = 10n ** 14n;
const DIGITS = { "zh-Hans": "零壹贰叁肆伍陆柒捌玖", "zh-Hant": "零壹貳參肆伍陸柒捌玖" };
const GROUPS = { "zh-Hans": ["", "万", "亿"], "zh-Hant": ["", "萬", "億"] };
const PLACES = ["", "拾", "佰", "仟"];
const CURRENCIES: Record<Language, Record<string, string>> = {
  "zh-Hans": { CNY: "人民币", HKD: "港币", TWD: "新台币", USD: "美元" },
  "zh-Hant": { CNY: "人民幣", HKD: "港幣", TWD: "新臺幣", USD: "美元" },
  en: { CNY: "yuan", HKD: "Hong Kong dollars", TWD: "New Taiwan dollars", USD: "dollars" },
};
const SMALL = (
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen " +
  "sixteen seventeen eighteen nineteen"
).split(" ");
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const GROUPS_EN = ["", " thousand", " million", " billion"];

/** An amount of hundredths in words; "" for a currency whose words we do not have. RangeError below
 * nought and from 10^12 whole units on. */
export function amountInWords(minor: number, currency: string, language: Language): string {
  if (minor < 0 || BigInt(minor) >= MOST) throw new RangeError("an amount from nought to 10^12");
  const name = CURRENCIES[language][currency];
  if (name === undefined) return "";
  const [whole, cents] = [Math.floor(minor / 100), minor % 100];
  if (language === "en") {
    const rest = cents ? `${name} and ${String(cents).padStart(2, "0")}/100` : `${name} only`;
    return `${english(whole)} ${rest}`;
  }
  return name + chinese(whole, cents, DIGITS[language], GROUPS[language]);
}

function chinese(whole: number, cents: number, digits: string, groups: readonly string[]): string {
  const [tenth, hundredth] = [Math.floor(cents / 10), cents % 10];
  let words = whole ? `${grouped(whole, digits, groups)}元` : "";
  if (!cents) return `${words || `${digits[0]}元`}整`;
  if (whole && (!tenth || whole % 10 === 0)) words += digits[0];
  if (tenth) words += `${digits[tenth]}角`;
  return words + (hundredth ? `${digits[hundredth]}分` : "整");
}

/** Groups of four figures from the left; one nought for a gap between two of them. */
function grouped(number: number, digits: string, groups: readonly string[]): string {
  let [words, gap] = ["", false];
  for (let power = groups.length - 1; power >= 0; power -= 1) {
    const group = Math.floor(number / 10_000 ** power) % 10_000;
    if (!group) {
      gap ||= words !== "";
      continue;
    }
    if (words && (gap || group < 1000)) words += digits[0];
    words += four(group, digits) + groups[power];
    gap = false;
  }
  return words;
}

function four(group: number, digits: string): string {
  let [words, gap] = ["", false];
  for (let power = 3; power >= 0; power -= 1) {
    const figure = Math.floor(group / 10 ** power) % 10;
    if (!figure) {
      gap = words !== "";
      continue;
    }
    words += (gap ? digits[0] : "") + digits[figure]! + PLACES[power];
    gap = false;
  }
  return words;
}

function english(number: number): string {
  if (number < 1000) return hundreds(number);
  const parts: string[] = [];
  for (let [left, power] = [number, 0]; left; left = Math.floor(left / 1000), power += 1) {
    if (left % 1000) parts.unshift(hundreds(left % 1000) + GROUPS_EN[power]);
  }
  return parts.join(" ");
}

function hundreds(number: number): string {
  if (number >= 100) {
    const rest = number % 100 ? ` and ${hundreds(number % 100)}` : "";
    return `${SMALL[Math.floor(number / 100)]} hundred${rest}`;
  }
  if (number < 20) return SMALL[number]!;
  return TENS[Math.floor(number / 10) - 2]! + (number % 10 ? `-${SMALL[number % 10]}` : "");
}
