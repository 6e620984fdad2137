/** The forms of the access page, which come after its first sight. */
import { NetworkSection } from "./network-section";
import { OidcSection } from "./oidc-section";
import { ProxySection } from "./proxy-section";
import type { Rights } from "./rights";

export default function Forms({ rights }: { rights: Rights }) {
  return (
    <>
      <NetworkSection rights={rights} />
      <OidcSection rights={rights} />
      <ProxySection rights={rights} />
    </>
  );
}
