/**
 * Short messages about what just happened. Errors stay until dismissed. Each is for one person at one instance, and shown to
 * nobody else: what ends after they went to another instance waits for them. A toast must not be the only trace of a failure.
 */
import { Link } from "@tanstack/react-router";
import { useContext, useEffect, useState } from "react";
import { toApiError } from "@/api/errors";
import { reasonOf } from "@/lib/form";
import { RuntimeContext, useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { createStore, useStore } from "@/lib/store";
import type { Toast, ToastLink } from "@/lib/toasts";
import { t } from "@/messages";
import { Button, IconButton } from "./button";
import { copyText } from "./copy";
import { Icon } from "./icon";

const MOST = 3;
const SHOWN_MS = 6_000;
const SHOWN_WITH_UNDO_MS = 8_000;

type Toasts = Runtime["toasts"];

/** Those of pages about no instance. */
const nobodys: Toasts = createStore<readonly Toast[]>([]);
let shown = nobodys;
let lastId = 0;

/** `where`: null once nobody is there to be told. */
function teller(where: () => Toasts | null) {
  const tell = (entry: Omit<Toast, "id">) => add(where(), entry);
  return {
    toast: (text: string, link?: ToastLink) => tell({ tone: "good", text, link }),
    toastWithUndo: (text: string, undo: () => void, link?: ToastLink) =>
      tell({ tone: "good", text, undo, link }),
    /** Keeps the server's reason; the id of the request is on the page's own error state. */
    toastError: (cause: unknown) => tell({ tone: "bad", text: reasonOf(toApiError(cause)) }),
    /** For what went wrong in parts: `text` names them. */
    toastFailure: (text: string) => tell({ tone: "bad", text }),
  };
}

const personAt = ({ session }: Runtime) => session.current.get()?.userId;

/**
 * Messages for the person who is signed in to that instance now; to be taken before what they tell of is begun. They are
 * dropped if somebody else is signed in there by then: it is no news to them, and its links would lead into their own.
 */
export function toastsFor(runtime: Runtime) {
  const person = personAt(runtime);
  return teller(() => (personAt(runtime) === person ? runtime.toasts : null));
}

/** For what a page does: whoever began it is told, wherever they are when it ends. */
export function useToasts() {
  const runtime = useRuntime();
  // Another person is told anew.
  useStore(runtime.session.current);
  return toastsFor(runtime);
}

/** For what is over at once: whoever is at the page now is told. What waits for an answer needs `useToasts`. */
export const { toast, toastWithUndo, toastError, toastFailure } = teller(() => shown);

/** For what copies without a control that could say so itself: keys, entries of menus. */
export async function copyAndSay(text: string, said = t.action.copied): Promise<void> {
  if (await copyText(text)) toast(said);
  else toastFailure(t.action.notCopied);
}

function add(toasts: Toasts | null, entry: Omit<Toast, "id">): void {
  if (!toasts) return;
  lastId += 1;
  const others = toasts.get();
  const going = others.length < MOST ? undefined : leastNeeded(others, entry);
  toasts.set([...others.filter((other) => other !== going), { ...entry, id: lastId }]);
}

/** Good news goes first, and drives out no error: those are read before they go. */
function leastNeeded(others: readonly Toast[], { tone }: Omit<Toast, "id">): Toast | undefined {
  return others.find((other) => other.tone === "good") ?? (tone === "bad" ? others[0] : undefined);
}

/** What was told before the person went to another instance has been seen, and is over. */
function show(toasts: Toasts): void {
  if (shown !== toasts) shown.set([]);
  shown = toasts;
}

function dismiss(id: number): void {
  shown.set(shown.get().filter((entry) => entry.id !== id));
}

export function Toaster() {
  const toasts = useContext(RuntimeContext)?.toasts ?? nobodys;
  const entries = useStore(toasts);
  useEffect(() => show(toasts), [toasts]);
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
