/** The component inventory. Import from here, so that the pieces stay in one shared chunk (few requests on the first page). */
import "./more-icons";

export { AddressInput } from "./address-input";
export { Badge, isActive, RunnerBadge, StatusBadge } from "./badge";
export * from "./basics";
export { FilterChip } from "./chip";
export { Choice, ChoiceGroup } from "./choice";
export { ConfirmDialog, Dialog, DialogActions } from "./dialog";
export { Select, Textarea } from "./field";
export { FormError, LeaveGuard } from "./form";
export { HoldButton } from "./hold-button";
export { Menu, type MenuEntry } from "./menu";
export { onRequest } from "./on-request";
export { Pager } from "./pager";
export { Pending, QueryView } from "./query-view";
export { RadioGroup } from "./radio-group";
export { Fact, Facts, Section } from "./section";
export { Segmented } from "./segmented";
export { SkeletonRows } from "./skeleton";
export { DeniedState, FilteredEmptyState, GoneState } from "./states";
export { TAB_LINK, Tabs } from "./tabs";
export { Bytes, Duration, RunningDuration, TimeAgo } from "./time";
export {
  copyAndSay,
  Toaster,
  toast,
  toastError,
  toastFailure,
  toastsFor,
  toastWithUndo,
  useToasts,
} from "./toast";
