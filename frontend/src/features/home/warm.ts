/** Asks for what home shows while its page is still on its way. */
import { pinsOf } from "@/lib/pins";
import { warm } from "@/lib/warm";
import { homeQuery } from "./queries";

export const warmHome = (): void =>
  warm((rt) => [
    homeQuery(
      rt,
      pinsOf(rt)
        .get()
        .map(({ id }) => id),
    ),
  ]);
