/** Addresses of commits and of lines at the code host of a build; null where it has none that a browser can open. */
import type { Build } from "@/api/types";

const encoded = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

function rootOf({ context, commit_sha }: Build): string | null {
  const { repository_host_url: host, repository_full_name: name, repository_provider } = context ?? {};
  if (!host || !name || !commit_sha || !/^https?:\/\//.test(host)) return null;
  const root = `${host.replace(/\/+$/, "")}/${encoded(name)}`;
  return repository_provider === "gitlab" ? `${root}/-` : root;
}

/** Of the commit that was built, or of another one in its repository. */
export function commitAddress(build: Build, sha = build.commit_sha): string | null {
  const root = rootOf(build);
  return root === null ? null : `${root}/commit/${sha}`;
}

/** Of a file at the commit that was built. */
export function lineAddress(build: Build): ((path: string, line: number) => string) | null {
  const root = rootOf(build);
  if (root === null) return null;
  return (path, line) => `${root}/blob/${build.commit_sha}/${encoded(path)}#L${line}`;
}
