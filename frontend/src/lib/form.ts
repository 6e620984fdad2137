/** What every form shares: one submission at a time, errors by field, focus on the first error. It must not validate. */
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, type FieldError, toApiError } from "@/api/errors";
import { t } from "@/messages";

export type Submission = {
  pending: boolean;
  error: ApiError | null;
  /** The server's text for a field; `name` may be a prefix, so that "env" finds "env[2].key". */
  errorOf: (name: string) => string | null;
  /** Does nothing while another one runs. */
  run: (action: () => Promise<void>) => Promise<void>;
  reset: () => void;
};

export function useSubmission(): Submission {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  // State alone would let a second Enter through before the page has shown the first.
  const running = useRef(false);
  const run = useCallback(async (action: () => Promise<void>) => {
    if (running.current) return;
    running.current = true;
    setPending(true);
    setError(null);
    try {
      await action();
    } catch (cause) {
      setError(toApiError(cause));
    } finally {
      running.current = false;
      setPending(false);
    }
  }, []);
  const reset = useCallback(() => setError(null), []);
  return { pending, error, run, reset, errorOf: (name) => messageFor(error, name) };
}

/** Why something was refused, with the way out if the server names one. */
export function reasonOf(error: ApiError): string {
  if (error.code === "unreachable") return t.state.unreachable;
  return [error.message, error.hint].filter(Boolean).join(". ");
}

/** What some field of a form has asked for, and so shows. */
const shown = new WeakSet<FieldError>();

/** What the server says about fields that the form has none for. */
export function unclaimed(error: ApiError): FieldError[] {
  return error.fields.filter((one) => !shown.has(one));
}

/** What the server says about a field, for somebody who shows it. */
export function fieldErrors(error: ApiError | null, name: string): FieldError[] {
  const matches = error?.fields.filter(({ field }) => isWithin(field, name)) ?? [];
  for (const match of matches) shown.add(match);
  return matches;
}

function messageFor(error: ApiError | null, name: string): string | null {
  const matches = fieldErrors(error, name);
  return matches.length > 0 ? matches.map(({ message }) => message).join(" ") : null;
}

/** "execution_config.env[2].key" is within "env"; "environment" is not. */
function isWithin(field: string, name: string): boolean {
  const path = field.replace(/^(execution_config|trigger_config|concurrency)\./, "");
  return path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`);
}

/** Moves focus to the first control that has an error. */
export function useFocusFirstError(form: RefObject<HTMLFormElement | null>, error: unknown): void {
  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [form, error]);
}
