/** A filter in use, with a button that takes it away. */
import { t } from "@/messages";
import { Icon } from "./icon";

export function FilterChip({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <button
      type="button"
      onClick={onRemove}
      className="target inline-flex max-w-full items-center gap-1.5 rounded-full border border-control px-2.5 text-start text-sm wrap-anywhere hover:bg-sunken"
    >
      {label}
      <Icon name="close" className="size-3.5" />
      <span className="sr-only">{t.action.remove}</span>
    </button>
  );
}
