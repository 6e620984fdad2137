/** `/settings/integrations/$integrationId`: one source. */
import { createFileRoute } from "@tanstack/react-router";
import { anySearch } from "@/lib/search";

export const Route = createFileRoute("/settings/integrations/$integrationId")({ validateSearch: anySearch });
