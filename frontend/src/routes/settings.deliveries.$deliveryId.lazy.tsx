/** `/settings/deliveries/$deliveryId`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { DeliveryPage } from "@/features/deliveries/delivery-page";

export const Route = createLazyFileRoute("/settings/deliveries/$deliveryId")({ component: Delivery });

function Delivery() {
  return <DeliveryPage deliveryId={Route.useParams().deliveryId} />;
}
