/** The catalogue in use. Components take every word from `t`; they must not contain text of their own. */
export * as t from "./en";
