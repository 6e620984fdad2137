/** `/runners/$runnerId`. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/runners/$runnerId")({});
