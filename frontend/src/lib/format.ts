/** Numbers, sizes, durations and times for people, by Intl. It must not render markup. */
import { t } from "@/messages";
import { locale } from "@/messages/language";

const number = new Intl.NumberFormat(locale);
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
const dateOnly = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const utc = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });
const dayOnly = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });

const WEEK_S = 7 * 86_400;

export const formatNumber = (value: number): string => number.format(value);
export const formatClock = (ms: number): string => clock.format(ms);
export const formatDay = (ms: number): string => dayOnly.format(ms);
export const formatDate = (ms: number): string => dateOnly.format(ms);
export const formatMoment = (ms: number): string => moment.format(ms);
export const formatAbsolute = (ms: number): string => t.time.localAndUtc(full.format(ms), utc.format(ms));

/** "4 min ago", "yesterday" by the calendar; a date after seven days. What has begun does not count: 59:50 is 59 min. */
export function formatRelative(ms: number, now: number): string {
  const seconds = Math.trunc((ms - now) / 1000);
  const age = Math.abs(seconds);
  if (age < 10) return t.time.now;
  if (age < 60) return inUnits(seconds, "second");
  if (age < 3600) return inUnits(Math.trunc(seconds / 60), "minute");
  if (age < 86_400) return inUnits(Math.trunc(seconds / 3600), "hour");
  if (age < WEEK_S) return inUnits(dayOf(ms) - dayOf(now), "day");
  return formatDate(ms);
}

/** Days as the wall clock counts them: some have 23 hours. */
function dayOf(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000;
}

/** Without the abbreviation's full stop: "4 min ago" reads better in a row. */
function inUnits(value: number, unit: Intl.RelativeTimeFormatUnit): string {
  return relative.format(value, unit).replace(".", "");
}

/** "850 ms", "12 s", "4 min 05 s", "1 h 02 min". */
export function formatDuration(ms: number): string {
  if (ms < 1000) return t.time.ms(Math.max(0, Math.round(ms)));
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return t.time.s(seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t.time.minS(minutes, pad(seconds % 60));
  return t.time.hMin(Math.floor(minutes / 60), pad(minutes % 60));
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Decimal units, as stores and phones show them. */
export function formatBytes(bytes: number): string {
  const step = Math.min(UNITS.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  const digits = step === 0 || value >= 100 ? 0 : 1;
  return `${value.toLocaleString(locale, { maximumFractionDigits: digits })} ${UNITS[step]}`;
}

export const shortSha = (sha: string): string => sha.slice(0, 7);

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
