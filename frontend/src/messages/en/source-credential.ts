/** Words of the credential of a GitLab source. */
import { area } from "../language";

export const sourceCredential = area("sourceCredential", {
  title: "Credential",
  status: {
    valid: "Works",
    expiring: "Ends soon",
    expired: "Expired",
    rejected: "Refused by GitLab",
    unknown: "GitLab did not answer",
  },
  ends: "Ends",
  noEnd: "GitLab names no end",
  checked: "Checked",
  daily: "It is checked once a day. Owners and admins are told when it stops working or is about to end.",
  check: "Check now",
  replace: "Replace token",
  authorizeAgain: "Authorise again",
  authorizeReports: "Authorise with reporting",
  reportsToken: "To show results at GitLab, the token needs the scope api.",
  reportsApplication:
    "To show results at GitLab, the application needs the scope api there, and has to be authorised with it.",
});
