/** Shows what saving would change, and asks. Loaded when somebody saves; everyone else imports ./review. It must not save. */
import { useMemo } from "react";
import { Button, Dialog } from "@/components/ui";
import { t } from "@/messages";
import { pipelineReview as words } from "@/messages/en/pipeline-review";
import { type ChangedSetting, changesOf } from "./changes";
import type { DiffLine } from "./line-diff";
import type { ReviewProps } from "./review";

export default function ReviewDialog({ stored, wanted, onSave, onClose }: ReviewProps) {
  const { settings, lines } = useMemo(() => changesOf(stored, wanted), [stored, wanted]);
  if (settings.length === 0 && lines.length === 0) {
    const close = (
      <Button variant="primary" onClick={onClose}>
        {t.action.close}
      </Button>
    );
    return (
      <Dialog title={words.nothingTitle} description={words.nothingText} onClose={onClose} footer={close} />
    );
  }
  const footer = (
    <>
      <Button onClick={onClose}>{words.back}</Button>
      <Button variant="primary" onClick={onSave}>
        {words.save}
      </Button>
    </>
  );
  return (
    <Dialog title={words.title} size="large" onClose={onClose} footer={footer}>
      <section
        aria-label={words.changes}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
        tabIndex={0}
        className="flex flex-col gap-4"
      >
        {settings.length > 0 && <Settings settings={settings} />}
        {lines.length > 0 && <Diff lines={lines} />}
      </section>
    </Dialog>
  );
}

function Settings({ settings }: { settings: readonly ChangedSetting[] }) {
  return (
    <table className="w-full text-start">
      <caption className="mb-1 text-start font-medium">{words.settings}</caption>
      <thead className="text-sm text-ink-3">
        <tr>
          <Head text={words.setting} />
          <Head text={words.was} />
          <Head text={words.becomes} />
        </tr>
      </thead>
      <tbody>
        {settings.map(({ name, was, becomes }) => (
          <tr key={name} className="border-t border-line align-top">
            <th scope="row" className="py-1.5 pe-3 text-start font-medium">
              {name}
            </th>
            <td className="py-1.5 pe-3 wrap-anywhere text-ink-2">
              <Value lines={was} />
            </td>
            <td className="py-1.5 wrap-anywhere">
              <Value lines={becomes} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Head({ text }: { text: string }) {
  return (
    <th scope="col" className="w-1/3 py-1 pe-3 text-start font-normal">
      {text}
    </th>
  );
}

function Value({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return <span className="text-ink-3">{words.none}</span>;
  return <span className="whitespace-pre-line">{lines.join("\n")}</span>;
}

const LOOK = {
  same: { line: "text-ink-2", sign: " ", said: null },
  added: { line: "bg-passed-tint text-passed", sign: "+", said: words.added },
  removed: { line: "bg-failed-tint text-failed", sign: "−", said: words.removed },
};

function Diff({ lines }: { lines: readonly DiffLine[] }) {
  return (
    <section aria-label={words.yaml} className="flex flex-col gap-1">
      <h3 className="font-medium">{words.yaml}</h3>
      <ol className="overflow-hidden rounded border border-line font-mono text-sm">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <Line key={index} line={line} />
        ))}
      </ol>
    </section>
  );
}

function Line({ line }: { line: DiffLine }) {
  if (line.kind === "gap") {
    return <li className="bg-sunken px-2 font-sans text-ink-3">{words.gap(line.count)}</li>;
  }
  const { line: look, sign, said } = LOOK[line.kind];
  return (
    <li className={`flex gap-2 px-2 ${look}`}>
      <span aria-hidden="true" className="w-3 shrink-0 select-none">
        {sign}
      </span>
      {said && <span className="sr-only">{said}</span>}
      <code className="min-w-0 font-[inherit] wrap-anywhere whitespace-pre-wrap">{line.text}</code>
    </li>
  );
}
