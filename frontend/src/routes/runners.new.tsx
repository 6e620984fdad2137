/** `/runners/new`. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/runners/new")({});
