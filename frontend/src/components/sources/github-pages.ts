/** Pages of GitHub that people are sent to. It must not fetch any. */
import type { Integration } from "@/api/types";

const PUBLIC_HOST = "https://github.com";

/** Where the app is installed, and where its access to repositories is changed. */
export function installPage({ host_url, app_slug }: Integration): string | null {
  if (!app_slug) return null;
  const folder = host_url === PUBLIC_HOST ? "apps" : "github-apps";
  return `${host_url}/${folder}/${encodeURIComponent(app_slug)}/installations/new`;
}
