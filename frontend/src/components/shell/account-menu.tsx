/** Account, theme and instance switch in one menu. It must not decide permissions. */
import { useQuery } from "@tanstack/react-query";
import { type LinkProps, useRouter } from "@tanstack/react-router";
import { Icon, Menu, type MenuEntry } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { switchInstance, useRuntime } from "@/lib/instances/current";
import { instances } from "@/lib/instances/registry";
import { signOut } from "@/lib/instances/sign-in";
import { overlay } from "@/lib/overlay";
import { bootstrapQuery } from "@/lib/queries";
import { useStore } from "@/lib/store";
import { setTheme, type Theme, theme } from "@/lib/theme";
import { t } from "@/messages";

export function AccountMenu() {
  const router = useRouter();
  const runtime = useRuntime();
  const known = useStore(instances);
  const chosen = useStore(theme);
  const can = useCan();
  const { data } = useQuery(bootstrapQuery(runtime));
  async function leave() {
    await signOut(runtime);
    await router.navigate({ to: "/login", search: { signed_out: true }, ignoreBlocker: true });
  }
  async function change(id: string) {
    switchInstance(id);
    await router.navigate({ to: "/" });
    await router.invalidate();
  }
  const choices = (["system", "light", "dark"] satisfies Theme[]).map(
    (name): MenuEntry => ({
      kind: "choice",
      label: t.shell.themes[name],
      checked: chosen === name,
      onSelect: () => setTheme(name),
    }),
  );
  const others = known.map(
    (item): MenuEntry => ({
      kind: "choice",
      label: item.label,
      checked: item.id === runtime.instance.id,
      onSelect: () => void change(item.id),
    }),
  );
  const open = (to: LinkProps["to"]) => void router.navigate({ to });
  const pages: MenuEntry[] = [
    { kind: "action", label: t.shell.myAccount, icon: "user", onSelect: () => open("/me") },
    ...(can("api_tokens.read")
      ? [
          {
            kind: "action",
            label: t.shell.tokens,
            icon: "denied",
            onSelect: () => open("/me/tokens"),
          } satisfies MenuEntry,
        ]
      : []),
    { kind: "action", label: t.shell.keys, icon: "keyboard", onSelect: () => overlay.set("keys") },
    { kind: "action", label: t.shell.sessions, icon: "clock", onSelect: () => open("/me/sessions") },
  ];
  const entries: MenuEntry[] = [
    ...(data
      ? [{ kind: "heading", label: `${t.shell.signedInAs} ${data.user.email}` } satisfies MenuEntry]
      : []),
    ...pages,
    { kind: "heading", label: t.shell.theme },
    ...choices,
    ...(others.length > 1
      ? [{ kind: "heading", label: t.shell.instances } satisfies MenuEntry, ...others]
      : []),
    ...(data ? [{ kind: "heading", label: t.shell.version(data.instance.version) } satisfies MenuEntry] : []),
    { kind: "action", label: t.shell.signOut, icon: "arrow", onSelect: () => void leave() },
  ];
  return (
    <Menu label={t.shell.account} entries={entries}>
      <Icon name="user" className="size-5" />
    </Menu>
  );
}
