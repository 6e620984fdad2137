/** What can be done with one build of the list. What the person may never do is not in it; the server has the last word. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import type { Build } from "@/api/types";
import { copyAndSay, Icon, isActive, Menu, type MenuEntry, useToasts } from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { projectsQuery } from "@/lib/queries";
import { KEYS } from "@/lib/shortcuts";
import { t } from "@/messages";
import { listWords } from "@/messages/en/build-list";

const words = listWords.row;
/** Loaded when something is done. */
const loadBulk = () => import("./bulk");

export function RowMenu({ build }: { build: Build }) {
  const runtime = useRuntime();
  const { toastError } = useToasts();
  const navigate = useNavigate();
  const router = useRouter();
  // The filters above the list ask for the same.
  const { data } = useQuery(projectsQuery(runtime, { limit: 200, sort: "name", direction: "asc" }));
  const project = data?.projects.find(({ id }) => id === build.project_id);
  const number = t.builds.number(build.build_number);
  const act = (what: "cancelBuilds" | "rerunBuilds") =>
    loadBulk().then((bulk) => bulk[what](runtime, [build]), toastError);
  const copy = () => {
    const to = { to: "/builds/$buildId", params: { buildId: build.id } } as const;
    return copyAndSay(window.location.origin + router.buildLocation(to).href, words.copied);
  };
  const open = () => navigate({ to: "/builds/$buildId", params: { buildId: build.id } });
  const toProject = () => navigate({ to: "/projects/$projectId", params: { projectId: build.project_id } });
  const entries: MenuEntry[] = [
    { kind: "action", label: t.action.open, icon: "build", onSelect: () => void open() },
  ];
  if (isActive(build.status) && projectAllows(project, "cancel_build"))
    entries.push({
      kind: "action",
      label: words.cancel,
      icon: "stop",
      onSelect: () => void act("cancelBuilds"),
    });
  if (!isActive(build.status) && projectAllows(project, "trigger_build"))
    entries.push({
      kind: "action",
      label: words.rerun,
      icon: "rerun",
      onSelect: () => void act("rerunBuilds"),
    });
  entries.push(
    { kind: "action", label: words.project, icon: "project", onSelect: () => void toProject() },
    { kind: "action", label: words.copy, icon: "copy", onSelect: () => void copy() },
  );
  return (
    <Menu label={words.label(number)} entries={entries} keys={KEYS.rowActions}>
      <Icon name="more" className="size-5" />
    </Menu>
  );
}
