/** What a backup holds and how one is made, checked and restored: by commands, of whose outcomes the daemon knows nothing. */
import type { ReactNode } from "react";
import { Banner, CopyLine, Section } from "@/components/ui";
import { system } from "@/messages/en/system";

const words = system.backup;
const FILE = "oore-backup.tar.gz";
const COMMANDS = {
  create: `oore backup create --output ${FILE}`,
  verify: `oore backup verify --input ${FILE}`,
  restore: `oore backup restore --input ${FILE}`,
};
const FLAGS = {
  "--with-logs": words.withLogs,
  "--with-artifacts": words.withArtifacts,
  "--data-dir": words.dataDir,
};

export function Backup() {
  return (
    <Section title={words.title}>
      <div className="flex max-w-[70ch] flex-col gap-2 text-ink-2">
        <p>{words.text}</p>
        <p>{words.where}</p>
      </div>
      <Banner tone="warning" title={words.secret} />
      <ol className="card divide-y divide-line">
        <Step name={words.create} command={COMMANDS.create} text={words.createText}>
          <Flags />
        </Step>
        <Step name={words.verify} command={COMMANDS.verify} text={words.verifyText} />
        <Step name={words.restore} command={COMMANDS.restore} text={words.restoreText}>
          <p className="text-ink-2">{words.restored}</p>
        </Step>
      </ol>
    </Section>
  );
}

type StepProps = { name: string; text: string; command: string; children?: ReactNode };

function Step({ name, text, command, children }: StepProps) {
  return (
    <li className="flex flex-col gap-1.5 px-4 py-3">
      <h3 className="font-medium">{name}</h3>
      <p className="text-ink-2">{text}</p>
      <CopyLine text={command} />
      {children}
    </li>
  );
}

function Flags() {
  return (
    <dl aria-label={words.flags} className="grid gap-x-4 gap-y-0.5 text-sm sm:grid-cols-[9rem_minmax(0,1fr)]">
      {Object.entries(FLAGS).map(([flag, text]) => (
        <div key={flag} className="contents">
          <dt className="font-mono">{flag}</dt>
          <dd className="text-ink-2 max-sm:mb-1">{text}</dd>
        </div>
      ))}
    </dl>
  );
}
