/** The parts of settings and account pages. Import from here, so that they stay in one chunk (few requests a page). */
export { ACCOUNT_PARENTS, AccountFrame, useAccountSections } from "./account-frame";
export { Listing } from "./listing";
export { Person, UserStatusBadge } from "./person";
export { RoleField } from "./role-field";
export { SETTINGS_PARENTS, SettingsFrame, useSettingsSections } from "./settings-frame";
export { Cell, Head, SortHead, Table } from "./table";
export { TextFilter } from "./text-filter";
