/** The run dialog, loaded when the first one opens. */
import { onRequest } from "@/components/ui";

export const RunDialog = onRequest(() => import("./run-dialog"));
