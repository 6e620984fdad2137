/** What the server finds for the palette: projects, builds, people. Asked when the typing pauses. */
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { toApiError } from "@/api/errors";
import type { Build, Project, User } from "@/api/types";
import { subjectOf } from "@/components/builds";
import { useCan } from "@/lib/capabilities";
import { useDebounced } from "@/lib/debounce";
import { reasonOf } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { buildsQuery, projectsQuery, usersQuery } from "@/lib/queries";
import { t } from "@/messages";
import { palette as words } from "@/messages/en/palette";
import type { PaletteGroup, PaletteItem } from "./items";

const TYPING_MS = 150;
const MOST = 6;

export type Found = { groups: PaletteGroup[]; isSearching: boolean; problem: string | null };

export function useFound(typed: string): Found {
  const runtime = useRuntime();
  const router = useRouter();
  const can = useCan();
  const wanted = typed.trim();
  const text = useDebounced(wanted, TYPING_MS);
  const enabled = text !== "";
  const projects = useQuery({ ...projectsQuery(runtime, { search: text, limit: MOST }), enabled });
  const builds = useQuery({ ...buildsQuery(runtime, { q: text.replace(/^#/, ""), limit: MOST }), enabled });
  const people = useQuery({
    ...usersQuery(runtime, { q: text, limit: MOST }),
    enabled: enabled && can("users.read"),
  });
  const failed = [projects, builds, people].find(({ error }) => error)?.error;
  // Enter must not open what was found for an earlier text, so that is no longer shown.
  if (wanted === "" || text !== wanted) return { groups: [], isSearching: wanted !== "", problem: null };

  const projectItem = ({ id, name, repository_full_name }: Project): PaletteItem => ({
    id: `project ${id}`,
    icon: "project",
    label: name,
    detail: repository_full_name ?? undefined,
    run: () => void router.navigate({ to: "/projects/$projectId", params: { projectId: id } }),
  });
  const buildItem = (build: Build): PaletteItem => ({
    id: `build ${build.id}`,
    icon: "build",
    label: `${subjectOf(build)} ${t.builds.number(build.build_number)}`,
    detail: [t.builds.status[build.status], build.context?.project_name, build.branch]
      .filter(Boolean)
      .join(" · "),
    run: () => void router.navigate({ to: "/builds/$buildId", params: { buildId: build.id } }),
  });
  const personItem = ({ id, email, display_name }: User): PaletteItem => ({
    id: `person ${id}`,
    icon: "user",
    label: display_name || email,
    detail: display_name ? email : undefined,
    run: () => void router.navigate({ to: "/settings/users", search: { q: email } }),
  });
  const groups = [
    { label: words.groups.projects, items: (projects.data?.projects ?? []).map(projectItem) },
    { label: words.groups.builds, items: (builds.data?.builds ?? []).map(buildItem) },
    { label: words.groups.people, items: (people.data?.users ?? []).map(personItem) },
  ];
  return {
    groups: groups.filter(({ items }) => items.length > 0),
    isSearching: [projects, builds, people].some(({ isFetching }) => isFetching),
    problem: failed ? words.failed(reasonOf(toApiError(failed))) : null,
  };
}
