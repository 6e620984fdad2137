/** What is asked about a source; each is loaded when it is first asked. */
import { onRequest } from "@/components/ui";

export const DisconnectDialog = onRequest(() => import("./disconnect-dialog"));
export const WebhookDialog = onRequest(() => import("./webhook-dialog"));
