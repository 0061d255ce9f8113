/**
 * What a zone knows of the others: which there are and how they are, whose a meeting is, where people should go. Everything here
 * is answered from what is known at the moment, however old; only `definitionOf`, `endMeeting`, `handOn` and `act` ask, with a deadline. A zone goes on when
 * nothing of it can be asked: docs/zones.md.
 */
import type { KeyObject } from 'node:crypto';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import type { EffectivePolicy } from '../../global-controller/policies/effective-policy.ts';
import type { PolicyRules } from '../../global-controller/policies/policy.ts';
import type { Ranking } from '../../global-controller/ranking/ranking.ts';
import type { ZoneView } from '../../global-controller/zones/known-zone.ts';
import type { PersonAct } from '../../mmr/control/state/acts.ts';
import type { MeetingDefinition } from '../registry/records.ts';
import type { MeetingAnswer, MeetingRequest } from './meeting-requests.ts';

/** Who wants to join what, from where. */
export interface JoinQuery {
  readonly meeting: MeetingId;
  /** What its definition says of where it may be. */
  readonly rules: { readonly account?: string | undefined; readonly policy?: PolicyRules | undefined };
  /** Round trips that the client measured, milliseconds. */
  readonly rttMs: ReadonlyMap<ZoneId, number>;
  /** Of the client; undefined: not known. */
  readonly address: string | undefined;
}

export interface World {
  /** This zone. */
  readonly own: ZoneId;
  /** Nobody new is to come to this zone. */
  readonly isDrained: boolean;
  /** Every zone of the directory with how it is, this one too, in order of names. */
  zones(): readonly ZoneView[];
  /** One of them; undefined: it is not in the directory. */
  zone(zone: ZoneId): ZoneView | undefined;
  /** Whose controllers answer for a meeting; undefined: its id is of no block that is known. */
  homeOf(meeting: MeetingId): ZoneId | undefined;
  /** Which zone keeps a meeting's definition, whoever has its home: that of its id's block. undefined: it is not known. */
  blockZone(meeting: MeetingId): ZoneId | undefined;
  /** What holds in a zone for a meeting of these rules. */
  policyIn(zone: ZoneId, rules?: JoinQuery['rules']): EffectivePolicy;
  /** Whether policies let people of such a meeting be in that zone; true as long as not all policies are known. */
  mayBeIn(zone: ZoneId, meeting: MeetingId, rules: JoinQuery['rules']): boolean;
  /** Where who joins should be placed; without candidates, nowhere now. */
  rank(query: JoinQuery): Ranking;
  /**
   * The definition of a meeting of another zone, with `home`; undefined: that zone tells of no such meeting. Within 2 s.
   * @throws ZonecastError `busUnavailable`, `requestTimedOut` and others when it cannot be told now
   */
  definitionOf(meeting: MeetingId): Promise<MeetingDefinition | undefined>;
  /** Has another zone note that a host has ended its meeting; returns what it is then. Throws as `definitionOf`. */
  endMeeting(meeting: MeetingId): Promise<MeetingDefinition | undefined>;
  /** Has another zone answer who asks the meeting service about a meeting of its. @throws ZonecastError what it says, or `tryAgain` */
  handOn(zone: ZoneId, request: MeetingRequest): Promise<MeetingAnswer>;
  /**
   * Has other zones do it in which such a meeting may be: an act about rooms (room-acts.ts). Resolves when they have, or do not
   * answer in time; never rejects.
   */
  act(meeting: MeetingId, rules: JoinQuery['rules'], act: PersonAct): Promise<void>;
  /** An id for a new meeting, free as far as is known here. @throws ZonecastError `blocksExhausted` when there are none */
  drawId(): MeetingId;
  /** Ed25519, as the directory says; undefined: no such zone, or not known yet. */
  publicKeyOf(zone: ZoneId): KeyObject | undefined;
  /** Where clients reach the controllers of a zone, in order. */
  urlsOf(zone: ZoneId): readonly string[];
  /** Where clients may go when this zone is gone: URLs of each zone that takes them, the best zone first. */
  otherZonesUrls(): readonly (readonly string[])[];
  /** A client of that zone has come here, because it could not reach its own. */
  cameFrom(zone: ZoneId): void;
  /** Told when a zone's record, standing or policy has changed, until the returned function is called. */
  onChange(listener: () => void): () => void;
}
