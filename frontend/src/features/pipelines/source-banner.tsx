/** Says what builds follow: the repository's file, or what is edited here. It looks at the default branch only, and changes nothing. */
import { useQuery } from "@tanstack/react-query";
import type { Project, RepositoryFile } from "@/api/types";
import { Banner } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { pipelineSource as words } from "@/messages/en/pipeline-source";
import type { FormValue } from "./form-value";

/** Where a file is looked for that no path is given for. */
const USUAL_PATHS = [".oore.yaml", ".oore.yml"];
/** The server lists these, and files of `.oore/`. */
const isListed = (path: string) => USUAL_PATHS.includes(path) || /^\.oore\/.+\.ya?ml$/.test(path);

type Props = { project: Project; value: Pick<FormValue, "source" | "configPath"> };

export function SourceBanner({ project, value }: Props) {
  const runtime = useRuntime();
  const { data, isError } = useQuery({
    queryKey: runtime.key("repository-files", project.id),
    queryFn: ({ signal }) =>
      runtime.api.get("/v1/projects/{project_id}/repository-workflows", {
        path: { project_id: project.id },
        signal,
      }),
    enabled: Boolean(project.repository_provider),
    staleTime: 60_000,
    // A code host that refuses is not asked again and again.
    retry: false,
    refetchInterval: false,
  });
  const own = value.configPath.trim();
  const paths = value.source === "repository" && own ? [own] : USUAL_PATHS;
  const path = paths[0] ?? "";
  const file = data?.workflows.find((one) => paths.includes(one.path));
  if (file) return <Found file={file} />;
  if (data && !data.truncated && isListed(path)) {
    return (
      <Banner tone="info" title={words.here}>
        <p>{words.hereText(path)}</p>
      </Banner>
    );
  }
  return (
    <Banner tone="info" title={words.either(path)}>
      <p>{isError ? `${words.eitherText} ${words.notLooked}` : words.eitherText}</p>
    </Banner>
  );
}

function Found({ file: { path, valid } }: { file: RepositoryFile }) {
  if (!valid) {
    return (
      <Banner tone="warning" title={words.brokenTitle(path)}>
        <p>{words.brokenText}</p>
      </Banner>
    );
  }
  return (
    <Banner tone="info" title={words.inRepository(path)}>
      <p>{words.inRepositoryText}</p>
    </Banner>
  );
}
