/** Deliveries of webhooks, newest first: filters and place in the URL, the reason for each at a glance. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { WebhookDelivery } from "@/api/types";
import { Listing, SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { Page } from "@/components/shell";
import { Button, EmptyState, QueryView, TimeAgo } from "@/components/ui";
import { shortSha } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { deliveries as words } from "@/messages/en/deliveries";
import { DeliveryFilters, FilterChips, type OnSearch, SourceChip } from "./filters";
import { DeliveryBadge, eventName, refName } from "./outcome-badge";
import { deliveriesQuery } from "./queries";
import type { DeliveriesSearch } from "./search";
import { filtersIn } from "./wire";

type Props = { search: DeliveriesSearch; onSearch: OnSearch };

export function DeliveriesPage({ search, onSearch }: Props) {
  const query = useQuery({ ...deliveriesQuery(useRuntime(), search), placeholderData: keepPreviousData });
  const isFiltered = filtersIn(search).length > 0 || search.cursor !== undefined;
  return (
    <SettingsFrame>
      <Page title={words.title} parents={SETTINGS_PARENTS}>
        {!query.isError && <DeliveryFilters search={search} onSearch={onSearch} />}
        <SourceChip search={search} onSearch={onSearch} />
        <QueryView query={query} name={words.name}>
          {({ deliveries, next_cursor }) => (
            <div className="flex flex-col gap-3">
              <Listing
                count={deliveries.length}
                isFiltered={isFiltered}
                chips={<FilterChips search={search} onSearch={onSearch} />}
                onClear={() => onSearch({}, "push")}
                empty={<Empty />}
              >
                <DeliveryList deliveries={deliveries} />
              </Listing>
              <div className="flex flex-wrap gap-2">
                {search.cursor && (
                  <Button onClick={() => onSearch({ ...search, cursor: undefined }, "push")}>
                    {words.newest}
                  </Button>
                )}
                {next_cursor && (
                  <Button onClick={() => onSearch({ ...search, cursor: next_cursor }, "push")}>
                    {words.older}
                  </Button>
                )}
              </div>
              <p className="text-sm text-ink-3">{words.text}</p>
            </div>
          )}
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}

function Empty() {
  return (
    <EmptyState icon="arrow" title={words.emptyTitle}>
      <p>{words.emptyText}</p>
    </EmptyState>
  );
}

function DeliveryList({ deliveries }: { deliveries: WebhookDelivery[] }) {
  return (
    <ul aria-label={words.title} className="card divide-y divide-line">
      {deliveries.map((delivery) => (
        <li
          key={delivery.id}
          className="relative flex flex-wrap items-start gap-x-4 gap-y-1 px-4 py-2.5 hover:bg-canvas"
        >
          <div className="min-w-0 grow basis-56">
            <Link
              to="/settings/deliveries/$deliveryId"
              params={{ deliveryId: delivery.id }}
              className="tap font-medium break-all after:absolute after:inset-0 hover:underline"
            >
              {eventName(delivery)}
              {delivery.number !== undefined &&
                delivery.number !== null &&
                ` ${words.request(delivery.number)}`}
            </Link>
            <p className="text-sm break-all text-ink-3">
              {[
                delivery.repository_name ?? words.noRepository,
                delivery.ref && refName(delivery.ref),
                delivery.commit_sha && shortSha(delivery.commit_sha),
                delivery.sender,
              ]
                .filter(Boolean)
                .join(" · ")}
            </p>
            <Reasons delivery={delivery} />
          </div>
          <div className="flex items-center gap-3 sm:flex-col sm:items-end sm:gap-1">
            <DeliveryBadge delivery={delivery} />
            <TimeAgo at={delivery.received_at} className="text-sm text-ink-3" />
          </div>
        </li>
      ))}
    </ul>
  );
}

/** Why, as far as it fits: of several pipelines each by its name. */
function Reasons({ delivery }: { delivery: WebhookDelivery }) {
  const { verdicts, reason } = delivery;
  if (reason) return <p className="break-words text-ink-2">{reason}</p>;
  return verdicts.map((verdict) => (
    <p key={verdict.pipeline_id} className="break-words text-ink-2">
      {verdicts.length > 1 && `${verdict.project_name} / ${verdict.pipeline_name}: `}
      {verdict.reason}
    </p>
  ));
}
