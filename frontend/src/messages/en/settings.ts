/** Words of the instance's settings that all their pages carry: the names of the sections. */
import { area } from "../language";

export const settings = area("settings", {
  title: "Settings",
  ways: { local: "On this machine only", oidc: "Identity provider", trusted_proxy: "Access proxy" },
  sections: {
    general: "General",
    access: "Access",
    sources: "Sources",
    deliveries: "Deliveries",
    storage: "Storage",
    retention: "Retention",
    notifications: "Notifications",
    users: "People",
    audit: "Audit log",
  },
});
