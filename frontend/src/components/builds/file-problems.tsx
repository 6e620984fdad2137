/** Says that a pipeline's file is not valid at a commit: then it declares nothing to ask for, and the build will fail. */
import { useQuery } from "@tanstack/react-query";
import type { Pipeline, Project } from "@/api/types";
import { Banner } from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";

/** Without a path of its own, the first of these that exists is a pipeline's file. */
const USUAL_PATHS = [".oore.yaml", ".oore.yml"];

type Props = { project: Pick<Project, "id" | "capabilities">; pipeline: Pipeline; commit: string };

export function FileProblems({ project, pipeline, commit }: Props) {
  const runtime = useRuntime();
  const { data } = useQuery({
    queryKey: runtime.key("pipeline", pipeline.id, "file", commit),
    queryFn: ({ signal }) =>
      runtime.api.get("/v1/projects/{project_id}/repository-workflows", {
        path: { project_id: project.id },
        query: { ref: commit, path: pipeline.config_path_explicit ? pipeline.config_path : undefined },
        signal,
      }),
    enabled: projectAllows(project, "manage_pipelines"),
    // Without a file there is nothing to say: the settings count.
    retry: false,
  });
  const paths = pipeline.config_path_explicit ? [pipeline.config_path] : USUAL_PATHS;
  const file = paths.flatMap((path) => data?.workflows.find((one) => one.path === path) ?? [])[0];
  if (!file || file.valid) return null;
  return (
    <Banner tone="warning" title={t.projects.run.invalidFile(file.path)}>
      <ul className="list-disc ps-5">
        {file.errors.map((error) => (
          <li key={error} className="wrap-anywhere">
            {error}
          </li>
        ))}
      </ul>
    </Banner>
  );
}
