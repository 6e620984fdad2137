/**
 * The pieces that the pages without the shell use too, and what must be there before anything is fetched. Those import from
 * here, so that signing in does not carry the rest; all others import from ./index. It must not grow for other pages' sake.
 */
export { Banner } from "./banner";
export { Button, ButtonLink, IconButton } from "./button";
export { CopyButton, CopyDetails, CopyLine } from "./copy";
export { Field, Input } from "./field";
export { Icon, type IconName, IconSprite } from "./icon";
export { Skeleton } from "./skeleton";
export { EmptyState, ErrorState } from "./states";
