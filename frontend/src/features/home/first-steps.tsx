/** The way to the first build, with what is already done ticked off. Shown until a build exists. */
import type { ReactNode } from "react";
import type { FirstRun } from "@/api/types";
import { ButtonLink, Icon } from "@/components/ui";
import { useCan, useRuntimeMode } from "@/lib/capabilities";
import { t } from "@/messages";

const words = t.home.steps;

export function FirstSteps({ firstRun }: { firstRun: FirstRun }) {
  const can = useCan();
  const mode = useRuntimeMode() ?? "local";
  const { has_source, project_id, project_name, has_pipeline } = firstRun;
  const isRemote = mode === "remote";
  const hasProject = Boolean(project_id);
  const hasSource = !isRemote || hasProject || has_source;
  const first = isRemote ? 1 : 0;
  const params = { projectId: project_id ?? "" };
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
          state={stepState(hasSource, hasProject)}
        >
          {can("projects.write") && (
            <span className="flex flex-wrap gap-2">
              {!isRemote && (
                <ButtonLink to="/start" variant="primary" icon="search">
                  {words.find}
                </ButtonLink>
              )}
              <ButtonLink to="/projects/new" variant={isRemote ? "primary" : "secondary"} icon="add">
                {t.projects.add}
              </ButtonLink>
            </span>
          )}
        </Step>
        <Step
          number={first + 2}
          title={words.pipeline}
          text={words.pipelineText}
          state={stepState(hasProject, has_pipeline)}
        >
          {can("pipelines.write") && (
            <ButtonLink to="/projects/$projectId/pipelines/new" params={params} variant="primary" icon="add">
              {t.pipelines.add}
            </ButtonLink>
          )}
        </Step>
        <Step
          number={first + 3}
          title={words.build}
          text={words.buildText}
          state={stepState(has_pipeline, false)}
        >
          <ButtonLink to="/projects/$projectId" params={params} variant="primary" icon="arrow">
            {project_name ?? t.projects.title}
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
