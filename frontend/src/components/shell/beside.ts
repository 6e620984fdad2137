/** What stands beside the page and is used or seen only after it: one chunk, for ./later. It must hold nothing that the page needs. */
export { default as InstanceSwitcher } from "@/components/instances/switcher";
export { AccountMenu } from "./account-menu";
export { PinnedProjects, WithPinned } from "./pinned";
