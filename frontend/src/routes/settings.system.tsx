/** `/settings/system`: which messages are shown is in the URL; the page reads it, so that the first page does not carry how. */
import { createFileRoute } from "@tanstack/react-router";
import { anySearch } from "@/lib/search";

export const Route = createFileRoute("/settings/system")({ validateSearch: anySearch });
