/** The keys that open the instance at a place of the list, as this machine's keyboard writes them; null beyond the ninth. */
import { instances as words } from "@/messages/en/instances";

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

export const keyOf = (at: number): string | null => (at < 9 ? words.keys(at + 1, IS_MAC) : null);
