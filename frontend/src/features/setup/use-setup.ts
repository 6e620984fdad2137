/** The set-up as the page sees it: how far it is, one submission at a time, what a refusal means for the whole. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import type { ApiClient } from "@/api/client";
import { type ApiError, toApiError } from "@/api/errors";
import type { SetupStatus, SetupSummary } from "@/api/types";
import { type Submission, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { setupStatusQuery } from "@/lib/queries";
import { useStore } from "@/lib/store";
import { currentStep, type Method, methodOf, type Step, stepsOf } from "./progress";
import { type SetupSession, setupSessionOf } from "./setup-session";

export type Setup = {
  session: SetupSession;
  summary: SetupSummary | null;
  method: Method | null;
  steps: Step[];
  /** The first unfinished step. */
  reached: Step;
  /** The step on screen: the reached one, or an earlier one that is being changed. */
  step: Step;
  /** Null goes back to the reached step. */
  edit: (step: Step | null) => void;
  submission: Submission;
  /** Runs an operation of the set-up, then shows how far it is now. */
  run: (action: (api: ApiClient) => Promise<void>) => void;
};

export type SetupView =
  | { kind: "loading" }
  | { kind: "error"; error: ApiError; retry: () => void }
  | { kind: "over" }
  | { kind: "open"; status: SetupStatus; setup: Setup };

export function useSetup(): SetupView {
  const runtime = useRuntime();
  const session = setupSessionOf(runtime);
  const token = useStore(session.token);
  const { chosen } = useStore(session.remembered);
  const [editing, setEditing] = useState<Step | null>(null);
  const status = useQuery(setupStatusQuery(runtime));
  const summary = useQuery({ ...summaryQuery(runtime, session), enabled: token !== null });
  const settle = useSettle(session);
  const submission = useSubmission();
  const { run: submit } = submission;
  const refresh = useCallback(async () => {
    const fetches = [runtime.queryClient.fetchQuery(setupStatusQuery(runtime))];
    const summaries = session.token.get()
      ? [runtime.queryClient.fetchQuery(summaryQuery(runtime, session))]
      : [];
    // What fails here is shown by the queries themselves.
    await Promise.allSettled([...fetches, ...summaries]);
  }, [runtime, session]);
  const run = useCallback(
    (action: (api: ApiClient) => Promise<void>) => {
      void submit(async () => {
        try {
          await action(session.api);
          setEditing(null);
        } catch (cause) {
          settle(toApiError(cause));
          throw cause;
        } finally {
          await refresh();
        }
      });
    },
    [submit, session, settle, refresh],
  );
  useEffect(() => {
    if (!summary.error || !token) return;
    const error = toApiError(summary.error);
    settle(error);
    // A lock that happened between two visits is told like one that an action ran into.
    if (error.status === 401) void submit(() => Promise.reject(error));
  }, [summary.error, token, settle, submit]);

  if (status.data?.is_configured && !submission.pending) return { kind: "over" };
  const failed = status.error ?? (token ? summary.error : null);
  // While a step is under way the page stays as it is; the summary of a set-up just opened is still coming then.
  if (!status.data || (token && !summary.data && !submission.pending)) {
    if (!failed) return { kind: "loading" };
    return { kind: "error", error: toApiError(failed), retry: () => void refresh() };
  }
  const known = { status: status.data, summary: (token && summary.data) || null, chosen };
  const reached = currentStep(known);
  const method = methodOf(known);
  return {
    kind: "open",
    status: status.data,
    setup: {
      session,
      summary: known.summary,
      method,
      steps: stepsOf(method),
      reached,
      step: reached === "unlock" ? reached : (editing ?? reached),
      edit: (step) => {
        submission.reset();
        setEditing(step);
      },
      submission,
      run,
    },
  };
}

function summaryQuery(runtime: Runtime, session: SetupSession) {
  return queryOptions({
    queryKey: runtime.key("setup-summary", session.openings),
    queryFn: ({ signal }) => session.api.get("/v1/setup/summary", { signal }),
    staleTime: 0,
  });
}

/** Some refusals are about the whole set-up, not about the step. */
function useSettle(session: SetupSession): (error: ApiError) => void {
  const router = useRouter();
  return useCallback(
    (error: ApiError) => {
      const isLocked = ["missing_auth", "no_session", "invalid_session", "session_expired"].includes(
        error.code,
      );
      if (isLocked) session.lock();
      if (error.code !== "already_configured") return;
      session.forget();
      void router.navigate({ to: "/login", state: { notice: "set_up" }, replace: true });
    },
    [router, session],
  );
}
