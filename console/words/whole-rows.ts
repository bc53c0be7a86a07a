/** Pixels above a row's words that belong to it: the edge of a selected one. */
const MARGIN = 4;

/**
 * Leaves as much room under the last row of `list` as makes its upper edge fall between two rows when it is scrolled to its
 * end; on the way there rows snap to that edge by the style sheet.
 */
export function leaveWholeRows(list: HTMLElement): void {
  list.style.paddingBottom = '0';
  const overflow = list.scrollHeight - list.clientHeight;
  if (overflow <= 0) return;
  const origin = list.getBoundingClientRect().top - list.scrollTop;
  let whole: number | undefined;
  for (const row of [...list.querySelectorAll('.word, .partial')].toReversed()) {
    const top = row.getBoundingClientRect().top - origin - MARGIN;
    if (top < overflow) break;
    whole = top;
  }
  if (whole !== undefined) list.style.paddingBottom = `${whole - overflow}px`;
}
