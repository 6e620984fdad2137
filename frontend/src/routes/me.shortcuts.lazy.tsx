/** `/me/shortcuts`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { ShortcutsPage } from "@/features/account/shortcuts-page";

export const Route = createLazyFileRoute("/me/shortcuts")({ component: ShortcutsPage });
