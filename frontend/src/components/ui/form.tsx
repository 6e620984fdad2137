/** What forms show beside their fields: the error as a whole, and the question before unsaved input is left. */
import { useBlocker } from "@tanstack/react-router";
import type { ApiError } from "@/api/errors";
import { unclaimed } from "@/lib/form";
import { t } from "@/messages";
import { Button } from "./button";
import { Dialog } from "./dialog";

export function FormError({ error }: { error: ApiError | null }) {
  if (!error) return null;
  const message = error.code === "unreachable" ? t.state.unreachable : error.message;
  // Each field shows its own text, so the summary counts them and names those that no field shows.
  const summary = error.fields.length > 0 ? t.form.errors(error.fields.length) : message;
  return (
    <div role="alert" className="flex flex-col gap-1 rounded bg-failed-tint px-3 py-2.5">
      <p className="font-medium text-failed">{summary}</p>
      {unclaimed(error).map(({ field, message: about }) => (
        <p key={field}>{`${field}: ${about}`}</p>
      ))}
      {error.hint && <p>{error.hint}</p>}
      {error.requestId && (
        <p className="text-sm text-ink-2">
          {t.state.requestId} <code className="font-mono">{error.requestId}</code>
        </p>
      )}
    </div>
  );
}

/** While `dirty`, leaving the page asks first. */
export function LeaveGuard({ dirty }: { dirty: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: () => dirty,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  if (blocker.status !== "blocked") return null;
  const footer = (
    <>
      <Button variant="danger" onClick={blocker.proceed}>
        {t.action.discard}
      </Button>
      <Button variant="primary" onClick={blocker.reset}>
        {t.action.stay}
      </Button>
    </>
  );
  return (
    <Dialog
      title={t.form.leaveTitle}
      description={t.form.leaveText}
      onClose={blocker.reset}
      footer={footer}
    />
  );
}
