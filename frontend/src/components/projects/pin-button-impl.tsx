/**
 * Pins a project to the side bar and to the front of home, or takes it off, and keeps what it is called now. Everyone else
 * imports ./pin-button.
 */
import { type ReactNode, useEffect } from "react";
import { Button, IconButton, toastFailure } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { MOST_PINS, namePin, usePins } from "@/lib/pins";
import { t } from "@/messages";

const words = t.projects.pins;

type Props = { project: { id: string; name: string } };

export default function PinButtonImpl({ project: { id, name } }: Props): ReactNode {
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
      className="aria-disabled:opacity-55 aria-pressed:bg-accent-tint aria-pressed:text-accent"
    />
  );
}

export function UnpinGone({ projectId }: { projectId: string }): ReactNode {
  const { pins, toggle } = usePins();
  const pin = pins.find(({ id }) => id === projectId);
  if (!pin) return null;
  return (
    <Button icon="pin" onClick={() => toggle(pin)}>
      {words.unpin(pin.name || t.projects.one)}
    </Button>
  );
}
