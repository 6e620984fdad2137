/** What a route shows when its code broke. The shell stays; a chunk that is gone (new version) reloads once. */
import type { ErrorComponentProps } from "@tanstack/react-router";
import { useEffect } from "react";
import { toApiError } from "@/api/errors";
import { Button, ButtonLink, CopyDetails } from "@/components/ui/basics";
import { readTab, writeTab } from "@/lib/tab-storage";
import { t } from "@/messages";
import { Page } from "./page";

const RELOADED_KEY = "oore.reloaded";
const AGAIN_AFTER_MS = 60_000;
const CHUNK_LOST = /dynamically imported module|importing a module script|Failed to fetch/i;

export function RouteError({ error: cause, reset }: ErrorComponentProps) {
  const error = cause instanceof Error ? cause : toApiError(cause);
  useEffect(() => void reloadOnce(error), [error]);
  return (
    <Page title={t.state.crashTitle}>
      <div role="alert" className="card flex flex-col items-start gap-3 px-4 py-6 sm:px-6">
        <p className="text-ink-2">{t.state.crashText}</p>
        <code className="font-mono text-sm break-all">{error.message}</code>
        <div className="flex flex-wrap gap-2">
          <Button icon="rerun" onClick={reset}>
            {t.action.retry}
          </Button>
          <CopyDetails text={`${error.message}\n${error.stack ?? ""}`} />
          <ButtonLink to="/" variant="ghost">
            {t.state.toHome}
          </ButtonLink>
        </div>
      </div>
    </Page>
  );
}

/** After an update the old chunks are gone. One reload fetches the new page; a second failure is a real error. */
export function reloadOnce(error: Error): boolean {
  const last = Number(readTab(RELOADED_KEY) ?? 0);
  if (!CHUNK_LOST.test(error.message) || Date.now() - last < AGAIN_AFTER_MS) return false;
  writeTab(RELOADED_KEY, String(Date.now()));
  window.location.reload();
  return true;
}
