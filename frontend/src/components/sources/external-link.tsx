/** A link to a page at a code host or another instance, in a tab of its own, which is not told where it was opened. */
import type { ReactNode } from "react";
import { Icon } from "@/components/ui";
import { sourceNames as words } from "@/messages/en/source-names";

export function ExternalLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noreferrer"
      className="target inline-flex items-center gap-1.5 font-medium text-accent hover:underline"
    >
      {children}
      <Icon name="external" />
      <span className="sr-only">{words.newTab}</span>
    </a>
  );
}
