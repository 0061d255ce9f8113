import type { QualityLevel } from './quality-level.ts';

const SVG = 'http://www.w3.org/2000/svg';
const BARS = [
  { x: 4, height: 6 },
  { x: 10, height: 11 },
  { x: 16, height: 16 },
];

/** Three bars, as phones show how well they hear their network; how many are lit says CSS by `data-level`. */
export class QualityBars {
  readonly element = document.createElementNS(SVG, 'svg');
  #level: QualityLevel | undefined;

  constructor() {
    this.element.setAttribute('class', 'quality');
    this.element.setAttribute('viewBox', '0 0 24 24');
    this.element.setAttribute('role', 'img');
    this.element.toggleAttribute('hidden', true);
    for (const { x, height } of BARS) {
      const bar = document.createElementNS(SVG, 'rect');
      const place = { x, y: 20 - height, width: 4, height, rx: 1 };
      for (const [name, value] of Object.entries(place)) bar.setAttribute(name, String(value));
      this.element.append(bar);
    }
  }

  show(level: QualityLevel | undefined): void {
    if (level === this.#level) return;
    this.#level = level;
    this.element.toggleAttribute('hidden', level === undefined);
    this.element.setAttribute('data-level', level ?? '');
    this.element.setAttribute('aria-label', `Connection: ${level}`);
  }
}
