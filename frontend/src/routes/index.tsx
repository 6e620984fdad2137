/** `/`: home. What asks for its data arrives beside the page, so that no other page carries it. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/")({
  loader: () => void import("@/features/home/warm").then(({ warmHome }) => warmHome()).catch(() => undefined),
});
