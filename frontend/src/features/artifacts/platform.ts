/** What an artifact is for, where that can be told from it. */
import type { Artifact, BuildPlatform } from "@/api/types";

export function platformOf({ installs_on, artifact_type }: Artifact): BuildPlatform | null {
  if (installs_on) return installs_on;
  if (artifact_type === "apk") return "android";
  return artifact_type === "ipa" ? "ios" : null;
}
