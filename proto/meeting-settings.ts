/** What holds for everybody in a meeting, as clients, controllers and routers have it. docs/meeting-state.md. */
export interface MeetingSettings {
  /** Nobody comes in but who is a host. */
  readonly locked: boolean;
  /** Who comes waits until a host lets him in. */
  readonly waitingRoom: boolean;
  /** False: everybody waits until a host is there. */
  readonly joinBeforeHost: boolean;
  /** Participants may turn on their microphones without being asked to. */
  readonly unmuteSelf: boolean;
  readonly shareBy: 'host' | 'all';
  /** To whom participants may write: to everybody, to hosts only, or not at all. Hosts may always. */
  readonly chat: 'all' | 'host' | 'off';
  readonly renameSelf: boolean;
}

/** Of a meeting whose definition says nothing else. */
export const DEFAULT_SETTINGS: MeetingSettings = {
  locked: false,
  waitingRoom: false,
  joinBeforeHost: true,
  unmuteSelf: true,
  shareBy: 'all',
  chat: 'all',
  renameSelf: true,
};
