/**
 * The palette: one box that finds places, builds, projects and people, and does what the page under it offers. Loaded on the
 * first ⌘K. It must offer nothing that the person may not do.
 */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { Keys } from "@/components/shortcuts/shortcuts";
import { Dialog, Icon } from "@/components/ui";
import { palette as words } from "@/messages/en/palette";
import { useFound } from "./found";
import { matching, type PaletteGroup, type PaletteItem, useOwnGroups } from "./items";

export default function Palette({ onClose }: { onClose: () => void }) {
  const id = useId();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const own = useOwnGroups();
  const found = useFound(text);
  const groups = [...matching(own, text), ...found.groups];
  const items = groups.flatMap((group) => group.items);
  const current = items.find((item) => item.id === chosen) ?? items[0];
  const optionId = (item: PaletteItem) => `${id}-${items.indexOf(item)}`;

  function run(item: PaletteItem) {
    onClose();
    // After the dialog has given the focus back: what is run may take it.
    setTimeout(item.run);
  }
  function keyDown(event: KeyboardEvent) {
    const at = current ? items.indexOf(current) : -1;
    const next: Record<string, PaletteItem | undefined> = {
      ArrowDown: items[(at + 1) % items.length],
      ArrowUp: items.at(at - 1),
      PageDown: items[Math.min(at + 8, items.length - 1)],
      PageUp: items[Math.max(at - 8, 0)],
    };
    if (event.key === "Enter" && !event.nativeEvent.isComposing && current) run(current);
    else if (next[event.key]) setChosen(next[event.key]?.id ?? null);
    else return;
    event.preventDefault();
  }
  return (
    <Dialog title={words.title} size="large" frame="bare" onClose={onClose}>
      <input
        type="text"
        role="combobox"
        aria-label={words.title}
        aria-expanded={items.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={current && optionId(current)}
        placeholder={words.placeholder}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(null);
        }}
        onKeyDown={keyDown}
        className="m-2 min-h-11 rounded border border-control bg-surface px-3 text-lg text-ink placeholder:text-ink-3"
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={words.results}
        className="max-h-[min(28rem,60dvh)] overflow-y-auto border-t border-line px-2 py-1 empty:hidden"
      >
        {groups.map((group) => (
          <Group
            key={group.label}
            group={group}
            current={current}
            optionId={optionId}
            onChoose={(item) => setChosen(item.id)}
            onRun={run}
          />
        ))}
      </div>
      <p
        role="status"
        className="flex flex-wrap justify-between gap-x-4 border-t border-line px-4 py-2 text-sm text-ink-2"
      >
        <span className={found.problem ? "text-failed" : ""}>
          {found.problem ?? outcome(items.length, text.trim(), found.isSearching)}
        </span>
        <span aria-hidden="true" className="hidden sm:inline pointer-coarse:hidden">
          {words.hints}
        </span>
      </p>
    </Dialog>
  );
}

function outcome(count: number, text: string, isSearching: boolean): string {
  if (isSearching) return words.searching;
  return count === 0 ? words.nothing(text) : words.count(count);
}

type GroupProps = {
  group: PaletteGroup;
  current: PaletteItem | undefined;
  optionId: (item: PaletteItem) => string;
  onChoose: (item: PaletteItem) => void;
  onRun: (item: PaletteItem) => void;
};

function Group({ group, current, optionId, onChoose, onRun }: GroupProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: options of a listbox are grouped by role, not by a fieldset
    <div role="group" aria-label={group.label}>
      <div aria-hidden="true" className="px-2 pt-2 pb-1 text-xs font-medium text-ink-3">
        {group.label}
      </div>
      {group.items.map((item) => (
        <Option
          key={item.id}
          id={optionId(item)}
          item={item}
          isCurrent={item === current}
          onChoose={() => onChoose(item)}
          onRun={() => onRun(item)}
        />
      ))}
    </div>
  );
}

type OptionProps = {
  id: string;
  item: PaletteItem;
  isCurrent: boolean;
  onChoose: () => void;
  onRun: () => void;
};

function Option({ id, item, isCurrent, onChoose, onRun }: OptionProps) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isCurrent) element.current?.scrollIntoView({ block: "nearest" });
  }, [isCurrent]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the keys are the box's, which keeps the focus
    <div
      ref={element}
      id={id}
      role="option"
      aria-selected={isCurrent}
      onPointerMove={onChoose}
      onClick={onRun}
      className="target flex cursor-pointer items-center gap-2.5 rounded-sm px-2 py-1 aria-selected:bg-accent-tint"
    >
      <Icon name={item.icon} className="size-4 text-ink-3" />
      <span className="min-w-0 grow truncate">{item.label}</span>
      {item.detail && <span className="min-w-0 truncate text-sm text-ink-2">{item.detail}</span>}
      {item.keys && (
        <span aria-hidden="true" className="shrink-0 pointer-coarse:hidden">
          <Keys keys={item.keys} />
        </span>
      )}
    </div>
  );
}
