/** `/runners/new`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { AddRunnerPage } from "@/features/runners/add-runner-page";

export const Route = createLazyFileRoute("/runners/new")({ component: AddRunnerPage });
