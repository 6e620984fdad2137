/** Why somebody is asked to sign in; travels with the navigation (history state), never in the address. No logic here. */
export type Notice = "expired" | "ended" | "signed_out" | "signed_out_here" | "set_up";

declare module "@tanstack/react-router" {
  interface HistoryState {
    notice?: Notice;
  }
}
