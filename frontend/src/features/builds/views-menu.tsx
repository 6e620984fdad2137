/** The views of the build list: some that everybody has, and those that a person saved. A view is a search, nothing more. */
import { useState } from "react";
import { Icon, Menu, type MenuEntry, onRequest, toastWithUndo } from "@/components/ui";
import { type SavedView, useSavedViews } from "@/lib/saved-views";
import { viewWords as words } from "@/messages/en/build-views";
import { type BuildsSearch, type OnSearch, parseBuildsSearch } from "./list-search";

const SaveDialog = onRequest(() => import("./save-view-dialog"));

const GIVEN: readonly SavedView[] = [
  { name: words.all, search: {} },
  { name: words.active, search: { status: "queued,scheduled,assigned,running" } },
  { name: words.failed, search: { status: "failed,timed_out" } },
];

type Props = { search: BuildsSearch; onSearch: OnSearch };

export function ViewsMenu({ search, onSearch }: Props) {
  const { views, save, remove } = useSavedViews("builds");
  const [asking, setAsking] = useState(false);
  const here = JSON.stringify(searchOf(search));
  const isHere = (view: SavedView) => JSON.stringify(searchOf(parseBuildsSearch(view.search))) === here;
  const current = [...views, ...GIVEN].find(isHere);
  const own = views.find(isHere);
  const open = (view: SavedView): MenuEntry => ({
    kind: "choice",
    label: view.name,
    checked: view === current,
    onSelect: () => onSearch(parseBuildsSearch(view.search), "push"),
  });
  function forget(view: SavedView) {
    remove(view.name);
    toastWithUndo(words.removed(view.name), () => save(view));
  }
  const entries: MenuEntry[] = [
    { kind: "heading", label: words.given },
    ...GIVEN.map(open),
    ...(views.length > 0 ? [{ kind: "heading", label: words.own } satisfies MenuEntry] : []),
    ...views.map(open),
    { kind: "heading", label: words.change },
    {
      kind: "choice",
      label: words.byCommit,
      checked: search.group === "commit",
      onSelect: () =>
        onSearch({ ...search, group: search.group === "commit" ? undefined : "commit" }, "push"),
    },
    {
      kind: "action",
      label: words.save,
      icon: "add",
      disabledReason: current ? words.nothingToSave : null,
      onSelect: () => setAsking(true),
    },
    ...(own
      ? [
          {
            kind: "action",
            label: words.remove(own.name),
            icon: "delete",
            onSelect: () => forget(own),
          } satisfies MenuEntry,
        ]
      : []),
  ];
  return (
    <>
      <Menu
        label={words.menu(current?.name ?? words.unsaved)}
        entries={entries}
        className="border border-control px-3"
      >
        <Icon name="filter" />
        <span className="font-medium text-ink">{current?.name ?? words.title}</span>
        <Icon name="chevron" className="size-3.5 rotate-90" />
      </Menu>
      {asking && (
        <SaveDialog
          taken={GIVEN.map(({ name }) => name)}
          onSave={(name) => {
            save({ name, search: searchOf(search) });
            setAsking(false);
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

/** Where in the list one is does not belong to a view. */
function searchOf({ offset: _, ...search }: BuildsSearch): Record<string, string> {
  return Object.fromEntries(Object.entries(search).toSorted());
}
