/** Short messages about what just happened. Errors stay until dismissed. A toast must not be the only trace of a failure. */
import { Link, type LinkProps } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { toApiError } from "@/api/errors";
import { reasonOf } from "@/lib/form";
import { createStore, useStore } from "@/lib/store";
import { t } from "@/messages";
import { Button, IconButton } from "./button";
import { copyText } from "./copy";
import { Icon } from "./icon";

type Toast = {
  id: number;
  tone: "good" | "bad";
  text: string;
  link?: { label: string; to: LinkProps };
  /** Takes back what was done; the toast then stays a little longer. */
  undo?: () => void;
};

const MOST = 3;
const SHOWN_MS = 6_000;
const SHOWN_WITH_UNDO_MS = 8_000;

const toasts = createStore<Toast[]>([]);
let lastId = 0;
let shownTo: string | null = null;

/** What one person was told of one instance is no news to another, and its links would lead into theirs. */
export function showToastsTo(whom: string): void {
  if (shownTo !== null && shownTo !== whom) toasts.set([]);
  shownTo = whom;
}

export function toast(text: string, link?: Toast["link"]): void {
  push({ tone: "good", text, link });
}

export function toastWithUndo(text: string, undo: () => void, link?: Toast["link"]): void {
  push({ tone: "good", text, undo, link });
}

/** Keeps the server's reason; the id of the request is on the page's own error state. */
export function toastError(cause: unknown): void {
  push({ tone: "bad", text: reasonOf(toApiError(cause)) });
}

/** For what went wrong in parts: `text` names them. */
export function toastFailure(text: string): void {
  push({ tone: "bad", text });
}

/** For what copies without a control that could say so itself: keys, entries of menus. */
export async function copyAndSay(text: string, said = t.action.copied): Promise<void> {
  if (await copyText(text)) toast(said);
  else toastFailure(t.action.notCopied);
}

function push(entry: Omit<Toast, "id">): void {
  lastId += 1;
  const shown = toasts.get();
  const going = shown.length < MOST ? undefined : leastNeeded(shown, entry);
  toasts.set([...shown.filter((other) => other !== going), { ...entry, id: lastId }]);
}

/** Good news goes first, and drives out no error: those are read before they go. */
function leastNeeded(shown: Toast[], { tone }: Omit<Toast, "id">): Toast | undefined {
  return shown.find((other) => other.tone === "good") ?? (tone === "bad" ? shown[0] : undefined);
}

function dismiss(id: number): void {
  toasts.set(toasts.get().filter((entry) => entry.id !== id));
}

export function Toaster() {
  const entries = useStore(toasts);
  return (
    <section
      aria-label={t.shell.notifications}
      className="pointer-events-none fixed inset-x-3 top-16 z-50 flex flex-col items-end gap-2 md:inset-x-auto md:end-4 md:top-auto md:bottom-4"
    >
      <div aria-live="polite" className="contents">
        {entries.map((entry) => (
          <ToastView key={entry.id} entry={entry} />
        ))}
      </div>
    </section>
  );
}

function ToastView({ entry }: { entry: Toast }) {
  const [held, setHeld] = useState(false);
  const { id, tone, undo } = entry;
  const shownMs = undo ? SHOWN_WITH_UNDO_MS : SHOWN_MS;
  useEffect(() => {
    if (tone === "bad" || held) return;
    const timer = setTimeout(() => dismiss(id), shownMs);
    return () => clearTimeout(timer);
  }, [id, tone, held, shownMs]);
  function takeBack() {
    dismiss(id);
    undo?.();
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: holding only pauses the timer; the controls are inside
    <div
      className="card rise pointer-events-auto flex w-full max-w-96 items-center gap-2 py-1.5 ps-3 pe-1.5 shadow-pop"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon
        name={tone === "good" ? "passed" : "octagon"}
        className={`size-4 ${tone === "good" ? "text-passed" : "text-failed"}`}
      />
      <span className="grow">{entry.text}</span>
      {entry.link && (
        <Link {...entry.link.to} className="tap font-medium text-accent underline underline-offset-2">
          {entry.link.label}
        </Link>
      )}
      {undo && (
        <Button variant="ghost" onClick={takeBack}>
          {t.action.undo}
        </Button>
      )}
      <IconButton icon="close" label={t.action.dismiss} onClick={() => dismiss(id)} />
    </div>
  );
}
