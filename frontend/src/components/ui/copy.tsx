/** Copying text to the clipboard, with a command line that can be copied. It must work without the clipboard API. */
import { useState } from "react";
import { t } from "@/messages";
import { Button, IconButton } from "./button";

/** Answers whether it could be copied: a browser may refuse, and a person too. */
export async function copyText(text: string): Promise<boolean> {
  try {
    if (!navigator.clipboard) return copySelected(text);
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** The clipboard API exists only in secure contexts; a LAN address is none. A dialog lets nothing outside of it be selected. */
function copySelected(text: string): boolean {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  (focused?.closest("[role=dialog]") ?? document.body).append(area);
  area.focus();
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}

const ICONS = { copied: "check", notCopied: "alert" } as const;

/** For a control that copies: it says itself, for a moment, how that went. */
function useCopy(text: string, label: string) {
  const [outcome, setOutcome] = useState<"copied" | "notCopied" | null>(null);
  async function copy() {
    setOutcome((await copyText(text)) ? "copied" : "notCopied");
    setTimeout(() => setOutcome(null), 2_000);
  }
  return {
    icon: outcome ? ICONS[outcome] : "copy",
    label: outcome ? t.action[outcome] : label,
    onClick: () => void copy(),
  } as const;
}

export function CopyButton({ text, label = t.action.copy }: { text: string; label?: string }) {
  return <IconButton {...useCopy(text, label)} />;
}

/** What somebody who helps wants to know: of an error, if `label` says nothing else. */
export function CopyDetails({ text, label: name = t.action.copyDetails }: { text: string; label?: string }) {
  const { label, ...look } = useCopy(text, name);
  return (
    <Button variant="ghost" {...look}>
      {label}
    </Button>
  );
}

/** One command or value in monospace with a copy button. */
export function CopyLine({ text }: { text: string }) {
  return (
    <div className="flex max-w-full items-center gap-1 rounded border border-line bg-sunken ps-3 pe-1">
      <code className="grow py-1 font-mono text-sm break-all text-ink">{text}</code>
      <CopyButton text={text} />
    </div>
  );
}
