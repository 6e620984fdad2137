/** Checks addresses as they are typed: exact origins and URLs. The server checks again. */

/** Scheme, host and port as a browser writes them; null if the text is no http(s) address. */
export function originOf(text: string): string | null {
  try {
    const url = new URL(text);
    const isPlain = ["http:", "https:"].includes(url.protocol) && url.username === "" && url.password === "";
    return isPlain ? url.origin : null;
  } catch {
    return null;
  }
}

export type OriginProblem = { text: string; suggestion: string | null };

/** The first line that is not exactly an origin, with the origin that it probably means. */
export function originProblem(lines: string[]): OriginProblem | null {
  const text = lines.find((line) => originOf(line) !== line);
  return text === undefined ? null : { text, suggestion: originOf(text) };
}

/** Where an identity provider may send people back to. */
export function redirectAddresses(base: string, origins: string[]): string[] {
  return [...new Set([base.replace(/\/$/, ""), ...origins])].map((origin) => `${origin}/auth/callback`);
}
