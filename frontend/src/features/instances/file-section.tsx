/** The list as a file, out of this browser and into it. */
import { type ChangeEvent, useRef, useState } from "react";
import { Button, Section } from "@/components/ui";
import { saveBlob } from "@/lib/download";
import { exportFile, type Imported, importFile } from "@/lib/instances/file";
import { instances as words } from "@/messages/en/instances";

export function FileSection({ isEmpty }: { isEmpty: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  const [result, setResult] = useState<Imported | "invalid" | null>(null);
  async function read(event: ChangeEvent<HTMLInputElement>) {
    const [file] = event.target.files ?? [];
    if (file) setResult((await importFile(file)) ?? "invalid");
    // The same file can be chosen again.
    if (input.current) input.current.value = "";
  }
  return (
    <Section title={words.file.title}>
      <p className="text-ink-2">{words.file.text}</p>
      <div className="flex flex-wrap gap-2">
        {!isEmpty && (
          <Button icon="download" onClick={() => saveBlob(exportFile(), words.file.name)}>
            {words.file.export}
          </Button>
        )}
        <Button icon="up" onClick={() => input.current?.click()}>
          {words.file.import}
        </Button>
        <input
          ref={input}
          type="file"
          accept="application/json,.json"
          aria-label={words.file.pick}
          hidden
          onChange={(event) => void read(event)}
        />
      </div>
      {result && <Result result={result} />}
    </Section>
  );
}

function Result({ result }: { result: Imported | "invalid" }) {
  if (result === "invalid")
    return (
      <p role="alert" className="text-failed">
        {words.file.invalid}
      </p>
    );
  return (
    <div role="status" className="flex flex-col gap-1">
      <p>{words.file.done(result.added.length, result.known)}</p>
      {result.refused.length > 0 && (
        <ul className="list-disc ps-5 text-ink-2">
          {result.refused.map(({ text, problem }) => (
            <li key={text} className="wrap-anywhere">
              {words.file.refused(text, words.problems[problem])}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
