/** `/login`: the page. */
import { createLazyFileRoute, useRouterState } from "@tanstack/react-router";
import { SignInPage } from "@/features/sign-in/sign-in-page";
import type { Notice } from "@/lib/notice";
import { ownPath } from "@/lib/return-path";

export const Route = createLazyFileRoute("/login")({ component: Login });

function Login() {
  const { next, signed_out } = Route.useSearch();
  const told = useRouterState({ select: ({ location }) => location.state.notice });
  const notice: Notice | null = told ?? (signed_out ? "signed_out" : null);
  return <SignInPage next={ownPath(next) ?? "/"} notice={notice} />;
}
