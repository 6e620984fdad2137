/** Which file of a release is for whom. It must not guess what a file is: the server says on what it can be installed. */
import type { Artifact } from "@/api/types";
import type { Device } from "@/lib/device";

export type Installable = Artifact & { installs_on: Device };

/** What can be installed as it is, for this device first; of several the one that fits most devices of the kind. */
export function installables(artifacts: readonly Artifact[], here: Device | null): Installable[] {
  const rank = (file: Installable) => (file.installs_on === here ? 0 : 10) + rankOfName(file.name);
  return artifacts
    .filter((file): file is Installable => Boolean(file.installs_on))
    .toSorted((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
}

/** Phones of today are 64-bit ARM; what names no processor runs on all of them. */
function rankOfName(name: string): number {
  if (/arm64/.test(name)) return 0;
  return /armeabi|x86/.test(name) ? 2 : 1;
}

export const devicesOf = (artifacts: readonly Artifact[]): Device[] => [
  ...new Set(artifacts.flatMap(({ installs_on }) => installs_on ?? [])),
];
