/** Asks to sign in again when the session is over, over the page, so that nothing typed is lost. It must not reload. */
import { onRequest } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { useStore } from "@/lib/store";

/** With the dialog that it needs: a question that nobody sees would let everything wait for ever. */
const Ask = onRequest(async () => {
  const [ask] = await Promise.all([import("./reauth-ask"), import("@/components/ui/overlays/dialog-impl")]);
  return ask;
});

export function ReauthDialog() {
  const runtime = useRuntime();
  const request = useStore(runtime.reauth);
  return request && <Ask runtime={runtime} request={request} onClose={() => request.resolve(false)} />;
}
