/** The catalogue in use. Components take every word from `t`; they must not contain text of their own. */
import { en } from "./en";

export const t = en;
