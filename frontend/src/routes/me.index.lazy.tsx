/** `/me`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { ProfilePage } from "@/features/account/profile-page";

export const Route = createLazyFileRoute("/me/")({ component: ProfilePage });
