/**
 * Going to a code host and back ends at the instance itself, so it starts at a page that the instance serves: elsewhere this
 * stands in its place. It must not ask the instance anything.
 */
import { Banner } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { isOwn } from "@/lib/instances/registry";
import { sourceNames as words } from "@/messages/en/source-names";
import { ExternalLink } from "./external-link";

/** Whether this page comes from the instance that it is about. */
export function useIsOwnPage(): boolean {
  return isOwn(useRuntime().instance);
}

type Props = { path: string };

export function OwnPageLink({ path }: Props) {
  const { url } = useRuntime().instance;
  return <ExternalLink href={url + path}>{words.toOwnPage}</ExternalLink>;
}

export function OwnPageBanner({ path }: Props) {
  return (
    <Banner tone="info" title={words.ownPageTitle} actions={<OwnPageLink path={path} />}>
      <p>{words.ownPageText}</p>
    </Banner>
  );
}
