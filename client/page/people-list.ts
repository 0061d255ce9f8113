import type { Meeting } from '../sdk/meeting.ts';
import { showAvatar } from './avatar.ts';
import { element, icon } from './element.ts';

/** The list "Who is here": ourselves, then the others in the order of their arrival. */
export class PeopleList {
  readonly #meeting: Meeting;
  readonly #list = element('people-list', HTMLUListElement);
  readonly #count = element('people-count', HTMLElement);

  constructor(meeting: Meeting) {
    this.#meeting = meeting;
    this.refresh();
  }

  refresh(): void {
    const meeting = this.#meeting;
    const people = [
      person(`${meeting.name} (you)`, meeting.name, {
        microphone: meeting.isLive('microphone'),
        camera: meeting.isLive('camera'),
        screen: meeting.isLive('screen'),
        connected: true,
        speaking: meeting.speakers[0] === meeting.self,
      }),
      ...meeting.others.map(({ participant, name, live, connected }) =>
        person(name, name, {
          microphone: live.includes('microphone'),
          camera: live.includes('camera'),
          screen: live.includes('screen'),
          connected,
          speaking: meeting.speakers[0] === participant,
        }),
      ),
    ];
    this.#list.replaceChildren(...people);
    this.#count.textContent = String(people.length);
  }

  dispose(): void {
    this.#list.replaceChildren();
  }
}

interface PersonState {
  microphone: boolean;
  camera: boolean;
  screen: boolean;
  connected: boolean;
  speaking: boolean;
}

function person(text: string, name: string, state: PersonState): HTMLLIElement {
  const item = document.createElement('li');
  item.className = 'person';
  item.toggleAttribute('data-speaking', state.speaking && state.microphone);
  const avatar = document.createElement('div');
  avatar.className = 'avatar';
  avatar.setAttribute('aria-hidden', 'true');
  showAvatar(avatar, name);
  const label = document.createElement('span');
  label.className = 'person-name';
  label.textContent = state.connected ? text : `${text} – reconnecting`;
  const marks = document.createElement('span');
  marks.className = 'person-marks';
  if (state.screen) marks.append(icon('icon-screen', 'Shares a screen'));
  if (!state.camera) marks.append(icon('icon-camera-off', 'Camera off'));
  if (!state.microphone) marks.append(icon('icon-mic-off', 'Muted'));
  item.append(avatar, label, marks);
  return item;
}
