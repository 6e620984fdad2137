/** The secret of a repository's webhook at GitLab: made on request, shown this once. It must not leave this dialog's state. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Integration, IntegrationRepository } from "@/api/types";
import { ExternalLink, webhookAddress } from "@/components/sources";
import { Button, CopyLine, Dialog, FormError } from "@/components/ui";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { networkQuery } from "@/lib/preferences";
import { t } from "@/messages";
import { sourceDialogs } from "@/messages/en/source-dialogs";

const words = sourceDialogs.hook;

type Props = { source: Integration; repository: IntegrationRepository; onClose: () => void };

export default function WebhookDialog({ source, repository, onClose }: Props) {
  const runtime = useRuntime();
  const submission = useSubmission();
  const [secret, setSecret] = useState<string | null>(null);
  const make = () =>
    submission.run(async () => {
      const path = { id: repository.id };
      const made = await runtime.api.post("/v1/integration-repositories/{id}/gitlab-webhook-secret", {
        path,
      });
      setSecret(made.webhook_secret);
    });
  const title = words.title(repository.full_name);
  if (secret) {
    return <Made title={title} secret={secret} source={source} repository={repository} onClose={onClose} />;
  }
  const footer = (
    <>
      <Button onClick={onClose}>{t.action.cancel}</Button>
      <Button variant="primary" pending={submission.pending} onClick={() => void make()}>
        {words.make}
      </Button>
    </>
  );
  return (
    <Dialog title={title} onClose={onClose} footer={footer}>
      <div className="flex flex-col gap-3">
        <p>{words.text}</p>
        <p className="text-ink-2">{words.warning}</p>
        <FormError error={submission.error} />
      </div>
    </Dialog>
  );
}

type MadeProps = Props & { title: string; secret: string };

/** It can only be answered: a click beside it must not lose the secret. */
function Made({ title, secret, source, repository, onClose }: MadeProps) {
  const runtime = useRuntime();
  const { data } = useQuery(networkQuery(runtime));
  const footer = (
    <Button variant="primary" onClick={onClose}>
      {words.done}
    </Button>
  );
  return (
    <Dialog title={title} footer={footer}>
      <div className="flex flex-col gap-3">
        <p role="status">{words.once}</p>
        <div className="flex flex-col gap-1">
          <h3 className="font-medium">{words.secret}</h3>
          <CopyLine text={secret} />
        </div>
        <div className="flex flex-col gap-1">
          <h3 className="font-medium">{words.url}</h3>
          <CopyLine text={webhookAddress("gitlab", data?.settings.public_url ?? runtime.instance.url)} />
        </div>
        <div>
          <h3 className="font-medium">{words.tick}</h3>
          <ul className="list-disc ps-5 text-ink-2">
            {words.triggers.map((trigger) => (
              <li key={trigger}>{trigger}</li>
            ))}
          </ul>
        </div>
        <p className="text-ink-2">{words.ssl}</p>
        <p className="text-ink-2">{words.where}</p>
        <div>
          <ExternalLink href={`${source.host_url}/${repository.full_name}/-/hooks`}>
            {words.open}
          </ExternalLink>
        </div>
      </div>
    </Dialog>
  );
}
