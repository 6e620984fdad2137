/** Words of the credential of a GitLab source. */
export const sourceCredential = {
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
};
