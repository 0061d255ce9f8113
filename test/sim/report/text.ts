/** A scenario's outcome for a terminal. */
import { type Outcome, passed, type Scenario } from './scenario.ts';

export function outcomeText(scenario: Scenario, seed: number, outcome: Outcome, wallMs: number): string {
  const failed = outcome.marks.filter((mark) => !passed(mark)).length;
  const verdict = failed === 0 ? 'all marks met' : `${failed} of ${outcome.marks.length} marks missed`;
  const head = `${scenario.name} (${scenario.title}), seed ${seed}: ${verdict}; ${scenario.seconds} s in ${Math.round(wallMs)} ms`;
  const marks = outcome.marks.map((mark) => {
    const sign = mark.kind === 'max' ? '≤' : '≥';
    return `  ${passed(mark) ? 'ok    ' : 'MISSED'} ${mark.what}: ${short(mark.measured)} (${sign} ${short(mark.limit)})`;
  });
  const figures = outcome.figures.map(([name, value]) => `${name} ${value}`).join(', ');
  return [head, ...marks, ...(figures === '' ? [] : [`         ${figures}`])].join('\n');
}

export function short(value: number): string {
  if (Number.isNaN(value)) return 'never';
  return String(Number(value.toFixed(Math.abs(value) >= 100 ? 0 : 3)));
}
