/** The page's way through: lobby → waiting room → meeting → end, and back. */
import { createMeeting } from '../sdk/create-meeting.ts';
import { parseScalability } from '../sdk/encoding-plan.ts';
import { inviteFragment } from '../sdk/invite-link.ts';
import { joinMeeting } from '../sdk/join-meeting.ts';
import type { Meeting } from '../sdk/meeting.ts';
import { MeetingError } from '../sdk/meeting-error.ts';
import { parseVideoCodec } from '../sdk/video-codec.ts';
import { measureZones } from '../sdk/zone-probes.ts';
import { EndCard } from './end-card.ts';
import { rememberHostKey } from './host-keys.ts';
import { type JoinWish, Lobby } from './lobby.ts';
import { MeetingView } from './meeting-view.ts';

/** Past this, somebody with an unanswered permission question joins first and is seen when it is answered. */
const DEVICE_PATIENCE_MS = 2500;

const wishes = new URLSearchParams(location.search);
const codec = parseVideoCodec(wishes.get('codec'));
const scalability = parseScalability(wishes.get('scalability'));
const lobby = new Lobby({ join: enter, create });
const endCard = new EndCard();

// While the lobby is open; who joins waits for none of it.
const zones = measureZones(location.href);
lobby.show();

async function create(name: string): Promise<void> {
  const { meeting, passcode, hostKey } = await createMeeting(location.href);
  rememberHostKey(meeting, hostKey);
  if (name === '') {
    lobby.fill(meeting, passcode);
    lobby.askForName();
    return;
  }
  await enter({ name, meeting, passcode, hostKey });
}

/** @throws MeetingError with words to show next to the form; who has waited is shown them by themselves. */
async function enter(wish: JoinWish): Promise<void> {
  const { preview } = lobby;
  const devices = preview.open();
  const ready = await Promise.race([devices.then(() => true), patience()]);
  const { microphone, camera } = preview.tracks();
  const patienceOver = new AbortController();
  let hasWaited = false;
  let meeting: Meeting;
  try {
    meeting = await joinMeeting({
      url: location.href,
      ...wish,
      zones,
      microphone: microphone ?? false,
      camera: camera ?? false,
      simulcast: wishes.get('simulcast') !== 'off',
      ...(codec === undefined ? {} : { codec }),
      ...(scalability === undefined ? {} : { scalability }),
      signal: patienceOver.signal,
      onWaiting: (notice) => {
        hasWaited = true;
        endCard.hide();
        lobby.showWaiting(notice, () => patienceOver.abort());
      },
    });
  } catch (error) {
    if (!hasWaited || !(error instanceof MeetingError)) throw error;
    notLetIn(wish, error);
    return;
  }
  lobby.hide();
  endCard.hide();
  lobby.fill(wish.meeting, wish.passcode);
  history.replaceState(null, '', `/${location.search}${inviteFragment(wish)}`);
  // Before anything is awaited: it may be over at once.
  show(wish, meeting);
  await muteSwitchedOff(meeting);
  await takeDevices(meeting);
  let isOver = false;
  meeting.on('left', () => {
    isOver = true;
  });
  // By then they may be the lobby's again.
  if (!ready) void devices.then(() => (isOver ? undefined : takeDevices(meeting)));
}

/** Until the meeting is over. In a breakout room everything is another, and so is the view. */
function show(wish: JoinWish, meeting: Meeting): void {
  let view = new MeetingView(meeting);
  meeting.on('place', () => {
    view.dispose();
    view = new MeetingView(meeting);
  });
  meeting.on('left', ({ error }) => {
    view.dispose();
    lobby.preview.want({ microphone: meeting.isLive('microphone'), camera: meeting.isLive('camera') });
    end(wish, error);
  });
}

/** One may have changed one's mind while waiting. */
async function muteSwitchedOff(meeting: Meeting): Promise<void> {
  const tracks = lobby.preview.tracks();
  for (const kind of ['microphone', 'camera'] as const) {
    if (tracks[kind] === undefined && meeting.isLive(kind)) await meeting.setMuted(kind, true);
  }
}

/** What the preview has opened belongs to the meeting from here on. */
async function takeDevices(meeting: Meeting): Promise<void> {
  const tracks = lobby.preview.tracks();
  for (const kind of ['microphone', 'camera'] as const) {
    const track = tracks[kind];
    if (track !== undefined && track !== meeting.localTrack(kind)) await meeting.useDevice(kind, track);
  }
  lobby.preview.handOver();
}

function notLetIn(wish: JoinWish, error: MeetingError): void {
  lobby.hide();
  if (error.code === 'givenUp') lobby.show();
  else end(wish, error);
}

function end(wish: JoinWish, error: MeetingError | undefined): void {
  endCard.show(error, {
    rejoin: () => enter(wish),
    toStart: () => {
      endCard.hide();
      lobby.show();
    },
  });
}

function patience(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), DEVICE_PATIENCE_MS));
}
