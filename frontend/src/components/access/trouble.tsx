/** Cause, next action and request id of a refused sign-in or set-up step. It must not offer actions of its own. */
import type { ReactNode } from "react";
import type { ApiError } from "@/api/errors";
import { CopyButton } from "@/components/ui";
import { t } from "@/messages";
import type { Explanation } from "@/messages/en/sign-in";

type Props = { title: string; explanation: Explanation; error?: ApiError | null; children?: ReactNode };

export function Trouble({ title, explanation, error, children }: Props) {
  return (
    <div role="alert" className="flex flex-col gap-1.5 rounded bg-failed-tint px-3 py-2.5">
      <p className="font-medium text-failed">{title}</p>
      <p>{explanation.cause}</p>
      {explanation.next && <p>{explanation.next}</p>}
      {explanation.reason && error?.message && (
        <p className="font-mono text-sm break-words text-ink-2">{error.message}</p>
      )}
      {children}
      {error?.requestId && (
        <p className="flex flex-wrap items-center gap-1 text-sm text-ink-2">
          {t.state.requestId} <code className="font-mono break-all">{error.requestId}</code>
          <CopyButton text={error.requestId} label={t.action.copyDetails} />
        </p>
      )}
    </div>
  );
}
