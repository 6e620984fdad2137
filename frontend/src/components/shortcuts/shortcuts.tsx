/** Shortcuts by group, made from the registry, and the switch for them. It must not know what they do. */
import { Fragment, type ReactNode } from "react";
import { Choice } from "@/components/ui";
import { KEYS, ROW_KEYS, type ShortcutId, shortcutsAre } from "@/lib/shortcuts";
import { useStore } from "@/lib/store";
import { keys as words } from "@/messages/en/keys";

type Group = keyof typeof words.groups;

const GROUP_OF: Record<ShortcutId, Group> = {
  goHome: "go",
  goBuilds: "go",
  goProjects: "go",
  goReleases: "go",
  goInsights: "go",
  goRunners: "go",
  goSettings: "go",
  help: "everywhere",
  run: "everywhere",
  filter: "list",
  next: "list",
  previous: "list",
  select: "list",
  rowActions: "list",
  rerun: "build",
  cancel: "build",
  compare: "build",
  copyLink: "build",
  view1: "build",
  view2: "build",
  view3: "build",
  view4: "build",
  view5: "build",
  view6: "build",
  previousStep: "log",
  nextStep: "log",
  steps: "log",
  nextError: "log",
  previousError: "log",
  nextMatch: "log",
  previousMatch: "log",
  follow: "log",
  wrap: "log",
  fold: "log",
  times: "log",
  full: "log",
};

export const ALL_SHORTCUTS = Object.keys(KEYS) as ShortcutId[];

export function ShortcutList({ ids, level }: { ids: readonly ShortcutId[]; level: 2 | 3 }) {
  const Heading = `h${level}` as const;
  const groups = Object.entries(words.groups) as [Group, string][];
  return groups.map(([group, title]) => {
    const members = ids.filter((id) => KEYS[id] && GROUP_OF[id] === group);
    if (members.length === 0) return null;
    return (
      <section key={group} aria-label={title} className="flex flex-col gap-1">
        <Heading className="font-medium text-ink-2">{title}</Heading>
        <dl className="grid grid-cols-[5.5rem_1fr] items-center gap-x-4 gap-y-1">
          {members.map((id) => (
            <Fragment key={id}>
              <dt>
                <Keys keys={KEYS[id]} />
                <OtherKey name={ROW_KEYS[id]} />
              </dt>
              <dd>{words.labels[id]}</dd>
            </Fragment>
          ))}
        </dl>
      </section>
    );
  });
}

/** "g" then "h". */
export function Keys({ keys }: { keys: string }) {
  return keys.split(" ").map((key, index) => (
    <Fragment key={key}>
      {index > 0 && <Between>{words.followedBy}</Between>}
      <Key>{key}</Key>
    </Fragment>
  ));
}

const SIGNS: Record<string, string> = { ArrowDown: "↓", ArrowUp: "↑" };

function OtherKey({ name }: { name: string | undefined }) {
  if (!name) return null;
  return (
    <>
      <Between>{words.or}</Between>
      <Key>{SIGNS[name]}</Key>
    </>
  );
}

function Key({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-block min-w-6 rounded border border-control bg-sunken px-1.5 text-center font-mono text-sm text-ink">
      {children}
    </kbd>
  );
}

function Between({ children }: { children: ReactNode }) {
  return <span className="mx-1 text-xs text-ink-3">{children}</span>;
}

/** Turns single keys off and on for this browser. */
export function ShortcutSwitch() {
  const state = useStore(shortcutsAre);
  return (
    <Choice
      kind="switch"
      label={words.on}
      text={words.onText}
      checked={state === "on"}
      onChange={(event) => shortcutsAre.set(event.target.checked ? "on" : "off")}
    />
  );
}
