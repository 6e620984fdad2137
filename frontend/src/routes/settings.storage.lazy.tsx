/** `/settings/storage`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { StoragePage } from "@/features/storage/storage-page";

export const Route = createLazyFileRoute("/settings/storage")({ component: StoragePage });
