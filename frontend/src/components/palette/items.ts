/** What the palette offers by itself: actions of the page, places, appearance. It must not ask the server. */
import { type LinkProps, useRouter } from "@tanstack/react-router";
import { useAccountSections, useSettingsSections } from "@/components/settings";
import type { IconName } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { activeShortcuts, KEYS, runShortcut, type ShortcutId } from "@/lib/shortcuts";
import { setTheme, type Theme } from "@/lib/theme";
import { t } from "@/messages";
import { keys as keyWords } from "@/messages/en/keys";
import { palette as words } from "@/messages/en/palette";

export type PaletteItem = {
  id: string;
  icon: IconName;
  label: string;
  detail?: string;
  keys?: string;
  run: () => void;
};

export type PaletteGroup = { label: string; items: readonly PaletteItem[] };

/** Moving about a list is for hands on the keys only, and places have entries of their own. */
const ELSEWHERE = new Set<ShortcutId>([
  "goHome",
  "goBuilds",
  "goProjects",
  "goReleases",
  "goInsights",
  "goRunners",
  "goSettings",
  "next",
  "previous",
  "select",
  "rowActions",
]);

/** What can be done anywhere comes after what this page is for. */
const LAST = new Set<ShortcutId>(["help", "run"]);

const THEMES = ["system", "light", "dark"] satisfies Theme[];

type Place = { to: LinkProps["to"]; icon: IconName; label: string; detail?: string; keys?: string };

export function useOwnGroups(): PaletteGroup[] {
  const router = useRouter();
  // Anew each time: the page may still be arriving under the palette.
  const ids = activeShortcuts()
    .filter((id) => !ELSEWHERE.has(id))
    .toSorted((one, other) => Number(LAST.has(one)) - Number(LAST.has(other)));
  const places = usePlaces();
  const here = ids.map(
    (id): PaletteItem => ({
      id,
      icon: "play",
      label: keyWords.labels[id],
      keys: KEYS[id] || undefined,
      run: () => runShortcut(id),
    }),
  );
  const go = places.map(
    ({ to, ...place }): PaletteItem => ({
      id: `go ${to}`,
      ...place,
      run: () => void router.navigate({ to }),
    }),
  );
  const looks = THEMES.map(
    (name): PaletteItem => ({
      id: `theme ${name}`,
      icon: "settings",
      label: words.theme(t.shell.themes[name]),
      run: () => setTheme(name),
    }),
  );
  return [
    { label: words.groups.here, items: here },
    { label: words.groups.go, items: go },
    { label: words.groups.appearance, items: looks },
  ];
}

function usePlaces(): Place[] {
  const can = useCan();
  const settings = useSettingsSections();
  const account = useAccountSections();
  const when = (allowed: boolean, ...places: Place[]) => (allowed ? places : []);
  return [
    { to: "/", icon: "home", label: t.shell.home, keys: KEYS.goHome },
    { to: "/builds", icon: "build", label: t.shell.builds, keys: KEYS.goBuilds },
    { to: "/projects", icon: "project", label: t.shell.projects, keys: KEYS.goProjects },
    { to: "/releases", icon: "artifact", label: t.shell.releases, keys: KEYS.goReleases },
    ...when(can("builds.write"), {
      to: "/insights",
      icon: "chart",
      label: t.shell.insights,
      keys: KEYS.goInsights,
    }),
    ...when(can("runners.read"), {
      to: "/runners",
      icon: "runner",
      label: t.shell.runners,
      keys: KEYS.goRunners,
    }),
    ...when(settings.length > 0, {
      to: "/settings",
      icon: "settings",
      label: t.shell.settings,
      keys: KEYS.goSettings,
    }),
    ...when(can("projects.write"), { to: "/projects/new", icon: "add", label: words.newProject }),
    ...when(can("runners.write"), { to: "/runners/new", icon: "add", label: words.addRunner }),
    ...when(can("integrations.write"), {
      to: "/settings/integrations/new",
      icon: "add",
      label: words.connectSource,
    }),
    ...settings.map(({ to, icon, label }): Place => ({ to, icon, label, detail: t.shell.settings })),
    ...account.map(({ to, icon, label }): Place => ({ to, icon, label, detail: t.shell.myAccount })),
  ];
}

/** Every word has to occur; what begins with the text comes first. */
export function matching(groups: readonly PaletteGroup[], text: string): PaletteGroup[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  const textOf = ({ label, detail = "" }: PaletteItem) => `${label} ${detail}`.toLowerCase();
  const fits = (item: PaletteItem) => wanted.every((word) => textOf(item).includes(word));
  const late = (item: PaletteItem) => Number(!textOf(item).startsWith(wanted.join(" ")));
  return groups
    .map(({ label, items }) => ({
      label,
      items: items.filter(fits).toSorted((one, other) => late(one) - late(other)),
    }))
    .filter(({ items }) => items.length > 0);
}
