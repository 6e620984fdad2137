/** Asks before an artifact is deleted, and says what goes with it. It must not take it from the list before the server has. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type ApiError, toApiError } from "@/api/errors";
import type { Artifact } from "@/api/types";
import { ConfirmDialog, useToasts } from "@/components/ui";
import { reasonOf } from "@/lib/form";
import { formatBytes } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { artifactDeletion as words } from "@/messages/en/artifact-deletion";

type Props = {
  artifact: Artifact;
  /** What to say if somebody has pinned its build meanwhile. */
  pinned: string;
  onClose: () => void;
};

export default function DeleteDialog({
  artifact: { id, name, file_size, build_id },
  pinned,
  onClose,
}: Props) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const { toast } = useToasts();
  const [isPending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<ApiError | null>(null);
  async function remove() {
    setPending(true);
    setRefusal(null);
    const refusal = await runtime.api
      .delete("/v1/artifacts/{artifact_id}", { path: { artifact_id: id } })
      .then(() => null, toApiError);
    if (refusal && refusal.status !== 404) {
      setRefusal(refusal);
      return setPending(false);
    }
    toast(refusal ? words.gone(name) : words.done(name));
    onClose();
    const stale = [runtime.key("artifacts", build_id), runtime.key("releases")];
    await Promise.all(stale.map((queryKey) => cache.invalidateQueries({ queryKey })));
  }
  const size = typeof file_size === "number" ? formatBytes(file_size) : null;
  return (
    <ConfirmDialog
      title={words.title(name)}
      intro={words.intro}
      consequences={[words.file(size), words.links]}
      typed={{ label: words.type(name), value: name }}
      confirmLabel={words.confirm}
      pending={isPending}
      error={refusal && (refusal.code === "build_pinned" ? pinned : reasonOf(refusal))}
      onConfirm={() => void remove()}
      onClose={onClose}
    />
  );
}
