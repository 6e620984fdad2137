/** Words of forms whose stored values somebody else changed. */
import { area } from "../language";

export const pinned = area("pinned", {
  title: "Somebody changed this while you edit it",
  text: "What you save replaces theirs.",
  reload: "Reload, and lose my changes",
});
