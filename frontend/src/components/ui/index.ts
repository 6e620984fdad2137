/** The component inventory. Import from here, so that the pieces stay in one shared chunk (few requests on the first page). */
export { Badge, isActive, RunnerBadge, StatusBadge } from "./badge";
export { Banner } from "./banner";
export { Button, ButtonLink, IconButton } from "./button";
export { FilterChip } from "./chip";
export { CopyButton, CopyLine, copyText } from "./copy";
export { ConfirmDialog, Dialog } from "./dialog";
export { Choice, Field, Input, Select, Textarea, useFieldProps } from "./field";
export { Icon, type IconName, IconSprite } from "./icon";
export { Menu, type MenuEntry } from "./menu";
export { Pager } from "./pager";
export { Pending, QueryView } from "./query-view";
export { Fact, Facts, Section } from "./section";
export { Skeleton, SkeletonRows } from "./skeleton";
export { DeniedState, EmptyState, ErrorState, FilteredEmptyState, GoneState } from "./states";
export { TAB_LINK, Tabs } from "./tabs";
export { Bytes, Duration, RunningDuration, TimeAgo } from "./time";
export { Toaster, toast, toastError } from "./toast";
export { Tooltip } from "./tooltip";
