/** The page while one is in a meeting: connects the meeting's events and the buttons with stage, lists and panels. */
import type { RosterEntry, SourceKind } from '../../proto/signalling.ts';
import type { Meeting } from '../sdk/meeting.ts';
import type { ConnectionState } from '../sdk/meeting-events.ts';
import { formatMeetingId } from '../sdk/meeting-id.ts';
import { Announcer } from './announcer.ts';
import { element } from './element.ts';
import { copyInvite } from './invite-button.ts';
import { PeopleList } from './people-list.ts';
import { type QualityLevel, qualityLevel } from './quality-level.ts';
import { Sound } from './sound.ts';
import { Stage } from './stage.ts';
import { StatisticsPanel } from './statistics-panel.ts';

/** Above this many arrivals at once, a number says more than names. */
const MOST_NAMES = 3;
/** The list of people stands beside the tiles, not over them (panels.css). */
const HAS_ROOM = window.matchMedia('(min-width: 861px)');

export class MeetingView {
  readonly #meeting: Meeting;
  readonly #announcer = new Announcer();
  readonly #stage: Stage;
  readonly #people: PeopleList;
  readonly #statistics: StatisticsPanel;
  readonly #sound = new Sound();
  readonly #page = element('meeting', HTMLElement);
  /** Ends every listener of this view at once. */
  readonly #over = new AbortController();
  #quality: QualityLevel | undefined;

  constructor(meeting: Meeting) {
    this.#meeting = meeting;
    this.#page.hidden = false;
    const title = element('meeting-title', HTMLElement);
    title.textContent = `Meeting ${formatMeetingId(meeting.id)}`;
    document.title = `${formatMeetingId(meeting.id)} – Zonecast`;
    this.#stage = new Stage(meeting, () => this.#showView());
    this.#people = new PeopleList(meeting);
    this.#statistics = new StatisticsPanel(meeting);
    this.#sound.refresh(meeting);
    this.#watchMeeting();
    this.#wireControls();
    this.#showPeople(HAS_ROOM.matches);
    this.#refresh();
    this.#showConnection(meeting.connection);
    this.#showAudioOnly(meeting.isAudioOnly);
    title.focus();
    for (const notice of meeting.notices) this.#announcer.show(notice);
  }

  dispose(): void {
    this.#over.abort();
    this.#statistics.close();
    this.#stage.dispose();
    this.#people.dispose();
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
        this.#announcer.say(localWords(source, meeting.isLive(source)));
        const isUnseen = meeting.isAudioOnly && source !== 'microphone' && meeting.isLive(source);
        if (isUnseen) this.#announcer.show('The zone is busy: others cannot see it for now.');
      }),
      meeting.on('connection', (state) => this.#showConnection(state)),
      meeting.on('audioOnly', (isAudioOnly) => this.#showAudioOnly(isAudioOnly)),
      meeting.on('notice', (words) => this.#announcer.show(words)),
      meeting.on('error', (error) => this.#announcer.show(error.message)),
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
    this.#onClick('leave', () => meeting.leave());
    this.#onClick('copy-invite', () => void copyInvite(meeting, this.#announcer));
    this.#onClick('statistics-toggle', () => this.#statistics.toggle());
    this.#onClick('statistics-close', () => {
      this.#statistics.close();
      element('statistics-toggle', HTMLButtonElement).focus();
    });
    this.#onClick('people-toggle', () => this.#showPeople(element('people', HTMLElement).hasAttribute('hidden')));
    this.#onClick('people-close', () => {
      this.#showPeople(false);
      element('people-toggle', HTMLButtonElement).focus();
    });
    this.#onClick('view-switch', () => {
      this.#stage.view = this.#stage.view === 'gallery' ? 'speaker' : 'gallery';
      this.#showView();
    });
    this.#showView();
    document.addEventListener('keydown', (event) => this.#shortcut(event), { signal: this.#over.signal });
    // No permission to capture a screen on phones: a button that cannot work is not shown.
    element('share', HTMLButtonElement).hidden = typeof navigator.mediaDevices?.getDisplayMedia !== 'function';
  }

  #onClick(id: string, act: () => void): void {
    element(id, HTMLButtonElement).addEventListener('click', act, { signal: this.#over.signal });
  }

  #shortcut(event: KeyboardEvent): void {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (typing || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.key === 'm') this.#toggle('microphone');
    if (event.key === 'v') this.#toggle('camera');
    if (event.key === 'Escape') this.#closePanel();
  }

  /** What lies over the tiles: the statistics, and where there is little room, the list of people. */
  #closePanel(): void {
    const people = element('people', HTMLElement);
    if (this.#statistics.isOpen) element('statistics-close', HTMLButtonElement).click();
    else if (!people.hidden && !HAS_ROOM.matches) element('people-close', HTMLButtonElement).click();
  }

  #toggle(kind: 'microphone' | 'camera'): void {
    void this.#meeting.setMuted(kind, this.#meeting.isLive(kind));
  }

  #refresh(): void {
    this.#stage.refresh();
    this.#people.refresh();
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

  #showView(): void {
    const gallery = this.#stage.view === 'gallery';
    element('view-switch-label', HTMLElement).textContent = gallery ? 'Speaker view' : 'Gallery view';
    element('view-switch-icon', SVGUseElement).setAttribute('href', gallery ? '#icon-speaker' : '#icon-gallery');
  }

  #showPeople(shown: boolean): void {
    element('people', HTMLElement).hidden = !shown;
    element('people-toggle', HTMLElement).setAttribute('aria-expanded', String(shown));
  }

  #showConnection({ signalling, media }: ConnectionState): void {
    const words =
      media === 'interrupted' || media === 'failed'
        ? 'Connection interrupted, reconnecting…'
        : signalling === 'away'
          ? 'Reconnecting to the server…'
          : '';
    const chip = element('connection-chip', HTMLElement);
    const before = chip.textContent;
    chip.textContent = words;
    chip.hidden = words === '';
    if (words !== before) this.#announcer.say(words === '' ? 'Connected again.' : words);
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
    const names = people.filter(({ participant }) => participant !== this.#meeting.self).map(({ name }) => name);
    if (names.length === 0) return;
    const who = names.length > MOST_NAMES ? `${names.length} people` : names.join(', ');
    this.#announcer.show(what === 'joined' ? `${who} joined` : `${who} left`);
  }
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
