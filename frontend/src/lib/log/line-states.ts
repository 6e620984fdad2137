/** Which lines of a log are selected and which one is the current match or error, shown on rows that are painted already. */

export interface LineRange {
  readonly from: number;
  readonly to: number;
}

export class LineStates {
  private selection: LineRange | null = null;
  private current = -1;

  select(selection: LineRange | null): void {
    this.selection = selection;
  }

  goTo(line: number): void {
    this.current = line;
  }

  paint(rows: Iterable<HTMLElement>): void {
    const { selection, current } = this;
    for (const row of rows) {
      const line = Number(row.dataset.line);
      const isSelected = selection !== null && line >= selection.from && line <= selection.to;
      row.classList.toggle("log-selected", isSelected);
      row.classList.toggle("log-current", line >= 0 && line === current);
    }
  }
}
