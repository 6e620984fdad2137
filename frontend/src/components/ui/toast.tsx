/**
 * Short messages about what just happened. Errors stay until dismissed. Each is for one person at one instance, and shown to
 * nobody else: what ends after they went to another instance waits for them. A toast must not be the only trace of a failure.
 */
import { Link, type LinkProps } from "@tanstack/react-router";
import { useContext, useEffect, useMemo, useState } from "react";
import { toApiError } from "@/api/errors";
import { reasonOf } from "@/lib/form";
import { RuntimeContext, useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import type { Session } from "@/lib/instances/session";
import { createStore, useStore } from "@/lib/store";
import { t } from "@/messages";
import { Button, IconButton } from "./button";
import { copyText } from "./copy";
import { Icon } from "./icon";

type ToastLink = { label: string; to: LinkProps };

type Toast = {
  id: number;
  /** Whom it is for. */
  whom: string;
  tone: "good" | "bad";
  text: string;
  link?: ToastLink;
  /** Takes back what was done; the toast then stays a little longer. */
  undo?: () => void;
};

const MOST = 3;
const SHOWN_MS = 6_000;
const SHOWN_WITH_UNDO_MS = 8_000;

/** Whom pages about no instance are for. */
const NOBODY = "";

const toasts = createStore<Toast[]>([]);
let lastId = 0;
let shownTo = NOBODY;

const whomOf = ({ instance, session }: Runtime) => `${instance.id} ${session.current.get()?.userId}`;

function messagesFor(whom: string, areThere: () => boolean) {
  const push = (entry: Omit<Toast, "id" | "whom">) => areThere() && add({ ...entry, whom });
  return {
    toast: (text: string, link?: ToastLink) => void push({ tone: "good", text, link }),
    toastWithUndo: (text: string, undo: () => void, link?: ToastLink) =>
      void push({ tone: "good", text, undo, link }),
    /** Keeps the server's reason; the id of the request is on the page's own error state. */
    toastError: (cause: unknown) => void push({ tone: "bad", text: reasonOf(toApiError(cause)) }),
    /** For what went wrong in parts: `text` names them. */
    toastFailure: (text: string) => void push({ tone: "bad", text }),
  };
}

/**
 * Messages for the person who is signed in to that instance now; to be taken before what they tell of is begun. They are
 * dropped if somebody else is signed in there by then: it is no news to them, and its links would lead into their own.
 */
export function toastsFor(runtime: Runtime) {
  const whom = whomOf(runtime);
  return messagesFor(whom, () => whomOf(runtime) === whom);
}

/** For what a page does: whoever began it is told, wherever they are when it ends. */
export function useToasts() {
  const runtime = useRuntime();
  const userId = useStore(runtime.session.current)?.userId;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another person is told anew
  return useMemo(() => toastsFor(runtime), [runtime, userId]);
}

const toastsHere = () => messagesFor(shownTo, () => true);

/** For what is over at once: whoever is at the page now is told. What waits for an answer needs `useToasts`. */
export const toast = (text: string, link?: ToastLink) => toastsHere().toast(text, link);
export const toastWithUndo = (text: string, undo: () => void) => toastsHere().toastWithUndo(text, undo);
export const toastError = (cause: unknown) => toastsHere().toastError(cause);
export const toastFailure = (text: string) => toastsHere().toastFailure(text);

/** For what copies without a control that could say so itself: keys, entries of menus. */
export async function copyAndSay(text: string, said = t.action.copied): Promise<void> {
  const told = toastsHere();
  if (await copyText(text)) told.toast(said);
  else told.toastFailure(t.action.notCopied);
}

function add(entry: Omit<Toast, "id">): void {
  lastId += 1;
  const shown = toasts.get();
  const theirs = shown.filter(({ whom }) => whom === entry.whom);
  const going = theirs.length < MOST ? undefined : leastNeeded(theirs, entry);
  toasts.set([...shown.filter((other) => other !== going), { ...entry, id: lastId }]);
}

/** Good news goes first, and drives out no error: those are read before they go. */
function leastNeeded(shown: Toast[], { tone }: Omit<Toast, "id">): Toast | undefined {
  return shown.find((other) => other.tone === "good") ?? (tone === "bad" ? shown[0] : undefined);
}

/** What one person was told of one instance is over when somebody else looks, or the same person at another one. */
function showTo(whom: string): void {
  if (shownTo !== whom) toasts.set(toasts.get().filter((entry) => entry.whom !== shownTo));
  shownTo = whom;
}

function dismiss(id: number): void {
  toasts.set(toasts.get().filter((entry) => entry.id !== id));
}

const NO_SESSION = createStore<Session | null>(null);

function useWhom(): string {
  const runtime = useContext(RuntimeContext);
  useStore(runtime?.session.current ?? NO_SESSION);
  return runtime ? whomOf(runtime) : NOBODY;
}

export function Toaster() {
  const whom = useWhom();
  const entries = useStore(toasts).filter((entry) => entry.whom === whom);
  useEffect(() => showTo(whom), [whom]);
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
