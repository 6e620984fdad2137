/** How an instance is doing and whether one is signed in there: by shape and word, never by colour alone. It must not act. */
import { useQuery } from "@tanstack/react-query";
import { Icon, type IconName } from "@/components/ui";
import { healthQuery } from "@/lib/instances/health";
import type { Finding } from "@/lib/instances/probe";
import type { Runtime } from "@/lib/instances/runtime";
import { useStore } from "@/lib/store";
import { instances as words } from "@/messages/en/instances";

type Look = { icon: IconName; color: string };

const GOOD: Look = { icon: "passed", color: "text-passed" };
const ODD: Look = { icon: "alert", color: "text-warning" };
const BAD: Look = { icon: "octagon", color: "text-failed" };
const LOOK: Record<Finding["kind"] | "checking", Look> = {
  checking: { icon: "clock", color: "text-ink-3" },
  ready: GOOD,
  not_set_up: ODD,
  signs_in_first: ODD,
  refuses_page: BAD,
  not_oore: BAD,
  unreachable: BAD,
  slow: BAD,
  browser_blocks: BAD,
};

export function Health({ runtime, short = false }: { runtime: Runtime; short?: boolean }) {
  const { data } = useQuery(healthQuery(runtime), runtime.queryClient);
  const kind = data?.kind ?? "checking";
  const { icon, color } = LOOK[kind];
  return (
    <span
      className={`inline-flex items-center gap-1 ${color}`}
      title={short ? words.health[kind] : undefined}
    >
      <Icon name={icon} className="size-3.5" />
      <span className={short ? "sr-only" : ""}>{words.health[kind]}</span>
    </span>
  );
}

export function useSessionState({ session }: Runtime): keyof typeof words.session {
  const current = useStore(session.current);
  if (session.hasExpired()) return "expired";
  return current ? "signedIn" : "none";
}
