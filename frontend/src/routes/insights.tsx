/** `/insights`: the page reads its search by itself. */
import { createFileRoute } from "@tanstack/react-router";
import { anySearch } from "@/lib/search";

export const Route = createFileRoute("/insights")({ validateSearch: anySearch });
