/** Words of a person's own pages. */
export const account = {
  title: "My account",
  sections: { profile: "Profile", tokens: "API tokens", sessions: "Sessions" },
  email: "E-mail",
  displayName: "Name",
  role: "Role",
  since: "Since",
  id: "Account id",
  fromProvider: "Name and e-mail address come from where you sign in.",
};
