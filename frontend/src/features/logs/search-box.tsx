/** The search of the log viewer: pattern, options, count, next and previous. The worker does the searching. */
import { type KeyboardEvent, type RefObject, useEffect, useState } from "react";
import { IconButton } from "@/components/ui";
import { useDebounced } from "@/lib/debounce";
import { formatNumber } from "@/lib/format";
import type { LogQuery } from "@/lib/log/query";
import type { SearchState } from "@/lib/log/session";
import { t } from "@/messages";

const TYPING_MS = 150;

type Props = {
  search: SearchState | null;
  /** Whether all of the log was searched, or only the part that is held. */
  scope: "log" | "part";
  /** Index of the match in view, -1 if none. */
  at: number;
  input: RefObject<HTMLInputElement | null>;
  onQuery: (query: LogQuery | null) => void;
  onStep: (direction: 1 | -1) => void;
  onLeave: () => void;
};

export function SearchBox({ search, scope, at, input, onQuery, onStep, onLeave }: Props) {
  const [text, setText] = useState("");
  const [mode, setMode] = useState<LogQuery["mode"]>("plain");
  const [letters, setLetters] = useState<LogQuery["letters"]>("any");
  const [words, setWords] = useState<LogQuery["words"]>("any");
  const settled = useDebounced(text, TYPING_MS);
  useEffect(
    () => onQuery(settled === "" ? null : { text: settled, mode, letters, words }),
    [settled, mode, letters, words, onQuery],
  );
  function onKey(event: KeyboardEvent) {
    if (event.key === "Enter") onStep(event.shiftKey ? -1 : 1);
    if (event.key !== "Escape") return;
    setText("");
    onLeave();
  }
  return (
    <search className="flex min-w-0 grow basis-64 flex-wrap items-center gap-1 md:max-w-lg">
      <input
        ref={input}
        type="search"
        aria-label={t.logs.search}
        aria-keyshortcuts="/"
        placeholder={t.logs.searchPlaceholder}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKey}
        className="control min-w-0 grow basis-32 font-mono text-sm"
      />
      <OptionButton
        label={t.logs.exact}
        sign="Aa"
        isOn={letters === "exact"}
        onClick={() => setLetters(letters === "exact" ? "any" : "exact")}
      />
      <OptionButton
        label={t.logs.wholeWords}
        sign="abc"
        isOn={words === "whole"}
        onClick={() => setWords(words === "whole" ? "any" : "whole")}
      />
      <OptionButton
        label={t.logs.regex}
        sign=".*"
        isOn={mode === "regex"}
        onClick={() => setMode(mode === "regex" ? "plain" : "regex")}
      />
      {search && (
        <>
          <IconButton icon="up" label={t.logs.previousMatch} onClick={() => onStep(-1)} />
          <IconButton icon="down" label={t.logs.nextMatch} onClick={() => onStep(1)} />
        </>
      )}
      <span role="status" className={`tabular text-sm ${search?.problem ? "text-failed" : "text-ink-2"}`}>
        {search && outcome(search, at, scope)}
      </span>
    </search>
  );
}

function outcome({ lines, progress, problem }: SearchState, at: number, scope: Props["scope"]): string {
  if (problem) return t.logs.patternProblems[problem] ?? t.logs.badPattern(problem);
  if (lines.length > 0) return t.logs.matches(formatNumber(at + 1), formatNumber(lines.length));
  if (progress === "more") return t.logs.searching;
  return scope === "log" ? t.logs.noMatches : t.logs.noMatchesHere;
}

function OptionButton({
  label,
  sign,
  isOn,
  onClick,
}: {
  label: string;
  sign: string;
  isOn: boolean;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={isOn}
      title={label}
      onClick={onClick}
      className="target rounded font-mono text-sm text-ink-2 hover:bg-sunken aria-pressed:bg-accent-tint aria-pressed:text-accent"
    >
      {sign}
    </button>
  );
}
