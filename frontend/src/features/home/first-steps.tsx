/** The way to the first build, with what is already done ticked off. Shown until a build exists. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Project } from "@/api/types";
import { ButtonLink, Icon } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { pipelinesQuery } from "@/lib/queries";
import { t } from "@/messages";

const words = t.home.steps;

export function FirstSteps({ projects }: { projects: Project[] }) {
  const can = useCan();
  const project = projects[0];
  const pipelines = useQuery({
    ...pipelinesQuery(useRuntime(), project?.id ?? ""),
    enabled: Boolean(project),
  });
  const hasPipeline = (pipelines.data?.pipelines.length ?? 0) > 0;
  const params = { projectId: project?.id ?? "" };
  return (
    <section aria-labelledby="first-steps" className="card p-4 sm:p-6">
      <h2 id="first-steps" className="text-lg font-semibold">
        {t.home.firstTitle}
      </h2>
      <p className="text-ink-2">{t.home.firstText}</p>
      <ol className="mt-4 flex flex-col gap-4">
        <Step number={1} title={words.project} text={words.projectText} state={project ? "done" : "now"}>
          {can("projects.write") && (
            <ButtonLink to="/projects/new" variant="primary" icon="add">
              {t.projects.add}
            </ButtonLink>
          )}
        </Step>
        <Step
          number={2}
          title={words.pipeline}
          text={words.pipelineText}
          state={stepState(Boolean(project), hasPipeline)}
        >
          <ButtonLink to="/projects/$projectId/pipelines/new" params={params} variant="primary" icon="add">
            {t.pipelines.add}
          </ButtonLink>
        </Step>
        <Step number={3} title={words.build} text={words.buildText} state={stepState(hasPipeline, false)}>
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
