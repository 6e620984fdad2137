/** An archive for whoever helps: says what is in it, so that it can be handed on with a good conscience, and downloads it. */
import { useState } from "react";
import { Button, Section, useToasts } from "@/components/ui";
import { saveAs } from "@/lib/download";
import { useRuntime } from "@/lib/instances/current";
import { system } from "@/messages/en/system";

const words = system.bundle;
const PATH = "/v1/system/support-bundle";

export function SupportBundle() {
  const runtime = useRuntime();
  const { toastError } = useToasts();
  const [saving, setSaving] = useState(false);
  async function save() {
    setSaving(true);
    await saveAs(runtime.api, PATH, fileName()).catch(toastError);
    setSaving(false);
  }
  return (
    <Section title={words.title}>
      <div className="max-w-[70ch] text-ink-2">
        <p>{words.text}</p>
        <ul className="mt-1 list-disc ps-5">
          {words.contents.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        <p className="mt-2">{words.without}</p>
      </div>
      <div>
        <Button icon="download" pending={saving} onClick={() => void save()}>
          {words.download}
        </Button>
      </div>
    </Section>
  );
}

/** The day tells bundles apart; the daemon's own name is hidden from a page of another origin. */
function fileName(): string {
  return `oore-support-${new Date().toISOString().slice(0, 10)}.tar.gz`;
}
