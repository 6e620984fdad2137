/** The days of a chart in words, and as programs like them. */
import type { DayFigures } from "@/api/types";
import { formatDay } from "@/lib/format";

export const nameOf = ({ day }: DayFigures): string => formatDay(day * 1000);

/** In the person's own time. */
export function dateOf({ day }: DayFigures): string {
  const date = new Date(day * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
