/**
 * Maps a log's full height to what a browser can scroll: elements higher than some millions of pixels are cut, so the
 * scroll range is capped and positions are scaled. Pure arithmetic; must not touch the page.
 */

export const MAX_SPACER_PX = 8_000_000;

export interface Extent {
  /** Height of the whole log in pixels. */
  readonly total: number;
  /** Height of what is seen at once. */
  readonly viewport: number;
}

export const spacerHeight = ({ total }: Extent): number => Math.min(total, MAX_SPACER_PX);

export const clamp = (value: number, least: number, most: number): number =>
  Math.max(least, Math.min(value, most));

/** Top of the seen part in the log's own pixels. */
export function topOf(scrollTop: number, extent: Extent): number {
  const most = Math.max(0, extent.total - extent.viewport);
  const range = Math.max(0, spacerHeight(extent) - extent.viewport);
  return range === 0 ? 0 : clamp((scrollTop / range) * most, 0, most);
}

/** The scroll position that shows `top`. */
export function scrollTopOf(top: number, extent: Extent): number {
  const most = Math.max(0, extent.total - extent.viewport);
  const range = Math.max(0, spacerHeight(extent) - extent.viewport);
  return most === 0 ? 0 : (clamp(top, 0, most) / most) * range;
}
