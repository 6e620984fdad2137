/** `/setup`: the other name of `/start`. */
import { createFileRoute, redirect } from "@tanstack/react-router";

export const Route = createFileRoute("/setup")({
  staticData: { frame: "bare" },
  beforeLoad: () => {
    throw redirect({ to: "/start", replace: true });
  },
});
