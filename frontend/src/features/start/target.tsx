/** Which pipelines are made of the chosen app; the first of them is built. */
import { lazy, Suspense } from "react";
import type { CreatePipelineRequest } from "@/api/types";
import { Skeleton } from "@/components/ui";
import { start } from "@/messages/en/start";

const PipelineProposals = lazy(() => import("@/components/projects/pipeline-proposals"));

type Props = { path: string | null; onChosen: (pipelines: CreatePipelineRequest[] | null) => void };

export function Target({ path, onChosen }: Props) {
  return (
    <section aria-labelledby="target" className="card flex flex-col gap-3 p-4">
      <h2 id="target" className="text-lg font-semibold">
        {start.target.title}
      </h2>
      {path ? (
        <Suspense fallback={<Skeleton className="h-24 w-full" />}>
          <PipelineProposals
            key={path}
            place={{ local_repository_path: path }}
            branch=""
            level={3}
            onChosen={onChosen}
          />
        </Suspense>
      ) : (
        <p className="text-ink-2">{start.target.none}</p>
      )}
    </section>
  );
}
