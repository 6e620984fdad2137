/** The page for an address that means nothing. It keeps the shell and offers a way on. */
import { ButtonLink, EmptyState } from "@/components/ui/basics";
import { t } from "@/messages";
import { Page } from "./page";

export function NotFound() {
  return (
    <Page title={t.shell.notFoundTitle}>
      <EmptyState
        icon="slash"
        title={t.shell.notFoundText}
        actions={<ButtonLink to="/">{t.shell.toHome}</ButtonLink>}
      />
    </Page>
  );
}
