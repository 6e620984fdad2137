/** The Flutter apps that were found on the machine, one of them chosen. Without any it says where was looked and what to do. */
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId } from "react";
import type { StartApp, StartApps } from "@/api/types";
import { Button, ButtonLink, Icon, QueryView, TimeAgo } from "@/components/ui";
import { start } from "@/messages/en/start";

const words = start.app;
/** So many packages are named. */
const NAMED = 3;

type Props = {
  query: UseQueryResult<StartApps>;
  chosen: StartApp | null;
  onChoose: (app: StartApp) => void;
};

export function AppChoice({ query, chosen, onChoose }: Props) {
  return (
    <section aria-labelledby="app" className="card flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 id="app" className="text-lg font-semibold">
          {words.title}
        </h2>
        <Button
          variant="ghost"
          icon="rerun"
          pending={query.isFetching && query.isSuccess}
          onClick={() => void query.refetch()}
        >
          {words.again}
        </Button>
      </div>
      {query.isPending && <p className="text-ink-2">{words.searching}</p>}
      <QueryView query={query} name={words.name}>
        {({ apps, searched, truncated }) => (
          <>
            {apps.length === 0 ? (
              <Nothing searched={searched} />
            ) : (
              <fieldset className="min-w-0">
                <legend className="sr-only">{words.label}</legend>
                <div className="flex max-h-96 flex-col gap-1 overflow-y-auto">
                  {apps.map((app) => (
                    <AppRow
                      key={app.path}
                      app={app}
                      isChosen={app.path === chosen?.path}
                      onChoose={() => onChoose(app)}
                    />
                  ))}
                </div>
              </fieldset>
            )}
            {truncated && <p className="text-sm text-ink-3">{words.truncated}</p>}
          </>
        )}
      </QueryView>
      <div>
        <ButtonLink to="/projects/new" variant="ghost" icon="folder">
          {words.other}
        </ButtonLink>
      </div>
    </section>
  );
}

function Nothing({ searched }: { searched: readonly string[] }) {
  return (
    <div className="flex flex-col gap-1">
      <p className="flex items-center gap-2 font-medium">
        <Icon name="search" className="size-4 text-ink-3" />
        {words.none}
      </p>
      <p className="break-words text-ink-2">
        {searched.length > 0 ? words.noneText(searched.join(", ")) : words.noFolder}
      </p>
      <p className="text-ink-2">{words.noneHow}</p>
    </div>
  );
}

type RowProps = { app: StartApp; isChosen: boolean; onChoose: () => void };

function AppRow({ app, isChosen, onChoose }: RowProps) {
  const id = useId();
  const about = (
    <span id={`${id}-about`} className="block text-sm break-words text-ink-3">
      <span className="font-mono break-all">{app.path}</span>
      {app.used_at && (
        <>
          {" · "}
          {words.used} <TimeAgo at={app.used_at} />
        </>
      )}
      <span className="block">{holds(app)}</span>
    </span>
  );
  if (app.project_id) {
    return (
      <div className="flex items-start gap-3 px-2 py-2">
        <Icon name="check" className="mt-1 size-5 text-passed" />
        <div className="min-w-0 grow">
          <Link
            to="/projects/$projectId"
            params={{ projectId: app.project_id }}
            aria-label={words.open(app.name)}
            className="tap font-medium text-accent underline underline-offset-2"
          >
            {app.name}
          </Link>
          <span className="ms-2 text-sm text-ink-2">{words.known}</span>
          {about}
        </div>
      </div>
    );
  }
  return (
    <div className="flex items-start gap-3 rounded px-2 py-2 has-checked:bg-accent-tint">
      <input
        type="radio"
        id={id}
        name="app"
        checked={isChosen}
        onChange={onChoose}
        aria-describedby={`${id}-about`}
        className="size-6 shrink-0 accent-accent"
      />
      <div className="min-w-0 grow">
        <label htmlFor={id} className="tap font-medium">
          {app.name}
        </label>
        {about}
      </div>
    </div>
  );
}

function holds({ roots }: StartApp): string {
  const named = roots.slice(0, NAMED).map(({ name, path }) => (path ? `${name} (${path})` : name));
  const more = roots.length - named.length;
  return words.roots([...named, more > 0 && words.more(more)].filter(Boolean).join(", "));
}
