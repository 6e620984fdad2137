/** What is asked about a source; each is loaded when it is first asked. */
import { lazy } from "react";

export const DisconnectDialog = lazy(() => import("./disconnect-dialog"));
export const WebhookDialog = lazy(() => import("./webhook-dialog"));
