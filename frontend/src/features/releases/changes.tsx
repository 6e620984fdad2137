/** What is new in a release: what whoever started the build said, and the commits since the release before. */
import type { Build, Release } from "@/api/types";
import { shortSha } from "@/lib/format";
import { t } from "@/messages";
import { releases as words } from "@/messages/en/releases";

type Props = {
  build: Build;
  changes: Release["changes"];
  /** Of its heading. */
  level: 2 | 3;
};

export function Changes({ build, changes, level }: Props) {
  const Heading = `h${level}` as const;
  return (
    <div className="flex flex-col gap-1">
      <Heading className="font-medium">{words.changes}</Heading>
      {build.changelog && <p className="whitespace-pre-wrap break-words">{build.changelog}</p>}
      {changes.length === 0 && !build.changelog && <p className="text-ink-2">{words.noChanges}</p>}
      {changes.length > 0 && (
        <ul className="list-disc ps-5 text-ink-2">
          {changes.map(({ commit_sha, commit_subject, commit_author }) => (
            <li key={commit_sha} className="break-words">
              {commit_subject || t.builds.noSubject}{" "}
              <span className="text-sm text-ink-3">
                {commit_author} <code className="font-mono text-xs">{shortSha(commit_sha)}</code>
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
