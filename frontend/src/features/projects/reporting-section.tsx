/** What others see of a project's builds. Each choice is saved when it is made. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Project } from "@/api/types";
import { Choice, CopyLine, FormError, Section, useToasts } from "@/components/ui";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery, projectQuery } from "@/lib/queries";
import { reporting as words } from "@/messages/en/reporting";

type Choices = Partial<Pick<Project, "report_statuses" | "report_comment" | "public_badge">>;

export function ReportingSection({ project }: { project: Project }) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const set = (body: Choices) =>
    void submission.run(async () => {
      const path = { project_id: project.id };
      const answer = await runtime.api.patch("/v1/projects/{project_id}", { path, body });
      cache.setQueryData(
        projectQuery(runtime, project.id).queryKey,
        (old) => old && { ...old, project: answer.project },
      );
      toast(words.saved);
    });
  const isLocal = project.repository_provider === "local_git";
  const choice = (name: keyof Choices, label: string, text: string) => (
    <Choice
      kind="switch"
      label={label}
      text={text}
      checked={project[name]}
      disabled={submission.pending}
      onChange={(event) => set({ [name]: event.target.checked })}
    />
  );
  return (
    <Section title={words.title}>
      <div className="card flex flex-col gap-4 p-4">
        {!isLocal && choice("report_statuses", words.statuses, words.statusesText)}
        {!isLocal && choice("report_comment", words.comment, words.commentText)}
        {choice("public_badge", words.badge, words.badgeText)}
        {project.public_badge && <Snippet project={project} />}
        <FormError error={submission.error} />
      </div>
    </Section>
  );
}

function Snippet({ project }: { project: Project }) {
  const runtime = useRuntime();
  const { data } = useQuery(bootstrapQuery(runtime));
  const base = (data?.instance.public_url ?? runtime.instance.url).replace(/\/+$/, "");
  const address = `${base}/v1/projects/${project.id}/badge.svg`;
  return (
    <div className="flex flex-col gap-2">
      <p className="text-sm text-ink-3">{words.snippet}</p>
      <CopyLine text={`![${words.alt}](${address})`} />
    </div>
  );
}
