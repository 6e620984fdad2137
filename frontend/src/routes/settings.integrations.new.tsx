/** `/settings/integrations/new`: connecting a code host; which one is in the URL. */
import { createFileRoute } from "@tanstack/react-router";
import { anySearch } from "@/lib/search";

export const Route = createFileRoute("/settings/integrations/new")({ validateSearch: anySearch });
