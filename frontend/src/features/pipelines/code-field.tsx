/**
 * A text box for code: line numbers, what is wrong beside its line, and Tab that indents. The text lies in a plain text area, with
 * the browser's own undo, search and spelling of keys; behind it the same lines carry numbers and messages, so that both have
 * one size and scroll as one.
 */
import { type KeyboardEvent, memo, type Ref, useImperativeHandle, useMemo, useRef } from "react";
import { INDENT, indentationAfter, type Selection, shifted } from "./code-keys";

/** `column` counts characters from 1; without a line the whole text is meant. */
export type Mark = { line?: number | null; column?: number | null; message: string };

/** Moves the focus to a place in the text, or replaces all of it in a way that can be undone. */
export type CodeHandle = { goTo: (line: number, column: number) => void; replace: (text: string) => void };

type Props = {
  label: string;
  value: string;
  /** While what was typed is on its way: then keys change nothing. */
  readOnly: boolean;
  onChange: (value: string) => void;
  marks: readonly Mark[];
  invalid: boolean;
  describedBy: string;
  ref?: Ref<CodeHandle>;
};

export function CodeField({ label, value, readOnly, onChange, marks, invalid, describedBy, ref }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const lineList = useRef<HTMLDivElement>(null);
  const isLeaving = useRef(false);
  const lines = useMemo(() => value.split("\n"), [value]);
  const marked = useMemo(() => byLine(marks), [marks]);

  useImperativeHandle(ref, () => ({
    goTo(line, column) {
      const before = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
      const within = [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
      area.current?.focus({ preventScroll: true });
      area.current?.setSelectionRange(before + within, before + within);
      lineList.current?.children[line - 1]?.scrollIntoView({ block: "center" });
    },
    replace(text) {
      if (area.current) edit(area.current, { from: 0, to: area.current.value.length, text }, onChange);
    },
  }));

  function press(event: KeyboardEvent<HTMLTextAreaElement>) {
    const target = event.currentTarget;
    if (event.key === "Escape") {
      isLeaving.current = true;
      return;
    }
    const mayLeave = isLeaving.current;
    if (event.key !== "Shift") isLeaving.current = false;
    if (readOnly || event.ctrlKey || event.metaKey || event.altKey || event.nativeEvent.isComposing) return;
    if (event.key === "Tab" && !mayLeave) {
      event.preventDefault();
      tab(target, event.shiftKey, onChange);
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      const { selectionStart: from, selectionEnd: to } = target;
      edit(target, { from, to, text: `\n${indentationAfter(target.value, from)}` }, onChange);
    }
  }

  return (
    <div className="max-h-[70dvh] overflow-auto rounded border border-control bg-surface focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent">
      <div className="relative min-h-64 before:absolute before:inset-y-0 before:start-0 before:w-12 before:border-e before:border-line before:bg-sunken w-max min-w-full font-mono text-sm leading-6 [tab-size:2] pointer-coarse:text-lg">
        <div ref={lineList} aria-hidden="true" className="pointer-events-none">
          {lines.map((text, index) => (
            <Line
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
              key={index}
              number={index + 1}
              text={text}
              column={marked.get(index + 1)?.column}
              message={marked.get(index + 1)?.message}
            />
          ))}
        </div>
        <textarea
          ref={area}
          aria-label={label}
          aria-invalid={invalid || undefined}
          aria-describedby={describedBy}
          value={value}
          readOnly={readOnly}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={press}
          onBlur={() => {
            isLeaving.current = false;
          }}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          className="absolute inset-0 size-full resize-none overflow-hidden bg-transparent ps-15 whitespace-pre text-ink outline-none [font:inherit] [tab-size:inherit]"
        />
      </div>
    </div>
  );
}

type LineProps = { number: number; text: string; column?: number; message?: string };

const Line = memo(function Line({ number, text, column, message }: LineProps) {
  const characters = [...text];
  const from = column ? column - 1 : characters.length;
  return (
    <div className={`flex h-6 ${message ? "bg-failed-tint" : ""}`}>
      <span
        className={`sticky start-0 z-10 w-12 shrink-0 border-e border-line bg-sunken pe-2 text-end tabular select-none ${message ? "font-bold text-failed" : "text-ink-3"}`}
      >
        {number}
      </span>
      <span className="ps-3 pe-4 whitespace-pre text-transparent select-none">
        {characters.slice(0, from).join("")}
        <span className={message ? "underline decoration-failed decoration-wavy" : ""}>
          {characters.slice(from).join("") || " "}
        </span>
      </span>
      {message && <span className="pe-4 font-sans whitespace-pre text-failed select-none">{message}</span>}
    </div>
  );
});

function byLine(marks: readonly Mark[]): Map<number, { column?: number; message: string }> {
  const lines = new Map<number, { column?: number; message: string }>();
  for (const { line, column, message } of marks) {
    if (!line) continue;
    const former = lines.get(line);
    lines.set(line, {
      column: former?.column ?? column ?? undefined,
      message: former ? `${former.message} · ${message}` : message,
    });
  }
  return lines;
}

type OnChange = (value: string) => void;

function tab(area: HTMLTextAreaElement, isBack: boolean, onChange: OnChange) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  if (!isBack && !value.slice(from, to).includes("\n"))
    return edit(area, { from, to, text: INDENT }, onChange);
  const { change, selection } = shifted(value, { from, to }, isBack);
  edit(area, change, onChange);
  area.setSelectionRange(selection.from, selection.to);
}

/** Through the browser's own command where there is one, which tells of the change and can be undone. */
function edit(
  area: HTMLTextAreaElement,
  { from, to, text }: Selection & { text: string },
  onChange: OnChange,
) {
  if (area.readOnly || area.value.slice(from, to) === text) return;
  area.focus({ preventScroll: true });
  area.setSelectionRange(from, to);
  const command = text === "" ? "delete" : "insertText";
  if (document.execCommand?.(command, false, text)) return;
  area.setRangeText(text, from, to, "end");
  onChange(area.value);
}
