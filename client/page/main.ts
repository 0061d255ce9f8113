/** The page's way through: lobby → meeting → end, and back. */
import { createMeeting } from '../sdk/create-meeting.ts';
import { parseScalability } from '../sdk/encoding-plan.ts';
import { inviteFragment } from '../sdk/invite-link.ts';
import { joinMeeting } from '../sdk/join-meeting.ts';
import type { Meeting } from '../sdk/meeting.ts';
import type { MeetingError } from '../sdk/meeting-error.ts';
import { parseVideoCodec } from '../sdk/video-codec.ts';
import { EndCard } from './end-card.ts';
import { type JoinWish, Lobby } from './lobby.ts';
import { MeetingView } from './meeting-view.ts';

/** Past this, somebody with an unanswered permission question joins first and is seen when it is answered. */
const DEVICE_PATIENCE_MS = 2500;

const wishes = new URLSearchParams(location.search);
const codec = parseVideoCodec(wishes.get('codec'));
const scalability = parseScalability(wishes.get('scalability'));
const lobby = new Lobby({ join: enter, create });
const endCard = new EndCard();

lobby.show();

async function create(name: string): Promise<void> {
  const created = await createMeeting(location.href);
  if (name === '') {
    lobby.fill(created.meeting, created.passcode);
    lobby.askForName();
    return;
  }
  await enter({ name, meeting: created.meeting, passcode: created.passcode });
}

/** @throws MeetingError with words to show next to the form. */
async function enter(wish: JoinWish): Promise<void> {
  const { preview } = lobby;
  const devices = preview.open();
  const ready = await Promise.race([devices.then(() => true), patience()]);
  const { microphone, camera } = preview.tracks();
  const meeting = await joinMeeting({
    url: location.href,
    ...wish,
    microphone: microphone ?? false,
    camera: camera ?? false,
    simulcast: wishes.get('simulcast') !== 'off',
    ...(codec === undefined ? {} : { codec }),
    ...(scalability === undefined ? {} : { scalability }),
  });
  preview.handOver();
  if (!ready) void devices.then(() => handLate(meeting));
  lobby.hide();
  endCard.hide();
  lobby.fill(wish.meeting, wish.passcode);
  history.replaceState(null, '', `/${location.search}${inviteFragment(wish)}`);
  const view = new MeetingView(meeting);
  meeting.on('left', ({ error }) => {
    view.dispose();
    ended(wish, meeting, error);
  });
}

function handLate(meeting: Meeting): void {
  const { microphone, camera } = lobby.preview.tracks();
  if (microphone !== undefined) void meeting.useDevice('microphone', microphone);
  if (camera !== undefined) void meeting.useDevice('camera', camera);
  lobby.preview.handOver();
}

function ended(wish: JoinWish, meeting: Meeting, error: MeetingError | undefined): void {
  lobby.preview.want({ microphone: meeting.isLive('microphone'), camera: meeting.isLive('camera') });
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
