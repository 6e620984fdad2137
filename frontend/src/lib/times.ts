/** How this browser shows when something was: how long ago, or the date and the time of day. */
import { keptChoice } from "./kept-choice";

export const timesAre = keptChoice("oore.times", ["relative", "absolute"]);
