/** `/builds/$buildId`: puts the build's frame, its log and its artifacts together. */
import { createLazyFileRoute, useLocation } from "@tanstack/react-router";
import { type ComponentProps, lazy, Suspense, useCallback, useMemo } from "react";
import type { Build } from "@/api/types";
import { SkeletonRows } from "@/components/ui";
import { BuildPage } from "@/features/builds/build-page";
import { type OnBuildSearch, parseBuildSearch } from "@/features/builds/search";
import { FailureExcerpt, LogView, parsePlace, placeHash, useBuildLog } from "@/features/logs";
import type { LogPlace } from "@/lib/log/messages";

/** A view of its own: the log and the failure do without. */
const ArtifactList = lazy(async () => {
  const { ArtifactList } = await import("@/features/artifacts/artifact-list");
  return { default: ArtifactList };
});

export const Route = createLazyFileRoute("/builds/$buildId")({ component: BuildRoute });

/** So many artifacts stand in the summary. */
const FEW = 5;

function BuildRoute() {
  const { buildId } = Route.useParams();
  const search = parseBuildSearch(Route.useSearch());
  const navigate = Route.useNavigate();
  const [place, setPlace] = usePlace();
  const onSearch = useCallback<OnBuildSearch>(
    (next, history) => void navigate({ search: next, replace: history === "replace", resetScroll: false }),
    [navigate],
  );
  return (
    <BuildPage
      key={buildId}
      buildId={buildId}
      search={search}
      onSearch={onSearch}
      names={place || search.step ? "log" : null}
    >
      {(build, content) =>
        content({
          excerpt: <FailureExcerpt build={build} onPlace={setPlace} />,
          log: <Log build={build} place={place} onPlace={setPlace} />,
          artifacts: <Artifacts build={build} />,
          someArtifacts: <Artifacts build={build} most={FEW} />,
        })
      }
    </BuildPage>
  );
}

type ArtifactsProps = ComponentProps<typeof ArtifactList>;

function Artifacts(props: ArtifactsProps) {
  return (
    <Suspense fallback={<SkeletonRows rows={4} />}>
      <ArtifactList {...props} />
    </Suspense>
  );
}

type LogProps = { build: Build; place: LogPlace | null; onPlace: (place: LogPlace) => void };

/** Reads the log from when it is shown first. */
function Log(props: LogProps) {
  return <LogView {...props} log={useBuildLog(props.build, props.place)} />;
}

/** Lines that the address selects; choosing others replaces it, so Back leaves the page at once. */
function usePlace(): [LogPlace | null, (place: LogPlace) => void] {
  const navigate = Route.useNavigate();
  const { step } = parseBuildSearch(Route.useSearch());
  const hash = useLocation({ select: (location) => location.hash });
  const place = useMemo(() => parsePlace(hash, step), [hash, step]);
  const setPlace = useCallback(
    (next: LogPlace) =>
      void navigate({
        search: next.step === "" ? {} : { step: next.step },
        hash: placeHash(next),
        replace: true,
        resetScroll: false,
        hashScrollIntoView: false,
      }),
    [navigate],
  );
  return [place, setPlace];
}
