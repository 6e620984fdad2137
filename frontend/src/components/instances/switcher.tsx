/** The instance on screen, at the foot of the navigation; a press opens the others, and so do keys. Health is asked only while it is open. */
import { type ReactNode, useRef, useState } from "react";
import { Icon } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { useInstanceKeys } from "@/lib/instances/keys";
import { instances } from "@/lib/instances/registry";
import { useStore } from "@/lib/store";
import { t } from "@/messages";
import { SwitcherList } from "./switcher-list";

export default function InstanceSwitcher(): ReactNode {
  useInstanceKeys();
  useStore(instances);
  const { instance } = useRuntime();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-label={t.shell.switchInstance(instance.label)}
        title={instance.url}
        onClick={() => setOpen(!open)}
        className="target flex w-full items-center gap-2.5 rounded px-2.5 text-start text-ink-2 hover:bg-sunken hover:text-ink"
      >
        <Icon name="runner" />
        <span className="min-w-0 grow truncate">{instance.label}</span>
        <Icon name="chevron" className="size-3.5 -rotate-90" />
      </button>
      {open && <SwitcherList anchor={button} onClose={() => setOpen(false)} />}
    </>
  );
}
