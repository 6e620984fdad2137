/** The page for an address that means nothing. It keeps the shell and offers a way on. */
import { ButtonLink, EmptyState } from "@/components/ui/basics";
import { t } from "@/messages";
import { Page } from "./page";

export function NotFound() {
  return (
    <Page title={t.state.notFoundTitle}>
      <EmptyState
        icon="slash"
        title={t.state.notFoundText}
        actions={<ButtonLink to="/">{t.state.toHome}</ButtonLink>}
      />
    </Page>
  );
}
