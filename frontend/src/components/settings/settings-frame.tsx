/** The frame of the instance's settings: which sections this person may open, as the server says. */
import type { ReactNode } from "react";
import type { Crumb } from "@/components/shell";
import { useCan } from "@/lib/capabilities";
import { settings as words } from "@/messages/later";
import { SectionFrame, type SectionLink } from "./section-frame";

export type SettingsSection = SectionLink & { text: string; needs: string };

const SECTIONS: SettingsSection[] = [
  { to: "/settings/general", icon: "settings", needs: "instance_settings.read", ...words.sections.general },
  { to: "/settings/access", icon: "denied", needs: "instance_settings.read", ...words.sections.access },
  {
    to: "/settings/integrations",
    icon: "branch",
    needs: "integrations.read",
    ...words.sections.sources,
  },
  {
    to: "/settings/deliveries",
    icon: "arrow",
    needs: "integrations.write",
    ...words.sections.deliveries,
  },
  { to: "/settings/users", icon: "user", needs: "users.read", ...words.sections.users },
  { to: "/settings/audit", icon: "log", needs: "audit_logs.read", ...words.sections.audit },
];

export const SETTINGS_PARENTS: Crumb[] = [{ label: words.title, to: { to: "/settings" } }];

export function useSettingsSections(): SettingsSection[] {
  const can = useCan();
  return SECTIONS.filter(({ needs }) => can(needs));
}

export function SettingsFrame({ children }: { children: ReactNode }) {
  return (
    <SectionFrame label={words.title} sections={useSettingsSections()}>
      {children}
    </SectionFrame>
  );
}
