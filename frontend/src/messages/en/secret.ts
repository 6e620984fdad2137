/** Words of a secret that can be set, replaced or removed, never read. */
import { area } from "../language";

export const secret = area("secret", {
  stored: "Stored. It is never shown.",
  none: "None stored.",
  replace: "Replace",
  set: "Enter one",
  remove: "Remove",
  keep: "Keep the stored one",
  willGo: "It is removed when you save.",
});
