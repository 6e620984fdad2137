/** Copying text to the clipboard, with a command line that can be copied. It must work without the clipboard API. */
import { useState } from "react";
import { t } from "@/messages";
import { IconButton } from "./button";

/** The clipboard API exists only in secure contexts; a LAN address is none, so fall back to a selection. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function CopyButton({ text, label = t.action.copy }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  async function copy() {
    await copyText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  }
  return (
    <IconButton
      icon={copied ? "check" : "copy"}
      label={copied ? t.action.copied : label}
      onClick={() => void copy()}
    />
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
