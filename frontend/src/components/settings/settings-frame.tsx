/** The frame of the instance's settings: which sections this person may open, as the server says. */
import type { ReactNode } from "react";
import type { Crumb } from "@/components/shell";
import { SETTINGS_NEEDS, useCan } from "@/lib/capabilities";
import { settings as words } from "@/messages/later";
import { SectionFrame, type SectionLink } from "./section-frame";

type Name = keyof typeof SETTINGS_NEEDS;
export type SettingsSection = SectionLink & { name: Name };

const SECTIONS: Omit<SettingsSection, "label">[] = [
  { name: "general", to: "/settings/general", icon: "settings" },
  { name: "access", to: "/settings/access", icon: "denied" },
  { name: "sources", to: "/settings/integrations", icon: "branch" },
  { name: "deliveries", to: "/settings/deliveries", icon: "arrow" },
  { name: "storage", to: "/settings/storage", icon: "artifact" },
  { name: "retention", to: "/settings/retention", icon: "clock" },
  { name: "notifications", to: "/settings/notifications", icon: "bell" },
  { name: "users", to: "/settings/users", icon: "user" },
  { name: "audit", to: "/settings/audit", icon: "log" },
  { name: "system", to: "/settings/system", icon: "runner" },
];

export const SETTINGS_PARENTS: Crumb[] = [{ label: words.title, to: { to: "/settings" } }];

export function useSettingsSections(): SettingsSection[] {
  const can = useCan();
  return SECTIONS.filter(({ name }) => can(SETTINGS_NEEDS[name])).map((section) => ({
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
