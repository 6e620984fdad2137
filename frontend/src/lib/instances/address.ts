/** What a typed address of an instance means, or why this page could never reach it. It must not ask anybody. */
import { isLoopbackAddress } from "@/lib/loopback";
import { normaliseUrl } from "./registry";

export type AddressProblem =
  | "empty"
  | "no_address"
  | "scheme"
  | "credentials"
  | "extra"
  | "mixed_content"
  | "plain_http";

export type CheckedAddress = { url: string } | { problem: AddressProblem };

/** The hosts that the page's own policy lets it reach without https, beside where it comes from. */
const PLAIN_HOSTS = ["localhost", "127.0.0.1"];

export function checkAddress(typed: string): CheckedAddress {
  const text = typed.trim();
  if (text === "") return { problem: "empty" };
  const url = parsed(text);
  if (!url) return { problem: "no_address" };
  if (url.protocol !== "https:" && url.protocol !== "http:") return { problem: "scheme" };
  if (url.username || url.password) return { problem: "credentials" };
  if (url.search || url.hash) return { problem: "extra" };
  const isPlain = url.protocol === "http:" && url.origin !== window.location.origin;
  if (isPlain && !PLAIN_HOSTS.includes(url.hostname))
    return { problem: window.location.protocol === "https:" ? "mixed_content" : "plain_http" };
  return { url: normaliseUrl(url.href) };
}

/** People leave the scheme out. Only this machine is likely to speak without encryption. */
function parsed(text: string): URL | null {
  const hasScheme = /^[a-z][a-z0-9+.-]*:(\/\/|(?!\d))/i.test(text);
  try {
    if (hasScheme) return new URL(text);
    const url = new URL(`https://${text}`);
    return isLoopbackAddress(url.href) ? new URL(`http://${text}`) : url;
  } catch {
    return null;
  }
}
