/** One step of the set-up: number, title, whether it is done, its form while it is the one on screen. */
import { type ReactNode, type RefObject, useEffect, useRef } from "react";
import type { ApiError } from "@/api/errors";
import { Trouble } from "@/components/access";
import { Button, FormError, Icon } from "@/components/ui";
import { setup as words } from "@/messages/en/setup";

export type StepState = "done" | "now" | "later";

type Props = {
  number: number;
  title: string;
  state: StepState;
  /** What a finished step decided. */
  outcome?: string | null;
  onChange?: () => void;
  heading: RefObject<HTMLHeadingElement | null>;
  children: ReactNode;
};

export function StepCard({ number, title, state, outcome, onChange, heading, children }: Props) {
  return (
    <li
      aria-current={state === "now" ? "step" : undefined}
      className={`card flex flex-col gap-4 px-4 sm:px-5 ${state === "now" ? "py-4 sm:py-5" : "py-2.5"}`}
    >
      <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1">
        <Marker number={number} state={state} />
        <h2
          ref={state === "now" ? heading : undefined}
          tabIndex={-1}
          className={`text-lg font-semibold ${state === "later" ? "text-ink-3" : ""}`}
        >
          {title}
          <span className="sr-only"> ({state === "later" ? words.todo : words[state]})</span>
        </h2>
        {state === "done" && outcome && <p className="min-w-0 break-words text-ink-2">{outcome}</p>}
        {state === "done" && onChange && (
          <Button
            variant="ghost"
            icon="edit"
            className="ms-auto"
            aria-label={`${words.change}: ${title}`}
            onClick={onChange}
          >
            {words.change}
          </Button>
        )}
      </div>
      {state === "now" && children}
    </li>
  );
}

function Marker({ number, state }: { number: number; state: StepState }) {
  if (state === "done") return <Icon name="passed" className="size-6 text-passed" />;
  const look = state === "now" ? "bg-accent text-on-accent" : "bg-queued-tint text-queued";
  return (
    <span
      aria-hidden="true"
      className={`tabular flex size-6 shrink-0 items-center justify-center rounded-full text-sm font-medium ${look}`}
    >
      {number}
    </span>
  );
}

/** Fields show their own texts; everything else is explained here. */
export function StepProblem({ error }: { error: ApiError | null }) {
  if (!error) return null;
  if (error.fields.length > 0) return <FormError error={error} />;
  return <Trouble title={words.failed} reason={error} words={words.errors} />;
}

/** The keyboard and screen readers go on where the set-up goes on, but a page just opened keeps its own start. */
export function useFocusOnChange(place: string): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(place);
  useEffect(() => {
    if (before.current === place) return;
    before.current = place;
    heading.current?.focus();
  }, [place]);
  return heading;
}
