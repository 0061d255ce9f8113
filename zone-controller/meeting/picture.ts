/** How a meeting is at this moment, for a client that has just come, or come back. */
import type { ServerMessage, SourceKind } from '../../proto/signalling.ts';
import { entryFor } from './client-view.ts';
import { mediaOf, type Session } from './session.ts';
import { StateMirror } from './state-mirror.ts';

type Picture = Pick<Extract<ServerMessage, { type: 'resumed' }>, 'state' | 'roster' | 'slots' | 'speakers' | 'media'>;

const NOWHERE = new StateMirror();

/** What changes after this, the client is told. */
export function pictureFor(session: Session): Picture {
  const { meeting, participant, place } = session;
  const { roster } = meeting;
  const speakers = place?.mirror.speakers.filter((speaker) => roster.get(speaker) !== undefined) ?? [];
  const slots = place?.mirror.slotsOf(participant) ?? [];
  const { state } = place?.mirror.state ?? NOWHERE;
  session.told = state;
  return { state: entryFor(state, participant), roster: roster.entries(), slots, speakers, ...mediaOf(session) };
}

/** If his router speaks of another of his connections than his client thinks: one that was to come has come to nothing. */
export function tellConnection(session: Session): void {
  const { place, participant, isMoving } = session;
  const connection = place?.mirror.homed.get(participant)?.connection;
  if (place === undefined || connection === undefined || connection === session.connection || isMoving) return;
  session.connection = connection;
  session.send({ type: 'moveUndone', slots: place.mirror.slotsOf(participant) });
  for (const each of place.mirror.encodingsOf(participant)) session.send({ type: 'encodings', ...each });
}

/** What is known beyond the picture. */
export function tellRest(session: Session): void {
  const { place, meeting, participant } = session;
  for (const each of place?.mirror.encodingsOf(participant) ?? []) session.send({ type: 'encodings', ...each });
  const qualities = meeting.roster.qualities();
  if (qualities.length > 0) session.send({ type: 'quality', qualities });
}

/** Sources that he has turned on, and that his router keeps muted: he may not turn them on. */
export function tellKeptMuted(
  session: Session,
  { sources, muted }: { readonly sources: Readonly<Record<string, SourceKind>>; readonly muted: readonly SourceKind[] },
): void {
  const { meeting, participant, place, isAudioOnly } = session;
  const live = place && meeting.roster.liveAt(place.mirror.router, participant);
  if (live === undefined) return;
  for (const source of new Set(Object.values(sources))) {
    const isAsHeWants = muted.includes(source) || live.includes(source);
    // Without pictures there is another reason for it.
    if (!isAsHeWants && (!isAudioOnly || source === 'microphone')) session.send({ type: 'muted', source });
  }
}
