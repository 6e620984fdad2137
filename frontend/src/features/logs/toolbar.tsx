/** The buttons of the log viewer beside its search: follow, wrap, times, copy, download, keys. */
import type { Build } from "@/api/types";
import { Button, copyAndSay, Icon, IconButton, Menu, toastError } from "@/components/ui";
import { saveAs } from "@/lib/download";
import { useRuntime } from "@/lib/instances/current";
import type { LineRange } from "@/lib/log/line-states";
import type { LogPlace } from "@/lib/log/messages";
import type { LogTimes } from "@/lib/log/row";
import type { LogSession } from "@/lib/log/session";
import { overlay } from "@/lib/overlay";
import { KEYS } from "@/lib/shortcuts";
import { t } from "@/messages";
import { TIMES } from "./choices";
import { coloured, logAsMarkdown, numbered } from "./copied";
import { rawLogPath } from "./source";
import { rowWords } from "./words";

type Switch = { state: "on" | "off"; onToggle: () => void };

type Props = {
  build: Build;
  session: LogSession;
  onDownload: () => void;
  selection: LineRange | null;
  /** The selection as the address names it. */
  place: LogPlace | null;
  size: { state: "page" | "window"; onToggle: () => void };
  wrap: Switch;
  times: { state: LogTimes; onChoose: (times: LogTimes) => void };
  fold: { isPossible: boolean; onFold: () => void };
  onError: (direction: 1 | -1) => void;
  follow: { state: "following" | "loose"; isLive: boolean; onFollow: () => void };
};

type Shape = (text: string, place: LogPlace) => string;

const PRESSED = "aria-pressed:bg-accent-tint aria-pressed:text-accent";

export function Toolbar(props: Props) {
  const { build, session, onDownload, selection, place, wrap, times, fold, onError, follow, size } = props;
  async function copy(shape: Shape, colours: "kept" | "dropped") {
    if (!selection || !place) return;
    const text = await session.worker?.ask({ ask: "text", ...selection, colours });
    if (text === undefined) return;
    await copyAndSay(shape(text, place));
  }
  const entry = (label: string, shape: Shape, colours: "kept" | "dropped" = "dropped") => {
    const onSelect = () => void copy(shape, colours).catch(toastError);
    return { kind: "action", label, icon: "copy", onSelect } as const;
  };
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
      <Menu
        label={t.logs.times(t.logs.timeChoices[times.state])}
        entries={TIMES.map((name) => ({
          kind: "choice",
          label: t.logs.timeChoices[name],
          checked: name === times.state,
          onSelect: () => times.onChoose(name),
        }))}
        className={times.state === "off" ? "" : "bg-accent-tint text-accent"}
      >
        <Icon name="clock" />
      </Menu>
      {fold.isPossible && (
        <IconButton icon="fold" label={t.logs.fold} aria-keyshortcuts="z" onClick={fold.onFold} />
      )}
      <IconButton icon="octagon" label={t.logs.nextError} aria-keyshortcuts="e" onClick={() => onError(1)} />
      {selection && (
        <Menu
          label={t.logs.copy}
          entries={[
            entry(t.logs.copyLines, (text) => text),
            entry(t.logs.copyNumbered, numbered),
            entry(t.logs.copyColours, coloured, "kept"),
            entry(t.logs.copyMarkdown, (text, at) => logAsMarkdown(build, at, text)),
            entry(t.logs.copyLink, () => window.location.href),
          ]}
        >
          <Icon name="copy" />
        </Menu>
      )}
      <IconButton icon="download" label={t.logs.download} onClick={onDownload} />
      <IconButton
        icon="log"
        label={t.logs.plainText}
        onClick={() => void openPlainText(session).catch(toastError)}
      />
      <IconButton
        icon="external"
        label={size.state === "page" ? t.logs.full : t.logs.leaveFull}
        aria-keyshortcuts={KEYS.full}
        aria-pressed={size.state === "window"}
        onClick={size.onToggle}
        className={PRESSED}
      />
      <IconButton icon="keyboard" label={t.shell.keys} onClick={() => overlay.set("keys")} />
    </div>
  );
}

/** The raw log needs the session's header, which a plain link cannot send: fetched, then handed to the browser. */
export function useLogDownload(buildId: string): () => void {
  const { api } = useRuntime();
  return () => void saveAs(api, rawLogPath(buildId), `build-${buildId}.log`).catch(toastError);
}

/** Errors: the browser opens no tab, or the page is not what it was made for. */
async function openPlainText(session: LogSession): Promise<void> {
  // A tab may be opened while the click is handled, not later.
  const tab = window.open("", "_blank");
  if (!tab) throw new Error(t.logs.noTab);
  tab.opener = null;
  try {
    const { plainText } = await import("./plain-text");
    const text = await plainText(session, rowWords);
    tab.location.replace(URL.createObjectURL(text));
  } catch (cause) {
    tab.close();
    throw cause;
  }
}
