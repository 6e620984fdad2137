/** Home. */
import { Page } from "@/components/shell";
import { t } from "@/messages";

export function HomePage() {
  return (
    <Page title={t.home.title}>
      <p />
    </Page>
  );
}
