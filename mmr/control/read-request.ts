/** Checks the fields of a controller's request: strings of the wire → the types of the router. */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { TreePlace__Output } from '../../proto/gen/zonecast/router/v1/TreePlace.ts';
import type { ViewEntry__Output } from '../../proto/gen/zonecast/router/v1/ViewEntry.ts';
import type { SourceKind, ViewEntry } from '../media/negotiated.ts';
import { MAX_MEDIA_LINES } from '../sdp/parse-offer.ts';
import type { MeetingPlace } from './cascade/meeting-places.ts';

const SOURCE_KINDS: ReadonlySet<string> = new Set<SourceKind>(['microphone', 'camera', 'screen']);

/** UTF-16 units; clients may give 80 characters. */
const MAX_NAME = 400;
/** Of one meeting. */
const MAX_PLACES = 256;

/** Ids are opaque to a router; they key maps and stand in logs. */
function checkId(value: string, what: string): string {
  if (!/^[\w.-]{1,64}$/.test(value)) throw new ZonecastError('badMessage', `${what} is not an id`);
  return value;
}

export function readMeetingId(value: string): MeetingId {
  return checkId(value, 'meeting') as MeetingId;
}

export function readParticipantId(value: string): ParticipantId {
  return checkId(value, 'participant') as ParticipantId;
}

/** Of a controller's process. */
export function readInstance(value: string): string {
  return checkId(value, 'instance');
}

/** For people; the controller has checked what is in it. */
export function readName(value: string): string {
  if (value.length > MAX_NAME) throw new ZonecastError('badMessage', `a name has at most ${MAX_NAME} characters`);
  return value;
}

export function readSourceKind(value: string): SourceKind {
  if (!SOURCE_KINDS.has(value)) throw new ZonecastError('badMessage', 'a source is microphone, camera or screen');
  return value as SourceKind; // The set has exactly the members of the type.
}

export function readSources(sources: Readonly<Record<string, string>>): Record<string, SourceKind> {
  return Object.fromEntries(Object.entries(sources).map(([mid, kind]) => [mid, readSourceKind(kind)]));
}

export function readPlaces(places: readonly TreePlace__Output[]): MeetingPlace[] {
  if (places.length > MAX_PLACES) throw new ZonecastError('badMessage', `more than ${MAX_PLACES} places`);
  return places.map(({ router, address, worker, parent }) => ({
    router: checkId(router, 'router') as RouterId,
    address,
    worker,
    parent: typeof parent === 'number' ? parent : undefined,
  }));
}

/** 0 in `maxHeight` or `maxFps` means no limit. */
export function readView(view: readonly ViewEntry__Output[]): ViewEntry[] {
  if (view.length > MAX_MEDIA_LINES) throw new ZonecastError('badMessage', `more than ${MAX_MEDIA_LINES} view entries`);
  return view.map((entry) => ({
    mid: entry.mid,
    source: readViewSource(entry),
    maxHeight: entry.maxHeight || undefined,
    maxFps: entry.maxFps || undefined,
  }));
}

function readViewSource(entry: ViewEntry__Output): ViewEntry['source'] {
  if (entry.fixed) {
    return { participant: readParticipantId(entry.fixed.participant), kind: readSourceKind(entry.fixed.kind) };
  }
  return entry.off ? 'off' : 'auto';
}
