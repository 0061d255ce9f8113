/** A connection's score in words, as docs/connection-quality.md reads it. */
import type { Quality } from '../sdk/meeting-state.ts';

export type QualityLevel = 'good' | 'fair' | 'poor' | 'lost';

/** Scores, 0 to 100, below which people begin to notice, and to suffer. */
export const FAIR_BELOW = 80;
const POOR_BELOW = 50;

/** Of the worse direction; undefined while neither is known. */
export function qualityLevel(quality: Quality | undefined): QualityLevel | undefined {
  const scores = [quality?.uplink, quality?.downlink].filter((score) => score !== undefined);
  if (scores.length === 0) return undefined;
  const worst = Math.min(...scores);
  if (worst === 0) return 'lost';
  return worst < POOR_BELOW ? 'poor' : worst < FAIR_BELOW ? 'fair' : 'good';
}

/** Both directions, for those who want to know: `↑ 95 ↓ 88`. */
export function qualityNumbers(quality: Quality | undefined): string {
  const part = (arrow: string, score: number | undefined) => (score === undefined ? [] : [`${arrow} ${score}`]);
  return [...part('↑', quality?.uplink), ...part('↓', quality?.downlink)].join(' ');
}
