/** The frame of a person's own pages. */
import type { ReactNode } from "react";
import type { Crumb } from "@/components/shell";
import { useCan } from "@/lib/capabilities";
import { account as words } from "@/messages/later";
import { SectionFrame, type SectionLink } from "./section-frame";

const SECTIONS: (SectionLink & { needs?: string })[] = [
  { to: "/me", label: words.sections.profile, icon: "user" },
  { to: "/me/tokens", label: words.sections.tokens, icon: "denied", needs: "api_tokens.read" },
  { to: "/me/sessions", label: words.sections.sessions, icon: "clock" },
  { to: "/me/shortcuts", label: words.sections.shortcuts, icon: "keyboard" },
];

export const ACCOUNT_PARENTS: Crumb[] = [{ label: words.title, to: { to: "/me" } }];

export function useAccountSections(): SectionLink[] {
  const can = useCan();
  return SECTIONS.filter(({ needs }) => !needs || can(needs));
}

export function AccountFrame({ children }: { children: ReactNode }) {
  return (
    <SectionFrame label={words.title} sections={useAccountSections()}>
      {children}
    </SectionFrame>
  );
}
