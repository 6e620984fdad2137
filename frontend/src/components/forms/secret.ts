/** What happens to a stored secret when a form is saved. The stored one is never known here. */

export type SecretChange = { kind: "keep" } | { kind: "clear" } | { kind: "set"; text: string };

export const KEEP: SecretChange = { kind: "keep" };

/** The text to send, if a new one was typed. An opened but empty field changes nothing. */
export function newText(change: SecretChange): string | undefined {
  return change.kind === "set" && change.text !== "" ? change.text : undefined;
}

export const isChange = (change: SecretChange): boolean =>
  change.kind === "clear" || newText(change) !== undefined;
