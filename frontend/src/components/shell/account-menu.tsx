/** Account, theme and the way to other instances in one menu. It must not decide permissions. */
import { useQuery } from "@tanstack/react-query";
import { type LinkProps, useRouter } from "@tanstack/react-router";
import { toApiError } from "@/api/errors";
import { Icon, Menu, type MenuEntry, useToasts } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { reasonOf } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { signOut } from "@/lib/instances/sign-in";
import { overlay } from "@/lib/overlay";
import { bootstrapQuery } from "@/lib/queries";
import { useStore } from "@/lib/store";
import { setTheme, type Theme, theme } from "@/lib/theme";
import { t } from "@/messages";

export function AccountMenu() {
  const router = useRouter();
  const runtime = useRuntime();
  const chosen = useStore(theme);
  const can = useCan();
  const { toastFailure } = useToasts();
  const { data } = useQuery(bootstrapQuery(runtime));
  async function leave() {
    try {
      const state = (await signOut(runtime)) ? {} : { notice: "signed_out_here" as const };
      await router.navigate({ to: "/login", search: { signed_out: true }, state, ignoreBlocker: true });
    } catch (cause) {
      toastFailure(t.shell.stillSignedIn(reasonOf(toApiError(cause))));
    }
  }
  const choices = (["system", "light", "dark"] satisfies Theme[]).map(
    (name): MenuEntry => ({
      kind: "choice",
      label: t.shell.themes[name],
      checked: chosen === name,
      onSelect: () => setTheme(name),
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
    { kind: "action", label: t.shell.instances, icon: "runner", onSelect: () => open("/connect") },
  ];
  const entries: MenuEntry[] = [
    ...(data
      ? [{ kind: "heading", label: `${t.shell.signedInAs} ${data.user.email}` } satisfies MenuEntry]
      : []),
    ...pages,
    { kind: "heading", label: t.shell.theme },
    ...choices,
    ...(data ? [{ kind: "heading", label: t.shell.version(data.instance.version) } satisfies MenuEntry] : []),
    { kind: "action", label: t.shell.signOut, icon: "arrow", onSelect: () => void leave() },
  ];
  return (
    <Menu label={t.shell.account} entries={entries}>
      <Icon name="user" className="size-5" />
    </Menu>
  );
}
