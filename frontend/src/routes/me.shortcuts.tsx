/** `/me/shortcuts`. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/me/shortcuts")({});
