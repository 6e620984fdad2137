/** The parts of the shell that nothing on the first paint waits for. What can't be loaded the shell stands without. */
import { type ComponentType, lazy } from "react";
import type { WithPinnedProps } from "./pinned";

type Beside = typeof import("./beside");

function later<P = object>(
  part: (beside: Beside) => ComponentType<P>,
  without: ComponentType<P> = () => null,
) {
  return lazy(() =>
    import("./beside").then(
      (beside) => ({ default: part(beside) }),
      () => ({ default: without }),
    ),
  );
}

export const AccountMenu = later(({ AccountMenu }) => AccountMenu);
export const InstanceSwitcher = later(({ InstanceSwitcher }) => InstanceSwitcher);
export const PinnedProjects = later(({ PinnedProjects }) => PinnedProjects);
/** Without the pinned ones the menu has the rest. */
export const WithPinned = later<WithPinnedProps>(
  ({ WithPinned }) => WithPinned,
  ({ entries, children }) => children(entries),
);
