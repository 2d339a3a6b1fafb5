/**
 * Calendar days as ISO text (`2026-11-23`), which sort as they follow one another
 * (`delinquency.daycount`).
 */

const DAY_MS = 86_400_000;

/** Year, month (1 to 12) and day of an ISO day. RangeError for what is no day. */
export function parted(day: string): [number, number, number] {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!found) throw new RangeError(`${day} is no day`);
  const [year, month, date] = [Number(found[1]), Number(found[2]), Number(found[3])];
  if (month < 1 || month > 12 || date < 1 || date > daysOfMonth(year, month)) {
    throw new RangeError(`${day} is no day`);
  }
  return [year, month, date];
}

/** Whether a text is an ISO day. */
export function isDay(text: unknown): text is string {
  if (typeof text !== "string") return false;
  try {
    parted(text);
    return true;
  } catch {
    return false;
  }
}

/** The day `months` later, or the month's last day where the month is too short. */
export function monthsLater(day: string, months: number): string {
  const [year, month, date] = parted(day);
  const place = year * 12 + month - 1 + months;
  const [later, of] = [Math.floor(place / 12), (place % 12) + 1];
  return written(later, of, Math.min(date, daysOfMonth(later, of)));
}

/** The day `count` calendar days later. */
export function daysLater(day: string, count: number): string {
  const [year, month, date] = parted(day);
  return new Date(Date.UTC(year, month - 1, date) + count * DAY_MS).toISOString().slice(0, 10);
}

/** Days between by 30/360 (bond basis): 360 of them are a year. */
export function thirtyDays(start: string, end: string): number {
  if (end < start) throw new RangeError(`${end} is before ${start}`);
  const [fromYear, fromMonth, fromDay] = parted(start);
  const [toYear, toMonth, toDay] = parted(end);
  const first = Math.min(fromDay, 30);
  const last = first === 30 ? Math.min(toDay, 30) : toDay;
  return (toYear - fromYear) * 360 + (toMonth - fromMonth) * 30 + last - first;
}

function daysOfMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function written(year: number, month: number, date: number): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(date)}`;
}
