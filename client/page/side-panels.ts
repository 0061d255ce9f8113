import { element } from './element.ts';

export type SidePanel = 'people' | 'chat';

const PANELS = ['people', 'chat'] as const;
/** A panel stands beside the tiles, not over them (panels.css). */
const HAS_ROOM = window.matchMedia('(min-width: 861px)');

/** People and chat share one place beside the tiles. */
export class SidePanels {
  readonly #onChange: (open: SidePanel | undefined) => void;
  #open: SidePanel | undefined;

  /** @param signal Ends it. */
  constructor(onChange: (open: SidePanel | undefined) => void, signal: AbortSignal) {
    this.#onChange = onChange;
    for (const panel of PANELS) {
      const toggle = element(`${panel}-toggle`, HTMLButtonElement);
      toggle.addEventListener('click', () => this.show(this.#open === panel ? undefined : panel), { signal });
      element(`${panel}-close`, HTMLButtonElement).addEventListener(
        'click',
        () => {
          this.show(undefined);
          toggle.focus();
        },
        { signal },
      );
    }
    this.show(HAS_ROOM.matches ? 'people' : undefined);
  }

  get open(): SidePanel | undefined {
    return this.#open;
  }

  show(open: SidePanel | undefined): void {
    this.#open = open;
    for (const panel of PANELS) {
      element(panel, HTMLElement).hidden = panel !== open;
      element(`${panel}-toggle`, HTMLElement).setAttribute('aria-expanded', String(panel === open));
    }
    this.#onChange(open);
  }

  /** Closes what lies over the tiles. True when something did. */
  closeOverlay(): boolean {
    if (this.#open === undefined || HAS_ROOM.matches) return false;
    element(`${this.#open}-close`, HTMLButtonElement).click();
    return true;
  }
}
