/** The dialog on Base UI; loaded when the first one opens. Everyone else imports ../dialog. */
import { Dialog as Base } from "@base-ui/react/dialog";
import { useRef } from "react";
import { t } from "@/messages";
import { IconButton } from "../button";
import type { DialogProps } from "../dialog";

export default function DialogImpl({
  title,
  description,
  onClose,
  size = "small",
  frame = "titled",
  children,
  footer,
}: DialogProps) {
  const popup = useRef<HTMLDivElement>(null);
  const width = size === "small" ? "max-w-md" : "max-w-2xl";
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose?.()} disablePointerDismissal={!onClose}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-scrim" />
        <Base.Popup
          ref={popup}
          initialFocus={() => popup.current?.querySelector<HTMLElement>("input, textarea, select") ?? true}
          className={`rise card fixed inset-x-3 top-[8dvh] z-50 mx-auto flex max-h-[84dvh] flex-col shadow-pop ${width}`}
        >
          {frame === "bare" ? (
            <Base.Title className="sr-only">{title}</Base.Title>
          ) : (
            <div className="flex items-start justify-between gap-2 border-b border-line px-4 py-3">
              <Base.Title className="text-lg font-semibold">{title}</Base.Title>
              {onClose && <IconButton icon="close" label={t.action.close} onClick={onClose} />}
            </div>
          )}
          <div className={frame === "bare" ? "flex min-h-0 flex-col" : "overflow-y-auto px-4 py-3"}>
            {description && <Base.Description className="mb-3 text-ink-2">{description}</Base.Description>}
            {children}
          </div>
          {footer && (
            <div className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3">{footer}</div>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
