/** The component inventory. Import from here, so that the pieces stay in one shared chunk (few requests on the first page). */
export { Badge, isActive, RunnerBadge, StatusBadge } from "./badge";
export * from "./basics";
export { FilterChip } from "./chip";
export { ConfirmDialog, Dialog, DialogActions } from "./dialog";
export { Choice, ChoiceGroup, Select, Textarea, useFieldProps } from "./field";
export { FormError, LeaveGuard } from "./form";
export { Menu, type MenuEntry } from "./menu";
export { Pager } from "./pager";
export { Pending, QueryView } from "./query-view";
export { ReasonDialog } from "./reason-dialog";
export { Fact, Facts, Section } from "./section";
export { SkeletonRows } from "./skeleton";
export { DeniedState, FilteredEmptyState, GoneState } from "./states";
export { TAB_LINK, Tabs } from "./tabs";
export { Bytes, Duration, RunningDuration, TimeAgo } from "./time";
export { Toaster, toast, toastError, toastWithUndo } from "./toast";
export { Tooltip } from "./tooltip";
