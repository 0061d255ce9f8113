/** The menu beside somebody's name: words and symbols for what one may do to him, and how it is done. */
import type { MeetingAct, RosterEntry } from '../../proto/signalling.ts';
import type { AskDialog } from './ask-dialog.ts';
import type { PersonChoice } from './person-choices.ts';
import type { MenuItem } from './popup-menu.ts';

export interface PersonDeeds {
  /** Shows what went wrong. */
  act(act: MeetingAct): void;
  /** Throws what went wrong. */
  actOrThrow(act: MeetingAct): Promise<void>;
  write(participant: string): void;
  readonly ask: AskDialog;
  /** Oneself is renamed with other words. */
  readonly self: string;
}

/** As names at the join. */
const MOST_NAME = 80;

export function personMenu(choices: readonly PersonChoice[], person: RosterEntry, deeds: PersonDeeds): MenuItem[] {
  return choices.map((choice) => ITEMS[choice](person, deeds));
}

type Item = (person: RosterEntry, deeds: PersonDeeds) => MenuItem;

const ITEMS: Readonly<Record<PersonChoice, Item>> = {
  write: ({ participant }, { write }) => ({
    label: 'Send a message',
    symbol: 'icon-chat',
    choose: () => write(participant),
  }),
  lowerHand: simple('Lower hand', 'icon-hand', (participant) => ({ type: 'lowerHand', participant })),
  mute: simple('Mute', 'icon-mic-off', (participant) => ({ type: 'mute', participant, source: 'microphone' })),
  askUnmute: simple('Ask to unmute', 'icon-mic', (participant) => ({
    type: 'askUnmute',
    participant,
    source: 'microphone',
  })),
  stopVideo: simple('Stop video', 'icon-camera-off', (participant) => ({ type: 'stopVideo', participant })),
  askVideo: simple('Ask to start video', 'icon-camera', (participant) => ({
    type: 'askUnmute',
    participant,
    source: 'camera',
  })),
  stopSharing: simple('Stop sharing', 'icon-screen', (participant) => ({
    type: 'mute',
    participant,
    source: 'screen',
  })),
  spotlight: simple('Spotlight', 'icon-star', (participant) => ({ type: 'spotlight', participant })),
  unspotlight: simple('Remove from spotlight', 'icon-star', (participant) => ({ type: 'unspotlight', participant })),
  rename: (person, deeds) => ({ label: 'Rename', symbol: 'icon-pen', choose: () => askName(person, deeds) }),
  makeCohost: simple('Make co-host', 'icon-crown', (participant) => ({ type: 'makeCohost', participant })),
  takeBackCohost: simple('Take back co-host', 'icon-crown', (participant) => ({ type: 'takeBackCohost', participant })),
  makeHost: ({ participant, name }, { ask, actOrThrow }) => ({
    label: 'Make host',
    symbol: 'icon-crown',
    choose: () =>
      ask.ask({
        title: `Make ${name} the host?`,
        words: 'You will be a co-host.',
        confirm: 'Make host',
        act: () => actOrThrow({ type: 'makeHost', participant }),
      }),
  }),
  remove: ({ participant, name }, { ask, actOrThrow }) => ({
    label: 'Remove',
    symbol: 'icon-remove',
    isDangerous: true,
    choose: () =>
      ask.ask({
        title: `Remove ${name}?`,
        words: 'They leave the meeting at once and are told so.',
        confirm: 'Remove',
        isDangerous: true,
        act: () => actOrThrow({ type: 'remove', participant }),
      }),
  }),
};

function simple(label: string, symbol: string, actOn: (participant: string) => MeetingAct): Item {
  return ({ participant }, { act }) => ({ label, symbol, choose: () => act(actOn(participant)) });
}

export function askName({ participant, name }: Pick<RosterEntry, 'participant' | 'name'>, deeds: PersonDeeds): void {
  const isSelf = participant === deeds.self;
  deeds.ask.ask({
    title: isSelf ? 'Change your name' : `Rename ${name}`,
    words: isSelf ? 'Others see the new name at once.' : 'Everybody sees the new name at once.',
    confirm: 'Rename',
    entry: { label: 'New name', value: name, most: MOST_NAME },
    act: (entered) => deeds.actOrThrow({ type: 'rename', participant, name: entered }),
  });
}
