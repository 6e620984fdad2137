/**
 * What everything about sources shares: reading them, naming them, going to their hosts. Whoever needs a part imports it from
 * here, so that the parts stay in one chunk (few requests for a page).
 */
export * from "@/lib/source-queries";
export { ExternalLink } from "./external-link";
export { installPage } from "./github-pages";
export { leaveFor } from "./leave";
export { LocalModeState } from "./local-mode";
export { OwnPageBanner, OwnPageLink, useIsOwnPage } from "./own-page";
export { hostName, ProviderLabel, sourceName } from "./provider";
export { RepositoryAvatar } from "./repository-avatar";
export { SourceBadge } from "./status-badge";
export { authorize, useAuthorize } from "./use-authorize";
export { webhookAddress } from "./webhook-address";
