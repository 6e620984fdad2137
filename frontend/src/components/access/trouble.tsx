/** Cause, next action and request id of a refused sign-in or set-up step. It must not offer actions of its own. */
import { lazy, type ReactNode, Suspense } from "react";
import { ApiError } from "@/api/errors";
import { CopyButton } from "@/components/ui/basics";
import { t } from "@/messages";
import type { ExplainedProps } from "./explained";

type Props = ExplainedProps & { title: string; children?: ReactNode };

// The words are many, and most people never need them: they come while the page is on screen already.
const words = import("./explained").catch(() => ({ default: Plain }));
const Explained = lazy(() => words);

export function Trouble({ title, children, ...explained }: Props) {
  const { reason } = explained;
  const requestId = reason instanceof ApiError ? reason.requestId : null;
  return (
    <div
      role="alert"
      className="flex min-w-0 flex-col gap-1.5 self-stretch rounded bg-failed-tint px-3 py-2.5"
    >
      <p className="font-medium text-failed">{title}</p>
      <Suspense fallback={<Plain {...explained} />}>
        <Explained {...explained} />
      </Suspense>
      {children}
      {requestId && (
        <p className="flex flex-wrap items-center gap-1 text-sm text-ink-2">
          {t.state.requestId} <code className="font-mono break-all">{requestId}</code>
          <CopyButton text={requestId} label={t.action.copyDetails} />
        </p>
      )}
    </div>
  );
}

/** The server's own words, when ours could not be fetched. */
function Plain({ reason }: ExplainedProps) {
  if (!(reason instanceof ApiError)) return <p>{reason.description ?? reason.error}</p>;
  return (
    <>
      <p>{reason.status === 0 ? t.state.unreachable : reason.message}</p>
      {reason.hint && <p>{reason.hint}</p>}
    </>
  );
}
