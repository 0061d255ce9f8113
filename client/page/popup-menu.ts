import { element, icon } from './element.ts';
import { Popup } from './popup.ts';

export interface MenuItem {
  readonly label: string;
  /** A symbol of index.html. */
  readonly symbol?: string;
  readonly isDangerous?: boolean;
  readonly choose: () => void;
}

/** The one menu of the page, beside whichever button asks for it (WAI-ARIA Authoring Practices, "menu button"). */
export class PopupMenu {
  readonly #box = element('popup-menu', HTMLElement);
  readonly #popup: Popup;

  constructor(signal: AbortSignal) {
    this.#popup = new Popup(this.#box, signal);
    this.#box.addEventListener('keydown', (event) => this.#key(event), { signal });
  }

  open(anchor: HTMLElement, label: string, items: readonly MenuItem[]): void {
    if (items.length === 0) return;
    this.#box.setAttribute('aria-label', label);
    this.#box.replaceChildren(...items.map((item) => this.#entry(item)));
    this.#popup.open(anchor);
    this.#focus(0);
  }

  #entry({ label, symbol, isDangerous, choose }: MenuItem): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'menu-item';
    button.setAttribute('role', 'menuitem');
    button.tabIndex = -1;
    button.toggleAttribute('data-dangerous', isDangerous === true);
    button.append(...(symbol === undefined ? [] : [icon(symbol)]), label);
    button.addEventListener('click', () => {
      this.#popup.close();
      choose();
    });
    return button;
  }

  #key(event: KeyboardEvent): void {
    const items = [...this.#box.children];
    const now = items.indexOf(document.activeElement ?? this.#box);
    const steps: Record<string, number> = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 };
    const next = steps[event.key];
    if (event.key === 'Tab') this.#popup.close();
    if (next === undefined) return;
    event.preventDefault();
    this.#focus((next + items.length) % items.length);
  }

  #focus(index: number): void {
    const item = this.#box.children[index];
    if (item instanceof HTMLElement) item.focus();
  }
}
