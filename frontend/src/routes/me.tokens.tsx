/** `/me/tokens`: the list's state is in the URL; the page reads it, so that the first page does not carry how. */
import { createFileRoute } from "@tanstack/react-router";
import { anySearch } from "@/lib/search";

export const Route = createFileRoute("/me/tokens")({ validateSearch: anySearch });
