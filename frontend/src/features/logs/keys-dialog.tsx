/** The keys of the build page, with the switch that turns single keys off. */
import { Choice, Dialog } from "@/components/ui";
import { setShortcuts, shortcutsAre } from "@/lib/shortcuts";
import { useStore } from "@/lib/store";
import { t } from "@/messages";

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const state = useStore(shortcutsAre);
  const words = t.logs.keys;
  return (
    <Dialog title={words.title} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
          {words.list.map(([keys, text]) => (
            <div key={keys} className="contents">
              <dt>
                <kbd className="rounded border border-control bg-sunken px-1.5 font-mono text-sm">{keys}</kbd>
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        <p className="text-ink-2">{words.inLog}</p>
        <Choice
          kind="switch"
          label={words.on}
          text={words.onText}
          checked={state === "on"}
          onChange={(event) => setShortcuts(event.target.checked ? "on" : "off")}
        />
      </div>
    </Dialog>
  );
}
