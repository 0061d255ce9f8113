/** Something that opens beside a button and closes by a click elsewhere or Escape. */

const GAP = 8;
const EDGE = 8;

export class Popup {
  readonly #box: HTMLElement;
  #anchor: HTMLElement | undefined;

  /** @param box With the attribute `popover`. @param signal Ends it. */
  constructor(box: HTMLElement, signal: AbortSignal) {
    this.#box = box;
    box.addEventListener(
      'toggle',
      ({ newState }) => {
        if (newState === 'closed') this.#closed();
      },
      { signal },
    );
    signal.addEventListener('abort', () => this.close());
    window.addEventListener('resize', () => this.close(), { signal });
  }

  get isOpen(): boolean {
    return this.#box.matches(':popover-open');
  }

  /** Above the anchor where there is more room, and nowhere beyond the window. */
  open(anchor: HTMLElement): void {
    this.close();
    this.#anchor = anchor;
    anchor.setAttribute('aria-expanded', 'true');
    this.#box.showPopover();
    const at = anchor.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.#box;
    const isAbove = at.top > window.innerHeight - at.bottom;
    const top = isAbove ? at.top - GAP - offsetHeight : at.bottom + GAP;
    const left = at.left + at.width / 2 - offsetWidth / 2;
    const within = (value: number, most: number) => Math.max(EDGE, Math.min(value, most - EDGE));
    this.#box.style.setProperty('top', `${within(top, window.innerHeight - offsetHeight)}px`);
    this.#box.style.setProperty('left', `${within(left, window.innerWidth - offsetWidth)}px`);
  }

  close(): void {
    if (this.isOpen) this.#box.hidePopover();
    this.#closed();
  }

  /** The focus goes back to where it came from, unless it is elsewhere already. */
  #closed(): void {
    const anchor = this.#anchor;
    this.#anchor = undefined;
    if (anchor === undefined) return;
    anchor.setAttribute('aria-expanded', 'false');
    if (document.activeElement === document.body || this.#box.contains(document.activeElement)) anchor.focus();
  }
}
