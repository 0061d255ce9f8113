/** Branded ids: a string of one kind is never passed where another kind is meant. */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type MeetingId = Branded<'MeetingId'>;
export type ParticipantId = Branded<'ParticipantId'>;
export type RouterId = Branded<'RouterId'>;
export type ZoneId = Branded<'ZoneId'>;
