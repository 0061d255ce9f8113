/** How long people were without picture and sound, over several rounds: numbers of it, and words. */
import type { Gaps } from './people.ts';

interface Summary {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

function summary(valuesMs: readonly number[]): Summary {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

export interface GapReport {
  readonly numbers: object;
  readonly words: string;
}

/** `about`: what is measured; `name`: in words. */
export function gapReport(about: object, name: string, rounds: readonly Gaps[]): GapReport {
  const of = (kind: 'video' | 'audio'): Summary => summary(rounds.flatMap((round) => round[kind]));
  const [video, audio] = [of('video'), of('audio')];
  const stallMs = Math.max(...rounds.map((round) => round.stallMs));
  const still = `here nothing ran for ${Math.round(stallMs)} ms at most`;
  return {
    numbers: { ...about, rounds: rounds.length, video, audio, stallMs },
    words: `${name.padEnd(20)} video ${inWords(video)}; sound ${inWords(audio)}; ${still}`,
  };
}

function inWords({ p50, p99, max }: Summary): string {
  return `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`;
}
