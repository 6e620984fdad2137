/** `/start`: address of the set-up. Its token is read by lib/arrival, never here. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/start")({ staticData: { frame: "bare" } });
