/** `/settings/deliveries/$deliveryId`. */
import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/settings/deliveries/$deliveryId")({});
