/** Why no code host can be connected while the instance is for its own machine only, and the way out. */
import { ButtonLink, EmptyState } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { sourceNames as words } from "@/messages/en/source-names";

export function LocalModeState() {
  const can = useCan();
  const action = can("instance_settings.read") && (
    <ButtonLink to="/settings/access" variant="primary" icon="arrow">
      {words.toAccess}
    </ButtonLink>
  );
  return (
    <EmptyState icon="denied" title={words.localTitle} actions={action}>
      <p>{words.localText}</p>
    </EmptyState>
  );
}
