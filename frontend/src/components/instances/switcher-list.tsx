/** What the instance switcher opens: every instance with health, session and key, and the way to the list. */
import { Link } from "@tanstack/react-router";
import type { RefObject } from "react";
import { Icon, TimeAgo } from "@/components/ui";
import { Popover } from "@/components/ui/overlays/popover-impl";
import { useRuntime } from "@/lib/instances/current";
import { useOpenInstance } from "@/lib/instances/keys";
import { lastUsed } from "@/lib/instances/last-used";
import { type Instance, instances } from "@/lib/instances/registry";
import { runtimeOf } from "@/lib/instances/runtime";
import { useStore } from "@/lib/store";
import { instances as words } from "@/messages/en/instances";
import { Health, useSessionState } from "./facts";
import { keyOf } from "./key-of";

type Props = { anchor: RefObject<HTMLButtonElement | null>; onClose: () => void };

export function SwitcherList({ anchor, onClose }: Props) {
  const list = useStore(instances);
  return (
    <Popover label={words.switcher.title} anchor={anchor} onClose={onClose}>
      <ul aria-label={words.list} className="flex flex-col p-1">
        {list.map((instance, at) => (
          <li key={instance.id}>
            <Choice instance={instance} at={at} onChosen={onClose} />
          </li>
        ))}
      </ul>
      <div className="border-t border-line p-1">
        <Link
          to="/connect"
          className="target flex items-center gap-2 rounded-sm px-2 py-1 font-medium text-accent hover:bg-sunken"
        >
          <Icon name="settings" />
          {words.switcher.manage}
        </Link>
      </div>
    </Popover>
  );
}

function Choice({ instance, at, onChosen }: { instance: Instance; at: number; onChosen: () => void }) {
  const runtime = runtimeOf(instance);
  const shown = useRuntime();
  const session = useSessionState(runtime);
  const used = lastUsed(instance.id);
  const open = useOpenInstance();
  const isShown = shown === runtime;
  function choose() {
    onChosen();
    if (!isShown) void open(instance);
  }
  return (
    <button
      type="button"
      aria-current={isShown || undefined}
      onClick={choose}
      className="target flex w-full items-center gap-2.5 rounded-sm px-2 py-1.5 text-start hover:bg-sunken aria-[current=true]:bg-accent-tint"
    >
      <Health runtime={runtime} short />
      <span className="flex min-w-0 grow flex-col">
        <span className="truncate font-medium">{instance.label}</span>
        <span className="flex flex-wrap gap-x-2 text-sm text-ink-2">
          <span>{words.session[session]}</span>
          {used !== null && !isShown && (
            <span>
              {words.lastUsed} <TimeAgo at={used / 1000} />
            </span>
          )}
        </span>
      </span>
      {keyOf(at) && (
        <kbd className="pointer-coarse:hidden font-mono text-xs whitespace-nowrap text-ink-3">
          {keyOf(at)}
        </kbd>
      )}
    </button>
  );
}
