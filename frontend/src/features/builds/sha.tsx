/** A commit by its short id; leads to the code host, where there is one with pages. */
import type { Build } from "@/api/types";
import { shortSha } from "@/lib/format";
import { commitAddress } from "@/lib/repository";
import { buildPage } from "@/messages/en/build-page";

/** `sha` is a commit in the repository of the build. */
export function Sha({ build, sha }: { build: Build; sha: string }) {
  const address = commitAddress(build, sha);
  const short = <code className="font-mono text-sm">{shortSha(sha)}</code>;
  if (!address) return short;
  return (
    <a
      href={address}
      target="_blank"
      rel="noopener noreferrer"
      className="tap text-accent underline underline-offset-2"
    >
      {short}
      <span className="sr-only"> {buildPage.page.atCodeHost}</span>
    </a>
  );
}
