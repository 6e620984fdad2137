/** Every file of a release with what it is and its checksum; folded away, for who wants to know. */
import type { Artifact } from "@/api/types";
import { Bytes, CopyButton, Icon, TimeAgo } from "@/components/ui";
import { platformName } from "@/lib/platform";
import { releases as words } from "@/messages/en/releases";

export function FileDetails({ artifacts }: { artifacts: readonly Artifact[] }) {
  return (
    <details className="group">
      <summary className="tap flex w-fit cursor-pointer items-center gap-1 text-ink-2 hover:text-ink">
        <Icon name="chevron" className="size-4 group-open:rotate-90" />
        {words.details}
      </summary>
      <ul aria-label={words.details} className="mt-1 divide-y divide-line">
        {artifacts.map((file) => (
          <li key={file.id} className="flex flex-col gap-0.5 py-2 text-sm">
            <p className="flex flex-wrap gap-x-3">
              <span className="font-medium break-all">{file.name}</span>
              <span className="text-ink-2">
                {file.installs_on ? platformName(file.installs_on) : kindOf(file)}
              </span>
              {file.file_size != null && <Bytes value={file.file_size} />}
              {file.expires_at && (
                <span className="text-ink-2">
                  {words.kept} <TimeAgo ahead at={file.expires_at} />
                </span>
              )}
            </p>
            {file.checksum && (
              <p className="flex min-w-0 items-center gap-1 text-ink-2">
                <span className="shrink-0">{words.sha256}</span>
                <code className="min-w-0 font-mono text-xs break-all">{file.checksum}</code>
                <CopyButton text={file.checksum} label={words.copySha(file.name)} />
              </p>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** A bundle for a store looks like an app to a tester, and is none for a phone. */
const kindOf = ({ name }: Artifact): string =>
  name.endsWith(".aab") ? words.forStore : words.notInstallable;
