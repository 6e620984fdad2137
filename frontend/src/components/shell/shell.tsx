/** The shell around all pages: skip link, header, navigation, main. It must survive any error of a page. */
import "./index";
import { useRouter } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { Toaster } from "@/components/ui";
import { t } from "@/messages";
import { DownBanner } from "./down-banner";
import { MainNav } from "./nav";
import { Overlays } from "./overlays";
import { ReauthDialog } from "./reauth-dialog";
import { RightsBanner } from "./rights-banner";
import { TopBar } from "./top-bar";
import { UpdateBanner } from "./update-banner";

export default function Shell({ children }: { children: ReactNode }) {
  useFocusMainAfterNavigation();
  return (
    <div className="grid min-h-dvh grid-cols-1 grid-rows-[auto_1fr] md:grid-cols-[13rem_1fr]">
      <a
        href="#main"
        className="target sr-only z-50 rounded bg-accent px-3 py-2 font-medium text-on-accent focus:not-sr-only focus:fixed focus:start-2 focus:top-2"
      >
        {t.shell.skip}
      </a>
      {/* Before the page, so that the page's own keys come after and win. */}
      <Overlays />
      <TopBar />
      <MainNav />
      <main id="main" tabIndex={-1} className="min-w-0 pb-20 md:pb-6">
        <UpdateBanner />
        <DownBanner />
        <RightsBanner />
        {children}
      </main>
      <Toaster />
      <ReauthDialog />
    </div>
  );
}

/** Screen readers and keyboards start at the new page's content, not at the link that was followed. */
function useFocusMainAfterNavigation(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onResolved", ({ fromLocation, pathChanged }) => {
        // Whoever is in a dialog already, such as the palette, stays there.
        const isInDialog = document.activeElement?.closest("[role=dialog]");
        if (fromLocation && pathChanged && !isInDialog)
          document.getElementById("main")?.focus({ preventScroll: true });
      }),
    [router],
  );
}
