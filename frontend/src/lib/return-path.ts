/** Where to go after signing in: a path of this very page, made harmless. It must never answer an address of another place. */

/** Pages that lead to signing in themselves; returning to one would go round in circles. */
const NO_DESTINATION = /^\/(login|auth\/callback|start|setup)\/?$/;

/** The path, or null for what is none: full addresses, `//evil`, `/\evil`, and what a browser would read as such. */
export function ownPath(input: unknown): string | null {
  if (typeof input !== "string" || !/^\/(?![/\\])/.test(input)) return null;
  const url = parsed(input);
  if (!url || url.origin !== window.location.origin) return null;
  // Dots and backslashes are resolved by now: "/x/..//evil" has become "//evil".
  const isSafe = !url.pathname.startsWith("//") && !NO_DESTINATION.test(url.pathname);
  return isSafe ? url.pathname + url.search + url.hash : null;
}

function parsed(path: string): URL | null {
  try {
    return new URL(path, window.location.origin);
  } catch {
    return null;
  }
}
