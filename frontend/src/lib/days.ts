/** Days of the calendar as addresses and date fields write them: YYYY-MM-DD, in the reader's own time zone. */

/** Whether there is such a day. */
export function isDay(text: string | undefined): text is string {
  return text !== undefined && dayOf(Date.parse(`${text}T12:00:00`)) === text;
}

/** The day that a moment (unix ms) is in, or one so many days later. */
export function dayOf(ms: number, later = 0): string {
  const date = new Date(ms);
  // By the calendar: some days have 23 hours.
  date.setDate(date.getDate() + later);
  const digits = (value: number, count: number) => String(value).padStart(count, "0");
  return `${digits(date.getFullYear(), 4)}-${digits(date.getMonth() + 1, 2)}-${digits(date.getDate(), 2)}`;
}

/** Its first and its last second, in unix seconds. */
export const beginOf = (day: string | undefined) => secondAt(day, "00:00:00");
export const endOf = (day: string | undefined) => secondAt(day, "23:59:59");

function secondAt(day: string | undefined, clock: string): number | undefined {
  return day === undefined ? undefined : Math.floor(Date.parse(`${day}T${clock}`) / 1000);
}
