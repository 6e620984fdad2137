/** The shapes in which lines of a log are copied. Plain text in, plain text out. */
import type { Build } from "@/api/types";
import { subjectOf } from "@/components/builds";
import { currentRuntime, pageAddress } from "@/lib/instances/current";
import type { LogPlace } from "@/lib/log/messages";
import { t } from "@/messages";
import { placeHash } from "./place";

export function numbered(text: string, { from }: LogPlace): string {
  const lines = text.split("\n");
  const width = String(from + lines.length - 1).length;
  return lines.map((line, index) => `${String(from + index).padStart(width)}  ${line}`).join("\n");
}

/** What comes after it in a terminal has its own colours. */
export const coloured = (text: string): string => (text.includes("\x1b[") ? `${text}\x1b[0m` : text);

/** For an issue or a chat: the build, the place with its link, the lines in a fence. */
export function logAsMarkdown(build: Build, place: LogPlace, text: string): string {
  const title = `${t.builds.number(build.build_number)} ${subjectOf(build)}`;
  const where = t.logs.markdownPlace(place.step, place.from, place.to);
  return `**${escaped(title)}**: [${escaped(where)}](${addressOf(build, place)})\n\n${fenced(text)}\n`;
}

function addressOf(build: Build, place: LogPlace): string {
  const search = place.step ? `?step=${encodeURIComponent(place.step)}` : "";
  return pageAddress(currentRuntime().instance, `/builds/${build.id}${search}#${placeHash(place)}`);
}

const escaped = (text: string): string => text.replace(/[\\`*_[\]<>]/g, "\\$&");

/** Longer than any run of backticks in the text, which would end it. */
function fenced(text: string): string {
  const runs = [...text.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = "`".repeat(Math.max(3, ...runs.map((length) => length + 1)));
  return `${fence}\n${text}\n${fence}`;
}
