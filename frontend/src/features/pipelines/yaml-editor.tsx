/** The settings as text, with what the server says about it, and the ways to take it to the repository. Loaded when it is opened. */
import { useId, useMemo, useRef } from "react";
import type { ValidatePipelineResponse } from "@/api/types";
import { Banner, Button, copyAndSay } from "@/components/ui";
import { saveBlob } from "@/lib/download";
import { t } from "@/messages";
import { pipelineEditor as words } from "@/messages/en/pipeline-editor";
import { CodeField, type CodeHandle } from "./code-field";
import type { YamlMode } from "./yaml-mode";
import { versionOf } from "./yaml-text";

/** The conversions come with the editor: whoever needs them has it open, or is about to. */
export { readSettings, versionOf, writeSettings } from "./yaml-text";

const FILE_NAME = ".oore.yaml";

type Diagnostics = ValidatePipelineResponse["diagnostics"];
type Props = { mode: YamlMode; text: string; isBusy: boolean; diagnostics: Diagnostics };

export default function YamlEditor({ mode, text, isBusy, diagnostics }: Props) {
  const help = useId();
  const code = useRef<CodeHandle>(null);
  const isTwo = useMemo(() => versionOf(text) === "2", [text]);
  const marks = useMemo(() => marksOf(diagnostics), [diagnostics]);
  return (
    <>
      {isTwo && (
        <Banner tone="info" title={words.twoTitle}>
          <p>{words.twoText}</p>
        </Banner>
      )}
      <CodeField
        ref={code}
        label={words.label}
        value={text}
        readOnly={isBusy}
        onChange={mode.setText}
        marks={marks}
        invalid={marks.length > 0 || mode.problem !== null}
        describedBy={help}
      />
      <p id={help} className="-mt-2 text-sm text-ink-3">
        {words.keys}
      </p>
      {marks.length > 0 && (
        <ul aria-label={words.problems} className="flex flex-col gap-1">
          {marks.map(({ line, column, message }) => (
            <li key={`${line} ${column} ${message}`} className="flex flex-wrap items-baseline gap-x-2">
              {line && (
                <button
                  type="button"
                  onClick={() => code.current?.goTo(line, column ?? 1)}
                  className="tap font-medium text-accent underline"
                >
                  {words.line(line, column ?? undefined)}
                </button>
              )}
              <span className="wrap-anywhere">{message}</span>
            </li>
          ))}
        </ul>
      )}
      <div className="flex flex-wrap gap-2">
        <Button icon="copy" onClick={() => void copyAndSay(text)}>
          {t.action.copy}
        </Button>
        <Button icon="download" onClick={() => saveBlob(new Blob([text]), FILE_NAME)}>
          {words.download}
        </Button>
        {isTwo ? (
          <Button icon="back" onClick={() => void mode.written().then((own) => code.current?.replace(own))}>
            {words.backToOne}
          </Button>
        ) : (
          <Button variant="ghost" onClick={() => code.current?.replace(words.exampleOfTwo)}>
            {words.startTwo}
          </Button>
        )}
      </div>
      <p className="text-sm text-ink-3">{words.toCommit}</p>
    </>
  );
}

/** From the top of the text to its end: the server tells what it found in the order it looked. */
function marksOf(diagnostics: Diagnostics) {
  return diagnostics
    .map((one) => ({ ...one, message: sentence(one.message, one.hint) }))
    .sort((one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0));
}

function sentence(message: string, hint: string | null | undefined): string {
  return hint ? `${message}; ${hint}` : message;
}
