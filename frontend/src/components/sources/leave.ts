/** Going to a code host. */
import { ApiError } from "@/api/errors";

/** Leaves for a web page; an answer could name any scheme. */
export function leaveFor(address: string): void {
  const { protocol } = new URL(address);
  if (protocol !== "https:" && protocol !== "http:") {
    throw new ApiError({ status: 502, code: "unusable_address", message: `not a web address: ${protocol}` });
  }
  window.location.assign(address);
}
