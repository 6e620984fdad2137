/** What can be done with one build of the list. What the person may never do is not in it; the server has the last word. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import type { Build } from "@/api/types";
import { copyText, Icon, isActive, Menu, type MenuEntry, toast, toastError } from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { projectsQuery } from "@/lib/queries";
import { KEYS } from "@/lib/shortcuts";
import { t } from "@/messages";

const words = t.builds.row;

export function RowMenu({ build }: { build: Build }) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  // The filters above the list ask for the same.
  const { data } = useQuery(projectsQuery(runtime, { limit: 200, sort: "name", direction: "asc" }));
  const project = data?.projects.find(({ id }) => id === build.project_id);
  const number = t.builds.number(build.build_number);
  const path = { build_id: build.id };
  const refresh = () => cache.invalidateQueries({ queryKey: runtime.key("builds") });
  async function act(action: () => Promise<void>) {
    try {
      await action();
    } catch (cause) {
      toastError(cause);
    } finally {
      // A refusal tells that the row is not as it was shown.
      await refresh();
    }
  }
  const cancel = () =>
    act(async () => {
      await runtime.api.post("/v1/builds/{build_id}/cancel", { path });
      toast(words.canceled(number));
    });
  const rerun = () =>
    act(async () => {
      const { build: next } = await runtime.api.post("/v1/builds/{build_id}/rerun", {
        path,
        body: { from: "start" },
      });
      const to = { to: "/builds/$buildId", params: { buildId: next.id } } as const;
      toast(words.queued(t.builds.number(next.build_number)), { label: t.action.open, to });
    });
  const copy = async () => {
    const to = { to: "/builds/$buildId", params: { buildId: build.id } } as const;
    try {
      await copyText(window.location.origin + router.buildLocation(to).href);
      toast(words.copied);
    } catch (cause) {
      toastError(cause);
    }
  };
  const open = () => navigate({ to: "/builds/$buildId", params: { buildId: build.id } });
  const toProject = () => navigate({ to: "/projects/$projectId", params: { projectId: build.project_id } });
  const entries: MenuEntry[] = [
    { kind: "action", label: t.action.open, icon: "build", onSelect: () => void open() },
  ];
  if (isActive(build.status) && projectAllows(project, "cancel_build"))
    entries.push({ kind: "action", label: words.cancel, icon: "stop", onSelect: () => void cancel() });
  if (!isActive(build.status) && projectAllows(project, "trigger_build"))
    entries.push({ kind: "action", label: words.rerun, icon: "rerun", onSelect: () => void rerun() });
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
