/** What stands in the place of a project that is gone. It may still be pinned: whoever comes from there can take it off. */
import { lazy, Suspense } from "react";
import { ButtonLink, GoneState } from "@/components/ui";
import { t } from "@/messages";

const Unpin = lazy(() =>
  import("./pin-button-impl").then(
    ({ UnpinGone }) => ({ default: UnpinGone }),
    () => ({ default: () => null }),
  ),
);

export function ProjectGone({ projectId }: { projectId: string }) {
  const actions = (
    <>
      <ButtonLink to="/projects">{t.projects.title}</ButtonLink>
      <Suspense>
        <Unpin projectId={projectId} />
      </Suspense>
    </>
  );
  return <GoneState name={t.projects.one} actions={actions} />;
}
