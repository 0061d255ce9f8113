/** The page while one is in a meeting: connects the meeting's events and the buttons with stage, lists and panels. */
import type { MeetingAct, RosterEntry, SourceKind } from '../../proto/signalling.ts';
import type { Meeting } from '../sdk/meeting.ts';
import type { ConnectionState } from '../sdk/meeting-events.ts';
import { formatMeetingId } from '../sdk/meeting-id.ts';
import type { RecordChange } from '../sdk/meeting-state.ts';
import { forbidsTurningOn } from '../sdk/own-rights.ts';
import { Announcer } from './announcer.ts';
import { AskDialog } from './ask-dialog.ts';
import { ChatPanel } from './chat-panel.ts';
import { element } from './element.ts';
import { happenings, who } from './happenings.ts';
import { copyInvite } from './invite-button.ts';
import { MeetingMenus } from './meeting-menus.ts';
import { PeoplePanel } from './people-panel.ts';
import { type QualityLevel, qualityLevel } from './quality-level.ts';
import { Reactions, reactionName } from './reactions.ts';
import { RoomsDialog } from './rooms-dialog.ts';
import { SettingsDialog } from './settings-dialog.ts';
import { SidePanels } from './side-panels.ts';
import { Sound } from './sound.ts';
import { Stage } from './stage.ts';
import { StatisticsPanel } from './statistics-panel.ts';
import { UnmuteRequest } from './unmute-request.ts';
import { WaitingPeople } from './waiting-people.ts';

/** Reactions within this time of the last one that was read out are only seen. */
const READ_OUT_PAUSE_MS = 2_000;
/** Among more others than these, somebody comes or goes all the time: the list of people says it. */
const MOST_ANNOUNCED = 50;

export class MeetingView {
  readonly #meeting: Meeting;
  /** Ends every listener of this view at once. */
  readonly #over = new AbortController();
  readonly #announcer = new Announcer();
  readonly #stage: Stage;
  readonly #people: PeoplePanel;
  readonly #waiting: WaitingPeople;
  readonly #chat: ChatPanel;
  readonly #panels: SidePanels;
  readonly #reactions: Reactions;
  readonly #unmuteRequest: UnmuteRequest;
  readonly #settings: SettingsDialog;
  readonly #rooms: RoomsDialog;
  readonly #menus: MeetingMenus;
  readonly #statistics: StatisticsPanel;
  readonly #sound = new Sound();
  readonly #page = element('meeting', HTMLElement);
  #quality: QualityLevel | undefined;
  #readOutMs = Number.NEGATIVE_INFINITY;

  constructor(meeting: Meeting) {
    const { signal } = this.#over;
    const act = (each: MeetingAct) => this.#act(each);
    this.#meeting = meeting;
    this.#page.hidden = false;
    this.#showTitle();
    this.#stage = new Stage(meeting, () => this.#showView());
    this.#statistics = new StatisticsPanel(meeting);
    this.#settings = new SettingsDialog(meeting, signal);
    this.#rooms = new RoomsDialog(meeting, signal);
    this.#chat = new ChatPanel(meeting, this.#announcer, signal);
    this.#panels = new SidePanels((open) => this.#chat.setOpen(open === 'chat'), signal);
    this.#menus = new MeetingMenus(meeting, {
      signal,
      act,
      ask: new AskDialog(signal),
      write: (participant) => this.#writeTo(participant),
      settings: () => this.#settings.open(),
      rooms: () => this.#rooms.show(),
      statistics: () => this.#statistics.toggle(),
    });
    this.#people = new PeoplePanel(
      meeting,
      {
        menu: (person, button) => this.#menus.openPerson(person, button),
        muteAll: () => act({ type: 'muteAll' }),
        lowerAllHands: () => act({ type: 'lowerAllHands' }),
      },
      signal,
    );
    this.#waiting = new WaitingPeople(
      meeting,
      { act, view: () => this.#panels.show('people') },
      this.#announcer,
      signal,
    );
    this.#reactions = new Reactions(meeting, act, signal);
    this.#unmuteRequest = new UnmuteRequest(meeting, this.#announcer, signal);
    this.#sound.refresh(meeting);
    this.#watchMeeting();
    this.#wireControls();
    this.#refresh();
    this.#showState();
    this.#showConnection(meeting.connection);
    this.#showAudioOnly(meeting.isAudioOnly);
    element('meeting-title', HTMLElement).focus();
    for (const notice of meeting.notices) this.#announcer.show(notice);
  }

  dispose(): void {
    this.#over.abort();
    this.#statistics.close();
    this.#stage.dispose();
    this.#sound.dispose();
    this.#announcer.clear();
    this.#page.hidden = true;
    document.title = 'Zonecast';
  }

  #watchMeeting(): void {
    const meeting = this.#meeting;
    const stops = [
      meeting.on('roster', ({ joined, left }) => {
        this.#refresh();
        this.#announce(joined, 'joined');
        this.#announce(left, 'left');
      }),
      meeting.on('slots', () => {
        this.#stage.refresh();
        // A move to another router brings new tracks.
        this.#sound.refresh(meeting);
      }),
      meeting.on('speakers', () => this.#refresh()),
      meeting.on('quality', (participants) => this.#showQuality(participants)),
      meeting.on('local', (source) => {
        this.#refresh();
        this.#unmuteRequest.refresh();
        this.#announcer.say(localWords(source, meeting.isLive(source)));
        const isUnseen = meeting.isAudioOnly && source !== 'microphone' && meeting.isLive(source);
        if (isUnseen) this.#announcer.show('The zone is busy: others cannot see it for now.');
      }),
      meeting.on('connection', (state) => this.#showConnection(state)),
      meeting.on('audioOnly', (isAudioOnly) => this.#showAudioOnly(isAudioOnly)),
      meeting.on('notice', (words) => this.#announcer.show(words)),
      meeting.on('error', (error) => this.#announcer.show(error.message)),
      meeting.on('state', (change) => this.#stateChanged(change)),
      meeting.on('reaction', ({ participant, emoji }) => this.#showReaction(participant, emoji)),
      meeting.on('mutedByHost', (source) => this.#showMuted(source)),
      meeting.on('askedToUnmute', (source) => this.#unmuteRequest.show(source)),
      meeting.on('going', ({ room }) =>
        this.#announcer.show(room === undefined ? 'You are going back to the meeting…' : `You are going to ${room}…`),
      ),
    ];
    this.#over.signal.addEventListener('abort', () => {
      for (const stop of stops) stop();
    });
  }

  #wireControls(): void {
    const meeting = this.#meeting;
    this.#onClick('mute', () => this.#toggle('microphone'));
    this.#onClick('video', () => this.#toggle('camera'));
    this.#onClick('share', () => void (meeting.isLive('screen') ? meeting.stopSharing() : meeting.shareScreen()));
    this.#onClick('copy-invite', () => void copyInvite(meeting, this.#announcer));
    this.#onClick('statistics-close', () => {
      this.#statistics.close();
      element('more', HTMLButtonElement).focus();
    });
    this.#onClick('view-switch', () => {
      this.#stage.view = this.#stage.view === 'gallery' ? 'speaker' : 'gallery';
      this.#showView();
    });
    this.#onClick('back-to-meeting', () => void meeting.goBack());
    this.#showView();
    document.addEventListener('keydown', (event) => this.#shortcut(event), { signal: this.#over.signal });
    // No permission to capture a screen on phones: a button that cannot work is not shown.
    element('share', HTMLButtonElement).hidden = typeof navigator.mediaDevices?.getDisplayMedia !== 'function';
  }

  #onClick(id: string, act: () => void): void {
    element(id, HTMLButtonElement).addEventListener('click', act, { signal: this.#over.signal });
  }

  /** Says in plain words when that was not possible. */
  #act(act: MeetingAct): void {
    this.#meeting.act(act).catch((error: unknown) => {
      this.#announcer.show(error instanceof Error ? error.message : String(error));
    });
  }

  #shortcut(event: KeyboardEvent): void {
    if (isTyping(event.target) || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    // What lies over the meeting has the keys, and closes by Escape itself.
    if (document.querySelector('dialog[open], :popover-open') !== null) return;
    if (event.key === 'm') this.#toggle('microphone');
    if (event.key === 'v') this.#toggle('camera');
    if (event.key === 'h') this.#reactions.toggleHand();
    if (event.key === 'Escape') this.#closePanel();
  }

  /** What lies over the tiles: the statistics, and where there is little room, people and chat. */
  #closePanel(): void {
    if (this.#statistics.isOpen) element('statistics-close', HTMLButtonElement).click();
    else this.#panels.closeOverlay();
  }

  #toggle(kind: 'microphone' | 'camera'): void {
    void this.#meeting.setMuted(kind, this.#meeting.isLive(kind));
  }

  #writeTo(participant: string): void {
    this.#panels.show('chat');
    this.#chat.writeTo(participant);
  }

  #refresh(): void {
    this.#stage.refresh();
    this.#people.refresh();
    this.#chat.refresh();
    this.#rooms.refresh();
    const { others } = this.#meeting;
    element('alone', HTMLElement).hidden = others.length > 0;
    const speaks = this.#meeting.isLive('microphone');
    labelTool('mute', speaks ? 'Mute' : 'Unmute', speaks ? 'icon-mic' : 'icon-mic-off');
    element('mute', HTMLElement).toggleAttribute('data-off', !speaks);
    const films = this.#meeting.isLive('camera');
    labelTool('video', films ? 'Stop video' : 'Start video', films ? 'icon-camera' : 'icon-camera-off');
    element('video', HTMLElement).toggleAttribute('data-off', !films);
    const shares = this.#meeting.isLive('screen');
    element('share-label', HTMLElement).textContent = shares ? 'Stop sharing' : 'Share screen';
    element('share', HTMLElement).toggleAttribute('data-on', shares);
  }

  #stateChanged({ before, after }: RecordChange): void {
    const { self, others, name } = this.#meeting;
    const nameOf = (participant: string) =>
      participant === self ? name : others.find((each) => each.participant === participant)?.name;
    for (const { words, isShown } of happenings(before, after, self, nameOf)) {
      if (isShown) this.#announcer.show(words);
      else this.#announcer.say(words);
    }
    this.#refresh();
    this.#waiting.refresh(new Set(before.waiting.keys()));
    this.#chat.handleMessages(before.chat);
    this.#showState();
  }

  /** What the record says beside tiles and lists. */
  #showState(): void {
    const { record, self } = this.#meeting;
    this.#reactions.refresh();
    this.#settings.refresh();
    element('lock-chip', HTMLElement).hidden = !record.settings.locked;
    const { count } = this.#waiting;
    const badge = element('people-badge', HTMLElement);
    badge.hidden = count === 0;
    badge.textContent = String(count);
    badge.setAttribute('aria-label', `${count} waiting`);
    // Still to be pressed: then it says why.
    const isBarred = (source: SourceKind) => forbidsTurningOn(record, self, source) !== undefined;
    for (const [id, source] of [
      ['mute', 'microphone'],
      ['video', 'camera'],
      ['share', 'screen'],
    ] as const) {
      element(id, HTMLElement).toggleAttribute('data-barred', !this.#meeting.isLive(source) && isBarred(source));
    }
  }

  #showTitle(): void {
    const { id, title, room } = this.#meeting;
    const heading = title ?? `Meeting ${formatMeetingId(id)}`;
    element('meeting-title', HTMLElement).textContent = room === undefined ? heading : `${room} · ${heading}`;
    document.title = `${room ?? title ?? formatMeetingId(id)} – Zonecast`;
    element('back-to-meeting', HTMLElement).hidden = room === undefined;
  }

  #showView(): void {
    const gallery = this.#stage.view === 'gallery';
    element('view-switch-label', HTMLElement).textContent = gallery ? 'Speaker view' : 'Gallery view';
    element('view-switch-icon', SVGUseElement).setAttribute('href', gallery ? '#icon-speaker' : '#icon-gallery');
  }

  #showReaction(participant: string, emoji: string): void {
    const what = reactionName(emoji);
    if (what === undefined) return;
    this.#stage.react(participant, emoji);
    const nowMs = performance.now();
    if (nowMs < this.#readOutMs + READ_OUT_PAUSE_MS) return;
    this.#readOutMs = nowMs;
    const other = this.#meeting.others.find((each) => each.participant === participant);
    if (other !== undefined) this.#announcer.say(`${other.name}: ${what}`);
  }

  #showMuted(source: SourceKind): void {
    if (source === 'microphone') this.#announcer.show('A host has muted you.');
    // A stopped video is told with the state; without it, it was only turned off.
    else if (source === 'screen') this.#announcer.show('A host has stopped your sharing.');
  }

  #showConnection({ signalling, media }: ConnectionState): void {
    const words =
      media === 'interrupted' || media === 'failed'
        ? 'Connection interrupted, reconnecting…'
        : signalling === 'away'
          ? 'Reconnecting to the server…'
          : '';
    const shown = signalling === 'waiting' ? 'Waiting for a host to let you in again…' : words;
    const chip = element('connection-chip', HTMLElement);
    const before = chip.textContent;
    chip.textContent = shown;
    chip.hidden = shown === '';
    if (shown !== before) this.#announcer.say(shown === '' ? 'Connected again.' : shown);
    if (media === 'connected') this.#sound.refresh(this.#meeting);
    this.#stage.refresh();
  }

  #showAudioOnly(isAudioOnly: boolean): void {
    const chip = element('busy-chip', HTMLElement);
    const wasShown = !chip.hidden;
    chip.hidden = !isAudioOnly;
    if (isAudioOnly) this.#announcer.say(chip.textContent);
    else if (wasShown) this.#announcer.say('There are pictures again.');
    this.#stage.refresh();
  }

  /** Everybody's bars are seen; of our own connection a screen reader hears when it gets worse or well again. */
  #showQuality(participants: readonly string[]): void {
    this.#stage.refresh();
    const { self } = this.#meeting;
    if (!participants.includes(self)) return;
    const level = qualityLevel(this.#meeting.qualityOf(self));
    if (level === this.#quality) return;
    const isWeak = (each: QualityLevel | undefined) => each === 'poor' || each === 'lost';
    if (isWeak(level) && !isWeak(this.#quality)) this.#announcer.show('Your connection is weak.');
    if (isWeak(this.#quality) && !isWeak(level)) this.#announcer.say('Your connection is better again.');
    this.#quality = level;
  }

  #announce(people: readonly RosterEntry[], what: 'joined' | 'left'): void {
    if (this.#meeting.others.length > MOST_ANNOUNCED) return;
    const names = people.filter(({ participant }) => participant !== this.#meeting.self).map(({ name }) => name);
    if (names.length > 0) this.#announcer.show(`${who(names)} ${what}`);
  }
}

function isTyping(target: EventTarget | null): boolean {
  const fields = [HTMLInputElement, HTMLTextAreaElement, HTMLSelectElement];
  return fields.some((field) => target instanceof field);
}

function labelTool(id: string, label: string, symbol: string): void {
  element(`${id}-label`, HTMLElement).textContent = label;
  element(`${id}-icon`, SVGUseElement).setAttribute('href', `#${symbol}`);
}

function localWords(source: SourceKind, live: boolean): string {
  if (source === 'microphone') return live ? 'Your microphone is on.' : 'You are muted.';
  if (source === 'camera') return live ? 'Your camera is on.' : 'Your camera is off.';
  return live ? 'You are sharing your screen.' : 'You stopped sharing your screen.';
}
