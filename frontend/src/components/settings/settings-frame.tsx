/** The frame of the instance's settings: which sections this person may open, as the server says. */
import type { ReactNode } from "react";
import type { Crumb } from "@/components/shell";
import { useCan } from "@/lib/capabilities";
import { settings as words } from "@/messages/later";
import { SectionFrame, type SectionLink } from "./section-frame";

type Name = keyof typeof words.sections;
export type SettingsSection = SectionLink & { name: Name; needs: string };

const SECTIONS: Omit<SettingsSection, "label">[] = [
  { name: "general", to: "/settings/general", icon: "settings", needs: "instance_settings.read" },
  { name: "access", to: "/settings/access", icon: "denied", needs: "instance_settings.read" },
  { name: "sources", to: "/settings/integrations", icon: "branch", needs: "integrations.read" },
  { name: "deliveries", to: "/settings/deliveries", icon: "arrow", needs: "integrations.write" },
  { name: "storage", to: "/settings/storage", icon: "artifact", needs: "instance_settings.read" },
  { name: "retention", to: "/settings/retention", icon: "clock", needs: "instance_settings.read" },
  { name: "notifications", to: "/settings/notifications", icon: "bell", needs: "instance_settings.read" },
  { name: "users", to: "/settings/users", icon: "user", needs: "users.read" },
  { name: "audit", to: "/settings/audit", icon: "log", needs: "audit_logs.read" },
];

export const SETTINGS_PARENTS: Crumb[] = [{ label: words.title, to: { to: "/settings" } }];

export function useSettingsSections(): SettingsSection[] {
  const can = useCan();
  return SECTIONS.filter(({ needs }) => can(needs)).map((section) => ({
    ...section,
    label: words.sections[section.name],
  }));
}

export function SettingsFrame({ children }: { children: ReactNode }) {
  return (
    <SectionFrame label={words.title} sections={useSettingsSections()}>
      {children}
    </SectionFrame>
  );
}
