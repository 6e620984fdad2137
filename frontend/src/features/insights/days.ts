/** The days of a chart in words, and as programs like them. */
import type { DayFigures } from "@/api/types";
import { dayOf } from "@/lib/days";
import { formatDay } from "@/lib/format";

export const nameOf = ({ day }: DayFigures): string => formatDay(day * 1000);

/** In the person's own time. */
export const dateOf = ({ day }: DayFigures): string => dayOf(day * 1000);
