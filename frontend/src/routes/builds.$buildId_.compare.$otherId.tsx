/** `/builds/$buildId/compare/$otherId`: the first is what was, the other what is now. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/builds/$buildId_/compare/$otherId")({});
