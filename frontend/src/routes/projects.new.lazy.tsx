/** `/projects/new`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { NewProjectPage } from "@/features/projects/new-project-page";

export const Route = createLazyFileRoute("/projects/new")({ component: NewProjectPage });
