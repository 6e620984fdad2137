/** `/projects/new`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { NewProjectPage } from "@/features/projects/new-project-page";
import { textOf } from "@/lib/search";

export const Route = createLazyFileRoute("/projects/new")({ component: NewProject });

function NewProject() {
  const q = textOf(Route.useSearch().q);
  const navigate = Route.useNavigate();
  return (
    <NewProjectPage q={q} onQ={(text) => void navigate({ search: text ? { q: text } : {}, replace: true })} />
  );
}
