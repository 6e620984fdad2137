/**
 * Paging by limit and offset; it leads back from an address that is beyond the end. It must not fetch; the page keeps the
 * offset in its URL.
 */
import { formatNumber } from "@/lib/format";
import { t } from "@/messages";
import { Button } from "./button";

type Props = {
  offset: number;
  limit: number;
  total: number;
  onOffset: (offset: number) => void;
  /** Where a page has several. */
  label?: string;
};

export function Pager({ offset, limit, total, onOffset, label = t.pager.label }: Props) {
  if (total <= limit && offset === 0) return null;
  const to = Math.min(offset + limit, total);
  const isBeyond = offset > 0 && offset >= total;
  const last = Math.max(0, Math.ceil(total / limit) - 1) * limit;
  return (
    <nav aria-label={label} className="mt-3 flex flex-wrap items-center justify-between gap-2">
      <span className="tabular text-ink-2">
        {isBeyond
          ? t.pager.beyond(formatNumber(total))
          : t.pager.range(formatNumber(offset + 1), formatNumber(to), formatNumber(total))}
      </span>
      <span className="flex gap-2">
        {offset > 0 && (
          <Button icon="back" onClick={() => onOffset(isBeyond ? last : Math.max(0, offset - limit))}>
            {t.action.previous}
          </Button>
        )}
        {to < total && (
          <Button icon="arrow" onClick={() => onOffset(offset + limit)}>
            {t.action.next}
          </Button>
        )}
      </span>
    </nav>
  );
}
