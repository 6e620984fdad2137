/** The kind of a source, and how one is named. */
import type { Integration, ScmProvider } from "@/api/types";
import { Icon } from "@/components/ui";
import { sourceNames as words } from "@/messages/en/source-names";

/** Without a scheme: what people call the host. */
export function hostName(hostUrl: string): string {
  return hostUrl.replace(/^https?:\/\//, "");
}

export function sourceName(source: Integration): string {
  return source.display_name ?? hostName(source.host_url);
}

export function ProviderLabel({ provider }: { provider: ScmProvider }) {
  return (
    <span className="inline-flex items-center gap-1">
      <Icon name={provider === "local_git" ? "folder" : "branch"} className="size-3.5" />
      {words.providers[provider]}
    </span>
  );
}
