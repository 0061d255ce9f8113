/**
 * "Why is this tile at 180p?" in words: of a picture that arrives, and of each size that we send. From what the page
 * itself knows; the router's statistics say it exactly (docs/allocation.md). Pure.
 */
import type { SourceStatistics } from '../sdk/meeting-events.ts';
import { FAIR_BELOW } from './quality-level.ts';

/** The connections that a picture comes over: 0 to 100, undefined while not known. */
export interface Path {
  /** Whose picture it is. */
  readonly sender: string;
  readonly senderUplink: number | undefined;
  readonly ownDownlink: number | undefined;
}

/** So much are pictures enlarged before the router takes a taller one (docs/allocation.md, "The ladder"). */
const ENLARGED = 1.25;

export function whyReceived({ suspended, height, askedHeight }: SourceStatistics, path: Path): string {
  if (suspended) return 'Paused: your connection is too slow for it';
  if (height === undefined) return 'Nothing has arrived yet';
  if (askedHeight === undefined || height * ENLARGED >= askedHeight) return 'Fits its tile';
  const { sender, senderUplink = 100, ownDownlink = 100 } = path;
  if (ownDownlink < FAIR_BELOW) return 'Smaller than its tile: your connection is too slow for more';
  if (senderUplink < FAIR_BELOW) return `Smaller than its tile: ${sender}’s connection is slow`;
  return `Smaller than its tile: ${sender} sends no larger one, or your connection has no room for it`;
}

export function whySent({ active, demand, limitedBy }: SourceStatistics): string {
  if (demand?.active === false) return 'Off: nobody watches it';
  if (!active) return 'Off: what is captured is smaller';
  if (limitedBy === 'bandwidth') return 'On, but reduced: your connection is slow';
  if (limitedBy === 'cpu') return 'On, but reduced: your computer is busy';
  return demand?.maxHeight === undefined ? 'On' : 'On: somebody watches it';
}
