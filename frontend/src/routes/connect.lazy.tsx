/** `/connect`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { InstancesPage } from "@/features/instances/instances-page";

export const Route = createLazyFileRoute("/connect")({ component: Connect });

function Connect() {
  const { add, next } = Route.useSearch();
  return <InstancesPage key={add} linked={add ?? null} next={next ?? null} />;
}
