/** The version that runs, and replacing it by the newest one: begun here, watched through the restart to its outcome. */
import { type UseQueryResult, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { RuntimeUpdateStatus } from "@/api/types";
import { Banner, Button, ConfirmDialog, CopyLine, Fact, Facts, QueryView, Section } from "@/components/ui";
import { reasonOf, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { system } from "@/messages/en/system";
import { isUnderWay, updateQuery } from "./queries";

const words = system.update;
const COMMAND = "oore update";
const DOCTOR = "oore doctor";
const NOTHING_SEEN = { isUnderWay: false, before: null };

export function Update({ query }: { query: UseQueryResult<RuntimeUpdateStatus> }) {
  const before = useVersionBefore(query.data);
  return (
    <Section title={words.title}>
      <QueryView query={query} name={words.name}>
        {(status) => (
          <div className="flex flex-col gap-3">
            <Facts>
              <Fact name={words.version}>{status.version}</Fact>
              <Fact name={words.service}>{status.managed_service ? words.managed : words.unmanaged}</Fact>
            </Facts>
            <div role="status">
              <Progress status={status} before={before} />
            </div>
            {status.managed_service ? <Begin status={status} /> : <ByCommand />}
          </div>
        )}
      </QueryView>
    </Section>
  );
}

/** The version that ran when this page saw the last update begin; null where it saw none. */
function useVersionBefore(status: RuntimeUpdateStatus | undefined): string | null {
  const cache = useQueryClient();
  const runtime = useRuntime();
  const [seen, setSeen] = useState<{ isUnderWay: boolean; before: string | null }>(NOTHING_SEEN);
  if (status && isUnderWay(status) !== seen.isUnderWay) {
    setSeen({ isUnderWay: !seen.isUnderWay, before: seen.isUnderWay ? seen.before : status.version });
  }
  const isDone = status?.phase === "idle" && seen.before !== null;
  useEffect(() => {
    if (isDone) void cache.invalidateQueries({ queryKey: bootstrapQuery(runtime).queryKey });
  }, [isDone, cache, runtime]);
  return seen.before;
}

type ProgressProps = { status: RuntimeUpdateStatus; before: string | null };

function Progress({ status, before }: ProgressProps) {
  if (status.phase === "failed") return <Failed status={status} />;
  if (status.phase === "restarting") return <Restarting />;
  if (status.phase === "updating") {
    return (
      <Banner tone="info" title={words.updating}>
        <p>{words.updatingText}</p>
      </Banner>
    );
  }
  return before && <Outcome before={before} now={status.version} />;
}

function Outcome({ before, now }: { before: string; now: string }) {
  if (before === now) return <Banner tone="info" title={words.newest(now)} />;
  return (
    <Banner tone="info" title={words.done(before, now)}>
      <p>{words.doneText}</p>
    </Banner>
  );
}

function Failed({ status }: { status: RuntimeUpdateStatus }) {
  return (
    <Banner tone="bad" title={words.failed(status.version)}>
      <p className="wrap-anywhere">{status.error ?? words.noReason}</p>
    </Banner>
  );
}

function Restarting() {
  return (
    <Banner tone="info" title={words.restarting}>
      <p>{words.restartingText}</p>
      <p>{words.silent}</p>
      <CopyLine text={DOCTOR} />
    </Banner>
  );
}

function ByCommand() {
  return (
    <>
      <p className="max-w-[70ch] text-ink-2">{words.byCommand}</p>
      <CopyLine text={COMMAND} />
    </>
  );
}

function Begin({ status }: { status: RuntimeUpdateStatus }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <p className="max-w-[70ch] text-ink-2">{words.text}</p>
      <div>
        <Button icon="up" pending={isUnderWay(status)} onClick={() => setAsking(true)}>
          {words.begin}
        </Button>
      </div>
      {asking && <Ask onClose={() => setAsking(false)} />}
    </>
  );
}

function Ask({ onClose }: { onClose: () => void }) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const submission = useSubmission();
  const begin = () =>
    submission.run(async () => {
      const status = await runtime.api.post("/v1/system/update");
      cache.setQueryData(updateQuery(runtime).queryKey, status);
      onClose();
    });
  return (
    <ConfirmDialog
      title={words.ask}
      intro={words.askIntro}
      consequences={words.consequences}
      confirmLabel={words.confirm}
      pending={submission.pending}
      error={submission.error && reasonOf(submission.error)}
      onConfirm={() => void begin()}
      onClose={() => {
        // Somebody else may have begun one, which is why this was refused.
        if (submission.error) void cache.invalidateQueries({ queryKey: updateQuery(runtime).queryKey });
        onClose();
      }}
    />
  );
}
