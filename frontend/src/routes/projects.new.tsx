/** `/projects/new`: the search for a repository is in the URL. */
import { createFileRoute } from "@tanstack/react-router";
import { anySearch } from "@/lib/search";

export const Route = createFileRoute("/projects/new")({ validateSearch: anySearch });
