/** What a page or card shows instead of data: empty, filtered, error, denied, gone. None may stand in for another. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ApiError } from "@/api/errors";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { t } from "@/messages";
import { Button } from "./button";
import { CopyDetails } from "./copy";
import { Icon, type IconName } from "./icon";

type StateProps = {
  icon: IconName;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  tone?: "plain" | "bad";
};

function State({ icon, title, children, actions, tone = "plain" }: StateProps) {
  return (
    <div className="card flex flex-col items-start gap-2 px-4 py-6 sm:px-6">
      <p className="flex items-center gap-2 text-lg font-semibold">
        <Icon name={icon} className={`size-5 ${tone === "bad" ? "text-failed" : "text-ink-3"}`} />
        {title}
      </p>
      {children && <div className="flex max-w-[65ch] flex-col gap-2 text-ink-2">{children}</div>}
      {actions && <div className="mt-1 flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}

/** Nothing exists yet: teaches what would be here and how to start. */
export function EmptyState({ icon, title, children, actions }: Omit<StateProps, "tone">) {
  return (
    <State icon={icon} title={title} actions={actions}>
      {children}
    </State>
  );
}

/** Something exists, but the filters hide it. `chips` are the filters, each removable. */
export function FilteredEmptyState({ chips, onClear }: { chips: ReactNode; onClear: () => void }) {
  return (
    <State
      icon="filter"
      title={t.state.filteredTitle}
      actions={<Button onClick={onClear}>{t.action.clear}</Button>}
    >
      <p>{t.state.filteredText}</p>
      <div className="flex flex-wrap gap-2">{chips}</div>
    </State>
  );
}

type ErrorProps = { name: string; error: ApiError; onRetry?: () => void };

export function ErrorState({ name, error, onRetry }: ErrorProps) {
  const details = [error.code, error.message, error.details, error.requestId].filter(Boolean).join("\n");
  const actions = (
    <>
      {onRetry && (
        <Button icon="rerun" onClick={onRetry}>
          {t.action.retry}
        </Button>
      )}
      <CopyDetails text={details} />
    </>
  );
  return (
    <div role="alert">
      <State icon="alert" tone="bad" title={t.state.errorTitle(name)} actions={actions}>
        <ErrorText error={error} />
        {error.transient && <p className="text-sm text-ink-3">{t.state.errorRetrying}</p>}
      </State>
    </div>
  );
}

function ErrorText({ error }: { error: ApiError }) {
  const message = error.status === 0 ? t.state.unreachable : error.message;
  const hint = error.status === 0 ? t.state.unreachableHint : error.hint;
  return (
    <>
      <p>{message}</p>
      {hint && <p>{hint}</p>}
      {error.requestId && (
        <p className="text-sm text-ink-3">
          {t.state.requestId} <code className="font-mono">{error.requestId}</code>
        </p>
      )}
    </>
  );
}

export function DeniedState({ error }: { error?: ApiError }) {
  const { data } = useQuery(bootstrapQuery(useRuntime()));
  return (
    <State icon="denied" title={t.state.deniedTitle}>
      <p>{t.state.deniedText}</p>
      <p>{error?.hint ?? t.state.deniedAsk}</p>
      {data && <p>{t.state.deniedAs(data.user.email)}</p>}
    </State>
  );
}

export function GoneState({ name, actions }: { name: string; actions?: ReactNode }) {
  return (
    <State icon="slash" title={t.state.goneTitle(name)} actions={actions}>
      <p>{t.state.goneText}</p>
    </State>
  );
}
