/** What the pages without a shell share, as one chunk. Import from here, so that it stays one. */
import "@/lib/loopback";

export { BarePage } from "./bare-page";
export { Trouble } from "./trouble";
