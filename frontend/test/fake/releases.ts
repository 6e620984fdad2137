/** A fake daemon with releases of one app, for tests only. */
import type { Artifact, Release } from "@/api/types";
import { FakeDaemon } from "./daemon";
import { aBuild, NOW } from "./data";

export function aFile(name: string, patch: Partial<Artifact> = {}): Artifact {
  return {
    id: `file-${name}`,
    build_id: "b1",
    name,
    artifact_type: "generic",
    file_path: "",
    file_size: 12_000_000,
    checksum: "9f86d081",
    metadata: {},
    created_at: NOW,
    state: "available",
    ...patch,
  };
}

export const anApk = (name = "shop-arm64.apk") =>
  aFile(name, { artifact_type: "apk", installs_on: "android" });
export const anIpa = (name = "Shop.ipa") => aFile(name, { artifact_type: "ipa", installs_on: "ios" });

export function aRelease(patch: Partial<Release> = {}): Release {
  return {
    build: aBuild(),
    artifacts: [aFile("shop.aab"), anApk("shop-x86.apk"), anApk(), anIpa()],
    changes: [
      { commit_sha: "a".repeat(40), commit_subject: "Fix checkout crash", commit_author: "Ana" },
      { commit_sha: "b".repeat(40), commit_subject: "Add dark mode", commit_author: "Ben" },
    ],
    ...patch,
  };
}

/** Two releases, the newer one with everything. */
export class FakeStore extends FakeDaemon {
  constructor() {
    super();
    this.builds = [aBuild()];
    this.releases = {
      releases: [
        aRelease(),
        aRelease({
          build: aBuild({ id: "b0", build_number: 6, commit_subject: "First try" }),
          artifacts: [anApk("old.apk")],
          changes: [],
        }),
      ],
      coming: [],
    };
    this.more.push(
      [/^GET \/v1\/builds\/b1\/artifacts$/, () => ({ artifacts: aRelease().artifacts })],
      [
        /^POST \/v1\/artifacts\/([^/]+)\/download-link$/,
        (_, [id]) => ({ download_url: `https://ci.example.com/dl/${id}`, expires_at: NOW + 900 }),
      ],
      [
        /^POST \/v1\/artifacts\/[^/]+\/scoped-token$/,
        () => ({
          id: "k1",
          token: "oore_link_x",
          prefix: "x",
          download_url: this.address,
          expires_at: NOW + 86_400,
          single_use: false,
        }),
      ],
    );
  }

  /** Where links lead. */
  address = "https://ci.example.com/install/artifact/oore_link_x";
}
