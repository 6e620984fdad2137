/** The way to the first build, with what is already done ticked off. Shown until a build exists. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Project } from "@/api/types";
import { sourcesQuery } from "@/components/sources";
import { ButtonLink, Icon } from "@/components/ui";
import { useCan, useRuntimeMode } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { pipelinesQuery } from "@/lib/queries";
import { t } from "@/messages";

const words = t.home.steps;

export function FirstSteps({ projects }: { projects: Project[] }) {
  const can = useCan();
  const runtime = useRuntime();
  const mode = useRuntimeMode() ?? "local";
  const project = projects[0];
  const pipelines = useQuery({
    ...pipelinesQuery(runtime, project?.id ?? ""),
    enabled: Boolean(project),
  });
  const isRemote = mode === "remote";
  const sources = useQuery({ ...sourcesQuery(runtime, { limit: 1 }), enabled: isRemote && !project });
  const hasSource = !isRemote || Boolean(project) || (sources.data?.active_total ?? 0) > 0;
  const first = isRemote ? 1 : 0;
  const hasPipeline = (pipelines.data?.pipelines.length ?? 0) > 0;
  const params = { projectId: project?.id ?? "" };
  return (
    <section aria-labelledby="first-steps" className="card p-4 sm:p-6">
      <h2 id="first-steps" className="text-lg font-semibold">
        {t.home.firstTitle}
      </h2>
      <p className="text-ink-2">{t.home.firstText[mode]}</p>
      <ol className="mt-4 flex flex-col gap-4">
        {isRemote && (
          <Step number={1} title={words.source} text={words.sourceText} state={stepState(true, hasSource)}>
            {can("integrations.write") && (
              <ButtonLink to="/settings/integrations/new" variant="primary" icon="add">
                {words.connect}
              </ButtonLink>
            )}
          </Step>
        )}
        <Step
          number={first + 1}
          title={words.project}
          text={words.projectText[mode]}
          state={stepState(hasSource, Boolean(project))}
        >
          {can("projects.write") && (
            <ButtonLink to="/projects/new" variant="primary" icon="add">
              {t.projects.add}
            </ButtonLink>
          )}
        </Step>
        <Step
          number={first + 2}
          title={words.pipeline}
          text={words.pipelineText}
          state={stepState(Boolean(project), hasPipeline)}
        >
          <ButtonLink to="/projects/$projectId/pipelines/new" params={params} variant="primary" icon="add">
            {t.pipelines.add}
          </ButtonLink>
        </Step>
        <Step
          number={first + 3}
          title={words.build}
          text={words.buildText}
          state={stepState(hasPipeline, false)}
        >
          <ButtonLink to="/projects/$projectId" params={params} variant="primary" icon="arrow">
            {project?.name ?? t.projects.title}
          </ButtonLink>
        </Step>
      </ol>
    </section>
  );
}

type State = "done" | "now" | "later";

function stepState(reached: boolean, done: boolean): State {
  if (done) return "done";
  return reached ? "now" : "later";
}

type StepProps = { number: number; title: string; text: string; state: State; children: ReactNode };

function Step({ number, title, text, state, children }: StepProps) {
  return (
    <li className="flex items-start gap-3" aria-current={state === "now" ? "step" : undefined}>
      {state === "done" ? (
        <Icon name="passed" className="size-6 text-passed" />
      ) : (
        <span
          aria-hidden="true"
          className={`tabular flex size-6 shrink-0 items-center justify-center rounded-full text-sm font-medium ${state === "now" ? "bg-accent text-on-accent" : "bg-queued-tint text-queued"}`}
        >
          {number}
        </span>
      )}
      <div className="flex flex-col items-start gap-1">
        <p className="font-medium">
          {title}
          <span className="sr-only"> ({state === "done" ? t.home.done : t.home.todo})</span>
        </p>
        <p className="text-ink-2">{text}</p>
        {state === "now" && <div className="mt-1">{children}</div>}
      </div>
    </li>
  );
}
