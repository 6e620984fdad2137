/** Words of artifacts. */
import { area } from "../language";

export const artifacts = area("artifacts", {
  name: "artifacts",
  title: "Artifacts",
  emptyTitle: "No artifacts",
  emptyActive: "Files that the build makes appear here when it has stored them.",
  emptyEnded: "This build stored no files.",
  download: "Download",
  downloadOf: (name: string) => `Download ${name}`,
  sha256: "SHA-256",
  copySha: "Copy the SHA-256",
  expired: "Expired",
  expires: "Expires",
  state: { pending: "Uploading", available: "Stored", failed: "Upload failed" } as Record<string, string>,
  type: { apk: "Android package", ipa: "iOS app", app: "App bundle", generic: "File" } as Record<
    string,
    string
  >,
  size: "Size",
  unknownSize: "Size unknown",
});
