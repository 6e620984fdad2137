/** One instance of the list: name and address, health, session, last use, and what can be done with it. */
import { useEffect, useRef, useState } from "react";
import { toApiError } from "@/api/errors";
import { Health, useSessionState } from "@/components/instances/facts";
import { keyOf } from "@/components/instances/key-of";
import { Button, Icon, IconButton, Menu, type MenuEntry, TimeAgo } from "@/components/ui";
import { reasonOf } from "@/lib/form";
import { lastUsed } from "@/lib/instances/last-used";
import { type Instance, isOwn } from "@/lib/instances/registry";
import { runtimeOf } from "@/lib/instances/runtime";
import { signOut } from "@/lib/instances/sign-in";
import { instances as words } from "@/messages/en/instances";
import type { Move } from "./instance-list";
import { RemoveDialog } from "./remove-dialog";
import { RenameDialog } from "./rename-dialog";

type Props = {
  instance: Instance;
  at: number;
  total: number;
  /** Set on the row that was moved last. */
  lastMove: Move | null;
  onMove: (by: Move["by"]) => void;
  onOpen: () => void;
  onNews: (text: string) => void;
};

export function InstanceRow({ instance, at, total, lastMove, onMove, onOpen, onNews }: Props) {
  const { id, label, url } = instance;
  const runtime = runtimeOf(instance);
  const session = useSessionState(runtime);
  const used = lastUsed(id);
  const [dialog, setDialog] = useState<"rename" | "remove" | null>(null);
  const close = () => setDialog(null);
  // An open tab may be signed in there.
  useEffect(() => void runtime.session.ready(), [runtime]);
  async function leave() {
    try {
      await signOut(runtime);
      onNews(words.signedOut(label));
    } catch (cause) {
      onNews(reasonOf(toApiError(cause)));
    }
  }
  const entries: MenuEntry[] = [
    { kind: "action", label: words.rename.entry, icon: "edit", onSelect: () => setDialog("rename") },
  ];
  if (session === "signedIn")
    entries.push({ kind: "action", label: words.signOut, icon: "arrow", onSelect: () => void leave() });
  if (!isOwn(instance))
    entries.push({
      kind: "action",
      label: words.remove.entry,
      icon: "delete",
      danger: true,
      onSelect: () => setDialog("remove"),
    });
  const key = total > 1 ? keyOf(at) : null;
  return (
    <div className="card flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="flex min-w-0 grow basis-64 flex-col gap-0.5">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-semibold wrap-anywhere">{label}</span>
          {key && <kbd className="pointer-coarse:hidden font-mono text-xs text-ink-3">{key}</kbd>}
        </p>
        <p className="font-mono text-sm wrap-anywhere text-ink-2">{url}</p>
        <p className="flex flex-wrap items-center gap-x-3 gap-y-0.5 text-sm text-ink-2">
          <Health runtime={runtime} />
          <span className="inline-flex items-center gap-1">
            <Icon name={session === "signedIn" ? "user" : "denied"} className="size-3.5" />
            {words.session[session]}
          </span>
          <span>
            {used === null ? (
              words.neverUsed
            ) : (
              <>
                {words.lastUsed} <TimeAgo at={used / 1000} />
              </>
            )}
          </span>
          {isOwn(instance) && <span>{words.own}</span>}
        </p>
      </div>
      <div className="flex items-center gap-1">
        {total > 1 && <MoveButtons label={label} {...{ at, total, lastMove, onMove }} />}
        <Menu label={words.actions(label)} entries={entries}>
          <Icon name="more" />
        </Menu>
        <Button variant="primary" aria-label={words.open(label)} onClick={onOpen}>
          {words.openShort}
        </Button>
      </div>
      {dialog === "rename" && <RenameDialog instance={instance} onClose={close} />}
      {dialog === "remove" && <RemoveDialog instance={instance} onClose={close} onNews={onNews} />}
    </div>
  );
}

type MoveProps = Pick<Props, "at" | "total" | "lastMove" | "onMove"> & { label: string };

/** Whoever moves a row by key goes on from where it is now. */
function MoveButtons({ label, at, total, lastMove, onMove }: MoveProps) {
  const up = useRef<HTMLButtonElement>(null);
  const down = useRef<HTMLButtonElement>(null);
  const moved = useRef(lastMove);
  useEffect(() => {
    if (lastMove && lastMove !== moved.current) (lastMove.by < 0 ? up : down).current?.focus();
    moved.current = lastMove;
  }, [lastMove]);
  const isFirst = at === 0;
  const isLast = at === total - 1;
  return (
    <>
      <IconButton
        ref={up}
        icon="up"
        label={words.up(label)}
        aria-disabled={isFirst || undefined}
        onClick={() => !isFirst && onMove(-1)}
        className={isFirst ? "opacity-55" : ""}
      />
      <IconButton
        ref={down}
        icon="down"
        label={words.down(label)}
        aria-disabled={isLast || undefined}
        onClick={() => !isLast && onMove(1)}
        className={isLast ? "opacity-55" : ""}
      />
    </>
  );
}
