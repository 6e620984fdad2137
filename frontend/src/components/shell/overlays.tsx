/** What lies over any page on request, each loaded when it is asked for first, with the keys that ask and those that go to pages. */
import { CatchBoundary, useRouter } from "@tanstack/react-router";
import { useEffect, useEffectEvent } from "react";
import { onRequest, toastFailure } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { overlay } from "@/lib/overlay";
import { useShortcuts } from "@/lib/shortcuts";
import { useStore } from "@/lib/store";
import { t } from "@/messages";
import { useEntries } from "./nav";

const PARTS = {
  palette: onRequest(() => import("@/components/palette/palette")),
  keys: onRequest(() => import("@/components/shortcuts/keys-dialog")),
  run: onRequest(() => import("@/components/builds/run-picker")),
};

export function Overlays() {
  const name = useStore(overlay);
  const { reauth } = useRuntime();
  const mayRun = useCan()("builds.write");
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const isAsked = event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey);
    if (!isAsked || event.altKey || event.shiftKey || event.defaultPrevented || reauth.get()) return;
    event.preventDefault();
    overlay.set(name === "palette" ? null : "palette");
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", listener);
    return () => {
      window.removeEventListener("keydown", listener);
      overlay.set(null);
    };
  }, []);
  const router = useRouter();
  const places = useEntries().map(
    ({ shortcut, to }) => [shortcut, () => void router.navigate({ to })] as const,
  );
  useShortcuts({
    ...Object.fromEntries(places),
    help: () => overlay.set("keys"),
    run: mayRun ? () => overlay.set("run") : undefined,
  });
  const Part = name && PARTS[name];
  return (
    <CatchBoundary getResetKey={() => name ?? ""} errorComponent={NotLoaded}>
      {Part && <Part onClose={() => overlay.set(null)} />}
    </CatchBoundary>
  );
}

/** The page under it goes on: what broke is only said. */
function NotLoaded() {
  useEffect(() => {
    overlay.set(null);
    toastFailure(t.shell.notLoaded);
  }, []);
  return null;
}
