/** Whose tiles there are, in which order, and what each shows: the meeting as the stage sees it. */
import type { Meeting } from '../sdk/meeting.ts';
import { qualityLevel } from './quality-level.ts';
import type { TileContent } from './tile.ts';

/** How many of those who speak get a ring: more than this say nothing. */
const RINGS = 3;

/** By key: `participant/kind`, one's own as `self/kind`. Shared screens first, then ourselves, then those in the spotlight and the others. */
export function stageContents(meeting: Meeting, pinned: string | undefined): Map<string, TileContent> {
  const contents = new Map<string, TileContent>();
  for (const { participant, name, live, connected } of meeting.others) {
    if (!live.includes('screen')) continue;
    const key = `${participant}/screen`;
    contents.set(key, {
      ...screenContent(name, meeting.trackOf(participant, 'screen'), !connected),
      suspended: meeting.isSuspended(participant, 'screen'),
      pinned: pinned === key,
    });
  }
  const ownScreen = meeting.localTrack('screen');
  if (ownScreen !== undefined) contents.set('self/screen', screenContent(meeting.name, ownScreen, false));
  contents.set('self/camera', ownContent(meeting));
  const speaking = new Set(meeting.speakers.slice(0, RINGS));
  const { spotlight, people } = meeting.record;
  const isLit = ({ participant }: { participant: string }) => spotlight.includes(participant);
  const others =
    spotlight.length === 0 ? meeting.others : meeting.others.toSorted((a, b) => Number(isLit(b)) - Number(isLit(a)));
  for (const { participant, name, live, connected } of others) {
    const key = `${participant}/camera`;
    const films = live.includes('camera');
    contents.set(key, {
      label: name,
      caption: name,
      name,
      kind: 'camera',
      track: films ? meeting.trackOf(participant, 'camera') : undefined,
      mirrored: false,
      silent: !live.includes('microphone'),
      hasHand: people.get(participant)?.hand !== undefined,
      speaking: live.includes('microphone') && speaking.has(participant),
      away: !connected,
      suspended: films && meeting.isSuspended(participant, 'camera'),
      quality: qualityLevel(meeting.qualityOf(participant)),
      pinned: pinned === key,
    });
  }
  return contents;
}

function ownContent(meeting: Meeting): TileContent {
  return {
    label: meeting.name,
    caption: `${meeting.name} (you)`,
    name: meeting.name,
    kind: 'camera',
    track: meeting.localTrack('camera'),
    mirrored: true,
    silent: !meeting.isLive('microphone'),
    hasHand: meeting.record.people.get(meeting.self)?.hand !== undefined,
    speaking: meeting.isLive('microphone') && meeting.speakers.slice(0, RINGS).includes(meeting.self),
    away: false,
    suspended: false,
    quality: qualityLevel(meeting.qualityOf(meeting.self)),
    pinned: undefined,
  };
}

function screenContent(name: string, track: MediaStreamTrack | undefined, away: boolean): TileContent {
  const label = `${name}’s screen`;
  return {
    label,
    caption: label,
    name,
    kind: 'screen',
    track,
    mirrored: false,
    silent: false,
    hasHand: false,
    speaking: false,
    away,
    suspended: false,
    quality: undefined,
    pinned: undefined,
  };
}
