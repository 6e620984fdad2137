/** What is done to a matrix as a whole: cancel what is not over, run again what did not succeed. It must not decide permissions. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Build, RelatedBuild } from "@/api/types";
import { combinationText } from "@/components/builds";
import { Button, isActive } from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { projectQuery } from "@/lib/queries";
import { bulk as words } from "@/messages/en/bulk";
import { useBulk } from "./bulk";
import { CancelDialog } from "./cancel-dialog";

type Props = { build: Build; siblings: readonly RelatedBuild[] };

export default function MatrixActions({ build, siblings }: Props) {
  const { data } = useQuery(projectQuery(useRuntime(), build.project_id));
  const [asking, setAsking] = useState<readonly RelatedBuild[] | null>(null);
  const { cancel, rerun, pending } = useBulk();
  const running = siblings.filter(({ status }) => isActive(status));
  const unsuccessful = siblings.filter(({ status }) => !isActive(status) && status !== "succeeded");
  const mayCancel = projectAllows(data?.project, "cancel_build") && running.length > 1;
  const mayRerun = projectAllows(data?.project, "trigger_build") && unsuccessful.length > 1;
  if (!mayCancel && !mayRerun && !asking) return null;
  return (
    <span className="mt-2 flex flex-wrap gap-2">
      {mayCancel && (
        <Button icon="stop" pending={pending !== null} onClick={() => setAsking(running)}>
          {words.cancelMatrix(running.length)}
        </Button>
      )}
      {mayRerun && (
        <Button pending={pending !== null} onClick={() => void rerun(unsuccessful)}>
          {words.rerunMatrix(unsuccessful.length)}
        </Button>
      )}
      {asking && (
        <CancelDialog
          builds={asking}
          nameOf={({ matrix }) => combinationText(matrix)}
          pending={pending === "cancel"}
          onConfirm={() => void cancel(asking).then(() => setAsking(null))}
          onClose={() => setAsking(null)}
        />
      )}
    </span>
  );
}
