/** What is held of a log as plain text, for readers to whom rows that come and go are no use. It must not show it. */
import type { RowWords } from "@/lib/log/row";
import type { LogSession } from "@/lib/log/session";
import { partWords } from "./part-words";

/** So many lines are made a string at a time. */
const LINES_AT_ONCE = 10_000;

export async function plainText(session: LogSession, { stepStatus }: RowWords): Promise<Blob> {
  const { state } = session.get();
  const isWhole = state.first === 0 && state.until === null;
  const text = isWhole ? [] : [`${partWords(state)}\n\n`];
  for (const step of state.steps) {
    const from = Math.max(step.firstLine, state.first);
    const end = Math.min(step.firstLine + step.lines, state.lines);
    if (step.index > 0 && !step.away) {
      const parts = [step.name, step.command, stepStatus(step.status)];
      text.push(`\n== ${parts.filter((part) => part !== "").join(" · ")} ==\n`);
    }
    for (let line = from; line < end; line += LINES_AT_ONCE) {
      const to = Math.min(line + LINES_AT_ONCE, end) - 1;
      text.push(`${(await session.worker?.ask({ ask: "text", from: line, to })) ?? ""}\n`);
    }
  }
  return new Blob(text, { type: "text/plain;charset=utf-8" });
}
