/** Pins a project to the side bar and to the front of home, or takes it off. It keeps what the project is called now. */
import { useEffect } from "react";
import { IconButton, toastFailure } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { MOST_PINS, namePin, usePins } from "@/lib/pins";
import { t } from "@/messages";

const words = t.projects.pins;

export function PinButton({ project: { id, name } }: { project: { id: string; name: string } }) {
  const runtime = useRuntime();
  const { has, isFull, toggle } = usePins();
  const isPinned = has(id);
  const full = isFull && !isPinned ? words.full(MOST_PINS) : undefined;
  useEffect(() => namePin(runtime, { id, name }), [runtime, id, name]);
  return (
    <IconButton
      icon="pin"
      label={isPinned ? words.unpin(name) : words.pin(name)}
      aria-pressed={isPinned}
      aria-disabled={full ? true : undefined}
      title={full}
      onClick={() => (full ? toastFailure(full) : toggle({ id, name }))}
      className="relative z-10 shrink-0 aria-disabled:opacity-55 aria-pressed:bg-accent-tint aria-pressed:text-accent"
    />
  );
}
