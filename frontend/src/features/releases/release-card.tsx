/** One release in full: what is new, what to install, and the files behind it. */
import type { Artifact, Build, Release } from "@/api/types";
import { EmptyState } from "@/components/ui";
import { deviceHere } from "@/lib/device";
import { releases as words } from "@/messages/en/releases";
import { Changes } from "./changes";
import { ReleaseFacts } from "./facts";
import { FileDetails } from "./file-details";
import { installables } from "./files";
import { InstallList } from "./install-list";

type Props = {
  build: Build;
  artifacts: readonly Artifact[];
  changes: Release["changes"];
  /** Of its headings. */
  level: 2 | 3;
  links: "allowed" | "denied";
};

export function ReleaseCard({ build, artifacts, changes, level, links }: Props) {
  const files = installables(artifacts, deviceHere());
  return (
    <div className="card flex flex-col gap-4 px-4 py-4">
      <ReleaseFacts build={build} artifacts={artifacts} />
      <Changes build={build} changes={changes} level={level} />
      {files.length > 0 ? (
        <InstallList files={files} links={links} />
      ) : (
        <EmptyState icon="artifact" title={words.nothingToInstall}>
          <p>{words.nothingToInstallText}</p>
        </EmptyState>
      )}
      {artifacts.length > 0 && <FileDetails artifacts={artifacts} />}
    </div>
  );
}
