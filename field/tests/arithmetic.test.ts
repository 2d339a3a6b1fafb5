import { describe, expect, it } from "vitest";
import { daysLater, isDay, monthsLater, thirtyDays } from "@/arithmetic/days";
import { schedule } from "@/arithmetic/schedule";
import { optionsFor } from "@/arithmetic/options";
import { longestMonths } from "@/arithmetic/proposal";
import { loanFrom, termsOf, type Terms } from "@/arithmetic/terms";
import { divideDown, divideHalfUp, plain } from "@/arithmetic/whole";
import { dayWords, languageOf, majorText, minorFrom, money, rateWords, shareWords } from "@/arithmetic/written";
import cases from "./arithmetic-cases.json";
import { answered, type CaseFile } from "./answers";

const file = cases as unknown as CaseFile;

describe("the server's answers", () => {
  it("are the phone's, to the last minor unit", () => {
    const answers = JSON.parse(JSON.stringify(answered(file))) as unknown[];
    expect(answers).toEqual(file.cases.map((each) => each.answer));
  });

  it("come within a moment for the longest plans there are", () => {
    const house = file.cases[0]!.asked.loans[0]!;
    const loan = loanFrom({
      ...house, product: "mortgage", annual_rate_ppm: 43_567, months_left: 359, dpd: 95,
      owed: [123_456_789, 5_000, 300, 700], overdue: [900_000, 5_000, 300, 700],
    });
    const means = {
      disposable: 400_000, currency: loan.currency, valid_until: "2027-01-01", willing: true,
      causes: ["job_loss", "less_income"],
    };
    const began = performance.now();
    const policy = { options: file.tables.options, spending: file.tables.spending };
    expect(optionsFor({ loans: [loan], means, on: "2026-11-23", policy }).length).toBeGreaterThan(5);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});

describe("whole numbers", () => {
  it("round half away from zero, or down", () => {
    expect([divideHalfUp(5n, 2n), divideHalfUp(-5n, 2n), divideHalfUp(4n, 3n)]).toEqual([3n, -3n, 1n]);
    expect([divideDown(-5n, 2n), divideDown(5n, 2n), divideDown(-4n, 2n)]).toEqual([-3n, 2n, -2n]);
  });

  it("are refused where they would not be exact", () => {
    expect(() => divideHalfUp(1n, 0n)).toThrow(RangeError);
    expect(() => plain(2n ** 53n)).toThrow(RangeError);
    expect(plain(2n ** 53n - 1n)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe("days", () => {
  it("keep to the month's end", () => {
    expect(monthsLater("2027-01-31", 1)).toBe("2027-02-28");
    expect(monthsLater("2027-12-31", 2)).toBe("2028-02-29");
    expect(daysLater("2026-12-31", 1)).toBe("2027-01-01");
  });

  it("count thirty to a month", () => {
    expect(thirtyDays("2026-01-31", "2026-02-28")).toBe(28);
    expect(thirtyDays("2026-01-30", "2026-03-31")).toBe(60);
    expect(() => thirtyDays("2026-02-01", "2026-01-31")).toThrow(RangeError);
  });

  it("are none where the calendar has none", () => {
    expect([isDay("2026-02-29"), isDay("2028-02-29"), isDay("2026-1-1"), isDay(null)]).toEqual([
      false, true, false, false,
    ]);
  });
});

describe("terms", () => {
  it("are refused where they cannot be, at the boundary", () => {
    const said = { kind: "extension", months: 1, first_on: "2026-12-01" };
    expect(termsOf({ ...said, months: 360 }).months).toBe(360);
    const wrong: Partial<Terms>[] = [
      { months: 0 }, { months: 361 }, { pause: 25 }, { pause: 1, smaller: 1, smaller_percent: 50 },
      { smaller: 2 }, { rate_ppm: -1 }, { waive: { principal: 10 } }, { waive: { fee: 101 } },
      { settle_percent: 0 }, { covers: "half" as "all" },
    ];
    for (const each of wrong) expect(() => termsOf({ ...said, ...each })).toThrow("BAD_TERMS");
    expect(() => schedule({
      principal: 1, annual_rate_ppm: 0, start_on: "2026-12-02", first_on: "2026-12-01", number: 1,
    })).toThrow("BAD_SCHEDULE: first_on");
  });

  it("of a card last five years at most", () => {
    const card = loanFrom({ ...file.cases[0]!.asked.loans[0]!, product: "credit_card" });
    const mortgage = { ...card, product: "mortgage" };
    expect(longestMonths([card], file.tables.options)).toBe(60);
    expect(longestMonths([card, mortgage], file.tables.options)).toBe(60);
    expect(longestMonths([mortgage], file.tables.options)).toBeGreaterThan(60);
  });
});

describe("money in writing", () => {
  it("is exact beyond what a fraction can hold", () => {
    expect(money(900_719_925_474_099_1, "CNY", "zh-Hans")).toBe("¥90,071,992,547,409.91");
    expect(money(-5, "CNY", "zh-hans")).toBe("-¥0.05");
    expect(majorText(5, "JPY")).toBe("5");
  });

  it("is read as people type it", () => {
    expect(minorFrom("1,200.5", "CNY")).toBe(120_050);
    expect(minorFrom("１２００", "CNY")).toBe(120_000);
    expect(minorFrom("12.", "CNY")).toBe(1200);
    for (const text of ["", "12.345", "-1", "1e3", "abc", "1.5 x", "9".repeat(14)]) {
      expect(minorFrom(text, "CNY")).toBeNull();
    }
    expect(minorFrom("12.5", "JPY")).toBeNull();
  });

  it("goes with rates, shares and days of the language", () => {
    expect([rateWords(43_500), rateWords(120_000), rateWords(5), rateWords(0)]).toEqual([
      "4.35%", "12%", "0.0005%", "0%",
    ]);
    expect(shareWords(804_999n)).toBe("80%");
    expect(dayWords("2026-11-23", "zh-Hant")).toBe("2026年11月23日");
    expect(["en-gb", "zh-hant", "zh", "fr"].map(languageOf)).toEqual(["en", "zh-Hant", "zh-Hans", "zh-Hans"]);
  });
});
