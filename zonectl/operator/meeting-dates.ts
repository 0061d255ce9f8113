/** Single dates of a series, left out and added by an operator. Pure. */
import { parseTime } from '../../zone-controller/service/schedule/wall-time.ts';

export interface Dates {
  readonly exclude: string[];
  readonly include: string[];
}

/**
 * What the schedule has after that: what is left out of what was added is not there any more, and what is added of what was left
 * out is there again. @throws ZonecastError `badMessage` for what is no time
 */
export function changedDates(
  { exclude, include, timeZone }: Dates & { readonly timeZone: string },
  wish: Dates,
): Dates {
  const times = (texts: readonly string[]) => new Map(texts.map((text) => [parseTime(text, timeZone), text]));
  const [out, more] = [times(wish.exclude), times(wish.include)];
  const [excluded, included] = [times(exclude), times(include)];
  return {
    exclude: [...without(excluded, more), ...without(without(out, included), excluded)].map(([, text]) => text),
    include: [...without(included, out), ...without(without(more, excluded), included)].map(([, text]) => text),
  };
}

function without(map: ReadonlyMap<number, string>, others: ReadonlyMap<number, string>): Map<number, string> {
  return new Map([...map].filter(([ms]) => !others.has(ms)));
}
