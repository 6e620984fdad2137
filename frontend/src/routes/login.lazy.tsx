/** `/login`: the page. */
import { createLazyFileRoute } from "@tanstack/react-router";
import { SignInPage } from "@/features/sign-in/sign-in-page";

export const Route = createLazyFileRoute("/login")({ component: Login });

function Login() {
  const { next, signed_out } = Route.useSearch();
  return <SignInPage next={next ?? "/"} mode={signed_out ? "ask" : "automatic"} />;
}
