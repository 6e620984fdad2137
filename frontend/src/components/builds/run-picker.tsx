/** Asks which pipeline to build, then how: the run dialog from anywhere. It offers only what the person may start. */
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Dialog, DialogActions, Field, QueryView, Select, SkeletonRows } from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { pipelinesQuery, projectsQuery } from "@/lib/queries";
import { t } from "@/messages";
import { runPicker as words } from "@/messages/en/run";
import RunDialog from "./run-dialog";

type Props = { onClose: () => void };

export default function RunPicker({ onClose }: Props) {
  const runtime = useRuntime();
  const formId = useId();
  const projects = useQuery(projectsQuery(runtime, { limit: 200, sort: "name", direction: "asc" }));
  const offered = projects.data?.projects.filter((project) => projectAllows(project, "trigger_build")) ?? [];
  const [projectId, setProjectId] = useState("");
  const project =
    offered.find(({ id }) => id === projectId) ?? (offered.length === 1 ? offered[0] : undefined);
  const list = useQuery({ ...pipelinesQuery(runtime, project?.id ?? ""), enabled: Boolean(project) });
  const pipelines = list.data?.pipelines.filter(({ enabled }) => enabled) ?? [];
  const [pipelineId, setPipelineId] = useState("");
  const pipeline = pipelines.find(({ id }) => id === pipelineId) ?? pipelines[0];
  const [step, setStep] = useState<"which" | "how">("which");
  if (step === "how" && project && pipeline)
    return <RunDialog project={project} pipeline={pipeline} onClose={onClose} />;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (pipeline) setStep("how");
  }
  const footer = (
    <DialogActions
      form={formId}
      label={words.next}
      pending={projects.isLoading || list.isLoading}
      onCancel={onClose}
    />
  );
  return (
    <Dialog title={words.title} onClose={onClose} footer={footer}>
      <QueryView query={projects} name={t.projects.title} skeleton={<SkeletonRows rows={2} />}>
        {() =>
          offered.length === 0 ? (
            <p>{words.noProjects}</p>
          ) : (
            <form id={formId} onSubmit={submit} className="flex flex-col gap-4" noValidate>
              <Field label={words.project}>
                <Select value={project?.id ?? ""} onChange={(event) => setProjectId(event.target.value)}>
                  {!project && <option value="">{words.choose}</option>}
                  {offered.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </Select>
              </Field>
              {project && (
                <QueryView query={list} name={words.pipeline} skeleton={<SkeletonRows rows={1} />}>
                  {() =>
                    pipelines.length === 0 ? (
                      <p>{words.none}</p>
                    ) : (
                      <Field label={words.pipeline}>
                        <Select value={pipeline?.id} onChange={(event) => setPipelineId(event.target.value)}>
                          {pipelines.map(({ id, name }) => (
                            <option key={id} value={id}>
                              {name}
                            </option>
                          ))}
                        </Select>
                      </Field>
                    )
                  }
                </QueryView>
              )}
            </form>
          )
        }
      </QueryView>
    </Dialog>
  );
}
