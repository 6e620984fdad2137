/** The buttons of the log viewer beside its search: follow, wrap, times, copy, download, keys. */
import { useState } from "react";
import { Button, copyText, IconButton, toast, toastError } from "@/components/ui";
import { saveAs } from "@/lib/download";
import { useRuntime } from "@/lib/instances/current";
import type { LineRange } from "@/lib/log/pane";
import type { LogSession } from "@/lib/log/session";
import { t } from "@/messages";
import { KeysDialog } from "./keys-dialog";
import { rawLogPath } from "./source";

type Switch = { state: "on" | "off"; onToggle: () => void };

type Props = {
  buildId: string;
  session: LogSession;
  selection: LineRange | null;
  wrap: Switch;
  times: Switch;
  fold: { isPossible: boolean; onFold: () => void };
  onError: (direction: 1 | -1) => void;
  follow: { state: "following" | "loose"; isLive: boolean; onFollow: () => void };
};

const PRESSED = "aria-pressed:bg-accent-tint aria-pressed:text-accent";

export function Toolbar({ buildId, session, selection, wrap, times, fold, onError, follow }: Props) {
  const [keys, setKeys] = useState<"open" | "closed">("closed");
  async function copyLines() {
    if (!selection) return;
    const text = await session.worker?.ask({ ask: "text", ...selection });
    if (text === undefined) return;
    await copyText(text);
    toast(t.action.copied);
  }
  async function copyLink() {
    await copyText(window.location.href);
    toast(t.action.copied);
  }
  return (
    <div role="toolbar" aria-label={t.logs.toolbar} className="flex flex-wrap items-center gap-1">
      {follow.isLive && (
        <Button
          icon="down"
          aria-pressed={follow.state === "following"}
          aria-keyshortcuts="f"
          onClick={follow.onFollow}
          className={PRESSED}
        >
          {follow.state === "following" ? t.logs.follow : t.logs.resume}
        </Button>
      )}
      <IconButton
        icon="wrap"
        label={t.logs.wrap}
        aria-pressed={wrap.state === "on"}
        aria-keyshortcuts="w"
        onClick={wrap.onToggle}
        className={PRESSED}
      />
      <IconButton
        icon="clock"
        label={t.logs.times}
        aria-pressed={times.state === "on"}
        onClick={times.onToggle}
        className={PRESSED}
      />
      {fold.isPossible && (
        <IconButton icon="fold" label={t.logs.fold} aria-keyshortcuts="z" onClick={fold.onFold} />
      )}
      <IconButton icon="octagon" label={t.logs.nextError} aria-keyshortcuts="e" onClick={() => onError(1)} />
      {selection && (
        <>
          <IconButton icon="copy" label={t.logs.copyLines} onClick={() => void copyLines()} />
          <IconButton icon="external" label={t.logs.copyLink} onClick={() => void copyLink()} />
        </>
      )}
      <DownloadButton buildId={buildId} />
      <IconButton icon="info" label={t.logs.keys.button} onClick={() => setKeys("open")} />
      {keys === "open" && <KeysDialog onClose={() => setKeys("closed")} />}
    </div>
  );
}

/** The raw log needs the session's header, which a plain link cannot send: fetched, then handed to the browser. */
function DownloadButton({ buildId }: { buildId: string }) {
  const { api } = useRuntime();
  const download = () => saveAs(api, rawLogPath(buildId), `build-${buildId}.log`).catch(toastError);
  return <IconButton icon="download" label={t.logs.download} onClick={() => void download()} />;
}
