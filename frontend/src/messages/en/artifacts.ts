/** Words of the list of artifacts, loaded with the page of a build. */
import { area } from "../language";

export const artifacts = area("artifacts", {
  name: "artifacts",
  title: "Artifacts",
  emptyTitle: "No artifacts",
  emptyActive: "Files that the build makes appear here when it has stored them.",
  emptyEnded: "This build stored no files.",
  more: (count: number) => `And ${count} more`,
  removedTitle: "Retention removed the artifacts",
  removedText: {
    age: "The build ended too long ago.",
    count: "Enough builds of the project are newer.",
    size: "Newer builds fill what the project's artifacts may take.",
    disk_budget: "The artifacts of this instance took more than they may, and these were the oldest.",
    ttl: "The time that artifacts are kept was over.",
  },
  removedAt: "Removed",
  share: "Share",
  shareOf: (name: string) => `Share ${name}`,
  download: "Download",
  downloadOf: (name: string) => `Download ${name}`,
  delete: "Delete",
  deleteOf: (name: string) => `Delete ${name}`,
  pinned: (build: string) =>
    `Build ${build} is pinned and keeps its artifacts. Unpin it under “More actions” first.`,
  than: (change: string, build: string) => `${change} against ${build}`,
  sameSize: (build: string) => `as large as in ${build}`,
  sha256: "SHA-256",
  copySha: "Copy the SHA-256",
  expires: "Expires",
  state: { pending: "Uploading", available: "Stored", failed: "Upload failed", removed: "Removed" } as Record<
    string,
    string
  >,
  type: { apk: "Android package", ipa: "iOS app", app: "App bundle", generic: "File" } as Record<
    string,
    string
  >,
  size: "Size",
  unknownSize: "Size unknown",
});
