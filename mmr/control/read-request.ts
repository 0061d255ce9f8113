/** Checks the fields of a controller's request: strings of the wire → the types of the router. */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../common/ids.ts';
import type { TreePlace__Output } from '../../proto/gen/zonecast/router/v1/TreePlace.ts';
import type { TrustedZone__Output } from '../../proto/gen/zonecast/router/v1/TrustedZone.ts';
import type { ViewEntry__Output } from '../../proto/gen/zonecast/router/v1/ViewEntry.ts';
import type { ZoneLink__Output } from '../../proto/gen/zonecast/router/v1/ZoneLink.ts';
import type { SourceKind, ViewEntry } from '../media/negotiated.ts';
import { MAX_MEDIA_LINES } from '../sdp/parse-offer.ts';
import type { MeetingPlace, ZoneLink } from './cascade/meeting-places.ts';

const SOURCE_KINDS: ReadonlySet<string> = new Set<SourceKind>(['microphone', 'camera', 'screen']);

/** UTF-16 units; clients may give 80 characters. */
const MAX_NAME = 400;
/** Of one meeting. */
const MAX_PLACES = 256;
const MAX_ZONES = 1_000;

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

export function readZoneLinks(links: readonly ZoneLink__Output[]): ZoneLink[] {
  if (links.length > MAX_PLACES) throw new ZonecastError('badMessage', `more than ${MAX_PLACES} links`);
  const read = links.map(
    ({ zone, router, address, worker, isParent, calls }): ZoneLink => ({
      zone: readZone(zone),
      router: checkId(router, 'router') as RouterId,
      address,
      worker,
      relation: isParent ? 'parent' : 'child',
      calls,
    }),
  );
  if (new Set(read.map(({ zone }) => zone)).size < read.length) throw new ZonecastError('badMessage', 'a zone twice');
  if (read.filter(({ relation }) => relation === 'parent').length > 1)
    throw new ZonecastError('badMessage', 'two parents');
  return read;
}

export function readTrustedZones(zones: readonly TrustedZone__Output[]): Map<ZoneId, string> {
  if (zones.length > MAX_ZONES) throw new ZonecastError('badMessage', `more than ${MAX_ZONES} zones`);
  return new Map(zones.map(({ zone, caPem }) => [readZone(zone), caPem]));
}

function readZone(value: string): ZoneId {
  return checkId(value, 'zone') as ZoneId;
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
