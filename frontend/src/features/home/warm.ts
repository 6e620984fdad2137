/** Asks for what home shows while its page is still on its way. */
import { pinsOf } from "@/lib/pins";
import { homeQuery } from "@/lib/queries";
import { warm } from "@/lib/warm";

export const warmHome = (): void =>
  warm((rt) => [
    homeQuery(
      rt,
      pinsOf(rt)
        .get()
        .map(({ id }) => id),
    ),
  ]);
