/** Walks the folders of the machine that runs the daemon and picks a git repository. It must not create anything. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toApiError } from "@/api/errors";
import type { DirectoryListing } from "@/api/types";
import { Badge, Button, Field, FormError, Icon, Input, SkeletonRows } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { projectForm as words } from "@/messages/en/project-form";

export function FolderPicker({ onPick }: { onPick: (path: string) => void }) {
  const runtime = useRuntime();
  const [path, setPath] = useState<string | undefined>();
  // Whoever is in the field owns its text: a listing that arrives meanwhile must neither replace it nor lose the selection.
  const [typed, setTyped] = useState<string | null>(null);
  const listing = useQuery({
    queryKey: runtime.key("directories", path ?? ""),
    queryFn: ({ signal }) =>
      runtime.api.get("/v1/integrations/local-git/directories", { query: { path }, signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const error = listing.error ? toApiError(listing.error) : null;
  const shown = listing.isPlaceholderData ? path : (listing.data?.current_path ?? path);
  function open(next: string) {
    setPath(next);
    setTyped(null);
  }
  if (error?.code === "loopback_required") return <p className="text-ink-2">{words.loopback}</p>;
  return (
    <div className="flex flex-col gap-3">
      <PathForm
        text={typed ?? shown ?? ""}
        onText={setTyped}
        onLeave={() => (!typed || typed === shown) && setTyped(null)}
        onGo={open}
      />
      <FormError error={error} />
      {listing.data ? (
        <Listing
          listing={listing.data}
          isCurrent={!listing.isPlaceholderData}
          onOpen={open}
          onPick={onPick}
        />
      ) : (
        listing.isPending && <SkeletonRows rows={6} />
      )}
    </div>
  );
}

type PathFormProps = {
  text: string;
  onText: (text: string) => void;
  onLeave: () => void;
  onGo: (path: string) => void;
};

function PathForm({ text, onText, onLeave, onGo }: PathFormProps) {
  function go(event: FormEvent) {
    event.preventDefault();
    if (text.trim()) onGo(text.trim());
  }
  return (
    <form onSubmit={go} className="flex items-end gap-2">
      <Field label={words.folderPath} className="grow">
        <Input
          value={text}
          onFocus={() => onText(text)}
          onBlur={onLeave}
          onChange={(event) => onText(event.target.value)}
          autoComplete="off"
          spellCheck={false}
          className="font-mono text-sm"
        />
      </Field>
      <Button type="submit" className="min-h-8.5">
        {words.go}
      </Button>
    </form>
  );
}

type ListingProps = {
  listing: DirectoryListing;
  /** Whether it is the folder that was asked for; until that one is read, the one before stays on screen. */
  isCurrent: boolean;
  onOpen: (path: string) => void;
  onPick: (path: string) => void;
};

function Listing({ listing, isCurrent, onOpen, onPick }: ListingProps) {
  return (
    <>
      {listing.suggestions.length > 0 && (
        <div className="flex flex-wrap items-center gap-2">
          <span className="text-sm text-ink-3">{words.quick}</span>
          {listing.suggestions.map((place) => (
            <Button key={place.path} variant="ghost" icon="folder" onClick={() => onOpen(place.path)}>
              {nameOf(place, listing.suggestions)}
            </Button>
          ))}
        </div>
      )}
      <ul aria-label={listing.current_path} className="card max-h-80 divide-y divide-line overflow-y-auto">
        {listing.parent_path && (
          <Row icon="up" label={words.up} onClick={() => onOpen(listing.parent_path ?? "")} />
        )}
        {listing.directories.map((entry) => (
          <Row
            key={entry.path}
            icon="folder"
            label={entry.name}
            badge={entry.is_git_repository}
            onClick={() => (entry.is_git_repository ? onPick(entry.path) : onOpen(entry.path))}
          />
        ))}
        {listing.directories.length === 0 && <li className="px-3 py-2 text-ink-3">{words.emptyFolder}</li>}
      </ul>
      <div className="flex flex-wrap items-center gap-3">
        <Button
          variant="primary"
          icon="check"
          pending={!isCurrent}
          disabledReason={listing.current_is_git_repository ? null : words.notRepo}
          onClick={() => onPick(listing.current_path)}
        >
          {words.useThis}
        </Button>
        {!listing.current_is_git_repository && <span className="text-sm text-ink-3">{words.notRepo}</span>}
      </div>
    </>
  );
}

type Place = DirectoryListing["suggestions"][number];

/** Places are called as their folders are, but for the one that holds all others, for which the daemon has an English word. */
function nameOf({ label, path }: Place, places: readonly Place[]): string {
  const isHome = places.every((other) => other.path === path || other.path.startsWith(`${path}/`));
  return isHome && !path.endsWith(`/${label}`) ? words.home : label;
}

type RowProps = { icon: "up" | "folder"; label: string; badge?: boolean; onClick: () => void };

function Row({ icon, label, badge = false, onClick }: RowProps) {
  return (
    <li>
      <button
        type="button"
        onClick={onClick}
        className="target flex w-full items-center gap-2 px-3 py-1 text-start hover:bg-sunken"
      >
        <Icon name={icon} className="size-4 text-ink-3" />
        <span className="grow">{label}</span>
        {badge && (
          <Badge tone="passed" icon="branch">
            {words.isRepo}
          </Badge>
        )}
      </button>
    </li>
  );
}
