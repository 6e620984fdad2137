/** A message of the daemon as a line of text, as its log would have it; nothing is shortened. No markup here. */
import type { DaemonMessage } from "@/api/types";

export function asText(messages: readonly DaemonMessage[]): string {
  return messages.map(asLine).join("\n");
}

type Keyed = { key: string; message: DaemonMessage };

/** Messages have no ids. What is opened stays so when newer ones come, hence not by place; the same may be said twice at once. */
export function keyed(messages: readonly DaemonMessage[]): Keyed[] {
  const said = new Map<string, number>();
  return messages.map((message) => {
    const line = asLine(message);
    const times = (said.get(line) ?? 0) + 1;
    said.set(line, times);
    return { key: `${times} ${line}`, message };
  });
}

function asLine({ at, level, message, fields }: DaemonMessage): string {
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${quoted(valueText(value))}`);
  return [new Date(at).toISOString(), level.toUpperCase(), message, ...pairs].join(" ");
}

/** What a field holds is the daemon's own, and may be of any shape. */
export const valueText = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);

const quoted = (text: string): string => (/^[^\s"=]+$/.test(text) ? text : JSON.stringify(text));
