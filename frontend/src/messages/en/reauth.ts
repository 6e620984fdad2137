/** Words of the question that a session which ended asks; they come with its dialog. */
import { area } from "../language";

export const reauth = area("reauth", {
  titles: { expired: "Your session has expired", ended: "Your session is no longer valid" },
  texts: {
    expired: "A session lasts 24 hours.",
    ended: "It was ended, here or elsewhere, or the instance does not know it.",
  },
  here: "Sign in again to go on. What you typed is still here, and the last action will be repeated.",
  elsewhere: "Sign in again with the identity provider; you will come back to this page.",
  again: "Sign in again",
  failed: "Could not sign in",
  leave: "Sign out",
});
