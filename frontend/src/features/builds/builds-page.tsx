/** All builds that the person may see: filters, order, paging, all in the URL. New builds never move the rows being read. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import type { Build, ListBuilds } from "@/api/types";
import { BuildList } from "@/components/builds";
import { PausedNotice } from "@/components/paused-notice";
import { Page } from "@/components/shell";
import { Button, Pager, QueryView } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useNow } from "@/lib/clock";
import { useRuntime } from "@/lib/instances/current";
import { overlay } from "@/lib/overlay";
import { buildsQuery } from "@/lib/queries";
import { KEYS } from "@/lib/shortcuts";
import { t } from "@/messages";
import { listWords as words } from "@/messages/en/build-list";
import { Filters } from "./filters";
import { useHeldRows } from "./held-rows";
import { type BuildsSearch, type OnSearch, PAGE_SIZE, toQuery } from "./list-search";
import { RowMenu } from "./row-menu";
import { useSelection } from "./selection";
import { ViewsMenu } from "./views-menu";

const BulkBar = lazy(() => import("./bulk-bar"));
const CommitGroups = lazy(() => import("./commit-groups"));
const Nothing = lazy(() => import("./nothing"));

type Props = { search: BuildsSearch; onSearch: OnSearch };

const actions = (build: Build) => <RowMenu build={build} />;

export function BuildsPage({ search, onSearch }: Props) {
  const now = useNow("minute");
  const query = useQuery({
    ...buildsQuery(useRuntime(), toQuery(search, now)),
    placeholderData: keepPreviousData,
  });
  const run = useCan()("builds.write") && (
    <Button variant="primary" icon="play" aria-keyshortcuts={KEYS.run} onClick={() => overlay.set("run")}>
      {words.run}
    </Button>
  );
  return (
    <Page
      title={t.builds.title}
      actions={
        <>
          <ViewsMenu search={search} onSearch={onSearch} />
          {run}
        </>
      }
    >
      <PausedNotice />
      <Filters search={search} onSearch={onSearch} />
      <QueryView query={query} name={t.builds.name}>
        {(data) => (
          <Results
            data={data}
            page={`${JSON.stringify(search)}${query.isPlaceholderData ? " before" : ""}`}
            search={search}
            onSearch={onSearch}
          />
        )}
      </QueryView>
    </Page>
  );
}

/** `page` changes when other builds are asked for and again when they arrive: both are shown at once. */
function Results({ data, page, search, onSearch }: Props & { data: ListBuilds; page: string }) {
  const [hold, setHold] = useState<"always" | "scrolled">("scrolled");
  const { shown, fresh, release } = useHeldRows(data.builds, page, hold);
  const selection = useSelection(shown, page);
  const isTicked = selection.builds.length > 0;
  useEffect(() => setHold(isTicked ? "always" : "scrolled"), [isTicked]);
  const isEmpty = shown.length === 0;
  // Beyond the end the pager says so and leads back.
  if (isEmpty && !search.offset) {
    return (
      <Suspense>
        <Nothing search={search} onSearch={onSearch} />
      </Suspense>
    );
  }
  return (
    <>
      <div aria-live="polite" className="pointer-events-none sticky top-16 z-20 -mb-4 flex justify-center">
        {fresh > 0 && (
          <Button
            variant="primary"
            icon="up"
            onClick={release}
            className="rise pointer-events-auto rounded-full shadow-pop"
          >
            {words.fresh(fresh)}
          </Button>
        )}
      </div>
      {!isEmpty && search.group === "commit" && (
        <Suspense>
          <CommitGroups builds={shown} ticks={selection} actions={actions} />
        </Suspense>
      )}
      {!isEmpty && search.group !== "commit" && (
        <BuildList builds={shown} label={t.builds.title} ticks={selection} actions={actions} />
      )}
      <Pager
        offset={search.offset ?? 0}
        limit={PAGE_SIZE}
        total={data.total ?? shown.length}
        onOffset={(offset) => onSearch({ ...search, offset: offset || undefined }, "push")}
      />
      {isTicked && (
        <Suspense>
          <BulkBar selection={selection} shown={shown} />
        </Suspense>
      )}
    </>
  );
}
