/** The chunk of what stands around the form's fields. Everyone else imports ./around-form. */
import type { Pipeline, Project } from "@/api/types";
import { SourceBanner } from "./source-banner";
import { TemplateChoice, type TemplateChoiceProps } from "./template-choice";

export { PlanPreview } from "./plan-preview";

export type AboveProps = TemplateChoiceProps & { project: Project; pipeline: Pipeline | undefined };

export function Above({ project, pipeline, ...form }: AboveProps) {
  return (
    <>
      <SourceBanner project={project} value={form.value} />
      {!pipeline && <TemplateChoice {...form} />}
    </>
  );
}
