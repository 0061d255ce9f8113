import type { Role } from '../../proto/signalling.ts';
import { showAvatar } from './avatar.ts';
import { icon } from './element.ts';

export interface PersonContent {
  readonly name: string;
  /** Oneself, or away for a moment. */
  readonly remark: string;
  readonly role: Role;
  readonly hasHand: boolean;
  readonly isLit: boolean;
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
  readonly speaking: boolean;
  /** There is something that one may do to him. */
  readonly hasMenu: boolean;
}

const ROLE_NAMES: Readonly<Record<Role, string>> = { host: 'Host', cohost: 'Co-host', participant: '' };

/** One line of the list of people. It stays as it is, with the focus in it, while what it shows changes. */
export class PersonRow {
  readonly element = document.createElement('li');
  readonly menu = document.createElement('button');
  readonly #avatar = document.createElement('div');
  readonly #name = document.createElement('span');
  readonly #marks = document.createElement('span');
  #shown = '';

  /** @param onMenu The button beside the name was pressed. */
  constructor(onMenu: (button: HTMLButtonElement) => void) {
    this.element.className = 'person';
    this.#avatar.className = 'avatar';
    this.#avatar.setAttribute('aria-hidden', 'true');
    this.#name.className = 'person-name';
    this.#name.dir = 'auto';
    this.#marks.className = 'person-marks';
    this.menu.type = 'button';
    this.menu.className = 'bare small';
    this.menu.setAttribute('aria-haspopup', 'menu');
    this.menu.setAttribute('aria-expanded', 'false');
    this.menu.append(icon('icon-more'));
    this.menu.addEventListener('click', () => onMenu(this.menu));
    this.element.append(this.#avatar, this.#name, this.#marks, this.menu);
  }

  show(content: PersonContent): void {
    const shown = JSON.stringify(content);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const { name, remark, role, hasHand, isLit, microphone, camera, screen, speaking, hasMenu } = content;
    this.element.toggleAttribute('data-speaking', speaking);
    this.element.toggleAttribute('data-hand', hasHand);
    showAvatar(this.#avatar, name);
    this.#name.textContent = `${name}${remark}`;
    this.#marks.replaceChildren();
    if (role !== 'participant') this.#marks.append(roleMark(role));
    if (hasHand) this.#marks.append(icon('icon-hand', 'Hand raised'));
    if (isLit) this.#marks.append(icon('icon-star', 'In the spotlight'));
    if (screen) this.#marks.append(icon('icon-screen', 'Shares a screen'));
    if (!camera) this.#marks.append(icon('icon-camera-off', 'Camera off'));
    if (!microphone) this.#marks.append(icon('icon-mic-off', 'Muted'));
    this.menu.hidden = !hasMenu;
    this.menu.setAttribute('aria-label', `More for ${name}`);
  }
}

function roleMark(role: Role): HTMLSpanElement {
  const mark = document.createElement('span');
  mark.className = 'role';
  mark.textContent = ROLE_NAMES[role];
  return mark;
}
