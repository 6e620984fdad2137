/** What a list shows: its rows and their pages; else that filters hide them; else that there are none yet. */
import type { ComponentProps, ReactNode } from "react";
import { FilteredEmptyState, Pager } from "@/components/ui";

type Props = {
  count: number;
  /** Whether filters, or a place beyond the end, may be why there is nothing. */
  isFiltered: boolean;
  /** The filters in use, each removable. */
  chips: ReactNode;
  onClear: () => void;
  empty: ReactNode;
  /** Without it the list is paged elsewhere. */
  pages?: ComponentProps<typeof Pager>;
  /** The rows. */
  children: ReactNode;
};

export function Listing({ count, isFiltered, chips, onClear, empty, pages, children }: Props) {
  return (
    <>
      {count > 0 && children}
      {count === 0 && isFiltered && <FilteredEmptyState onClear={onClear} chips={chips} />}
      {count === 0 && !isFiltered && empty}
      {pages && <Pager {...pages} />}
    </>
  );
}
