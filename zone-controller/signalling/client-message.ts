/**
 * The schema of what clients send. Its type is checked to be that of proto/signalling.ts. Fields that it does not know
 * are dropped, so that newer clients talk to older zone-controllers; a message of an unknown type is refused.
 */
import { z } from 'zod';
import type { ClientMessage } from '../../proto/signalling.ts';
import { MAX_TOKEN_CHARACTERS } from '../meeting/session-tokens.ts';

/** RFC 5888 section 4: a token; Chromium and Firefox use small numbers. */
const mid = z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,32}$/, 'mid is not an SDP token');
const kind = z.enum(['microphone', 'camera', 'screen']);
const id = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const participant = z.string().min(1).max(64);
/** The whole message is limited to MESSAGE_BYTES; SDP leaves room for the rest of it. */
const sdp = z
  .string()
  .min(1)
  .max(512 * 1024);
const secret = z.string().max(128);
const sources = z
  .record(mid, kind)
  .refine((record) => Object.keys(record).length <= 16, 'at most 16 sources')
  .refine((record) => !Object.hasOwn(record, '__proto__'), 'mid is not an SDP token');
/** Something to be seen; no control characters, no marks that turn the direction of the text around it. */
const name = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]*$/u, 'name holds control characters')
  .regex(/[\p{L}\p{N}\p{P}\p{S}]/u, 'name shows nothing');

const about = { participant };
/** A chat message; the routers count its bytes. */
const text = z.string().min(1).max(2_048);
const roomName = name;
const plain = <Type extends string>(...types: Type[]) => z.object({ type: z.enum(types) });
const onPerson = <Type extends string>(...types: Type[]) => z.object({ type: z.enum(types), ...about });
const meetingAct = z.union([
  plain('lock', 'unlock'),
  z.object({
    type: z.literal('setSetting'),
    setting: z.enum(['waitingRoom', 'joinBeforeHost', 'unmuteSelf', 'renameSelf']),
    value: z.boolean(),
  }),
  z.object({ type: z.literal('setSetting'), setting: z.literal('shareBy'), value: z.enum(['host', 'all']) }),
  z.object({ type: z.literal('setSetting'), setting: z.literal('chat'), value: z.enum(['all', 'host', 'off']) }),
  onPerson('admit', 'refuse'),
  plain('admitAll'),
  z.object({ type: z.literal('mute'), ...about, source: kind }),
  plain('muteAll'),
  z.object({ type: z.literal('askUnmute'), ...about, source: z.enum(['microphone', 'camera']) }),
  onPerson('stopVideo', 'remove'),
  z.object({ type: z.literal('rename'), ...about, name }),
  onPerson('makeHost', 'makeCohost', 'takeBackCohost'),
  plain('claimHost'),
  onPerson('spotlight', 'unspotlight'),
  plain('raiseHand'),
  onPerson('lowerHand'),
  plain('lowerAllHands'),
  z.object({ type: z.literal('react'), emoji: z.string().max(16) }),
  z.object({ type: z.literal('chat'), text, to: participant.exactOptional() }),
  z.object({
    type: z.literal('openRooms'),
    rooms: z.array(z.object({ name: roomName, assigned: z.array(participant).max(1_000) })).max(50),
  }),
  z.object({ type: z.literal('assignRoom'), ...about, room: z.string().max(32).exactOptional() }),
  plain('closeRooms'),
  plain('endMeeting'),
]);
/** Of one zone to another and back, milliseconds. */
const roundTrips = z
  .record(z.string().max(48), z.number().min(0).max(60_000))
  .refine((record) => Object.keys(record).length <= 64, 'at most 64 zones');

/** Zones. */
const tried = z.array(z.string().max(48)).max(16);

const rung = z.enum(['udp', 'iceTcp', 'turnUdp', 'turnTcp', 'turnTls', 'webSocket', 'httpStream', 'longPoll']);
const triedRung = z.object({ rung, ms: z.number().min(0).max(3_600_000), why: z.string().max(64) });

const viewEntry = z.object({
  mid,
  source: z.union([z.object({ participant, kind }), z.literal('auto'), z.literal('off')]),
  maxHeight: z.number().int().min(0).max(16_384).exactOptional(),
  maxFps: z.number().int().min(0).max(1_000).exactOptional(),
});

export const clientMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('join'),
    id,
    meeting: z.string().max(32),
    passcode: secret.exactOptional(),
    token: z.string().max(8_192).exactOptional(),
    hostKey: secret.exactOptional(),
    pass: z.string().max(MAX_TOKEN_CHARACTERS).exactOptional(),
    roundTrips: roundTrips.exactOptional(),
    tried: tried.exactOptional(),
    name: name.exactOptional(),
    offer: sdp,
    sources,
    muted: z.array(kind).max(8),
  }),
  z.object({
    type: z.literal('resume'),
    id,
    session: z.string().max(MAX_TOKEN_CHARACTERS),
    tried: tried.exactOptional(),
  }),
  z.object({ type: z.literal('offer'), id, offer: sdp, sources }),
  z.object({ type: z.literal('view'), view: z.array(viewEntry).max(128) }),
  z.object({ type: z.literal('mute'), source: kind, muted: z.boolean() }),
  z.object({
    type: z.literal('move'),
    id,
    offer: sdp,
    sources,
    muted: z.array(kind).max(8),
    why: z.literal('path').exactOptional(),
  }),
  z.object({ type: z.literal('moveDone') }),
  z.object({ type: z.literal('stay') }),
  z.object({ type: z.literal('mediaLost') }),
  z.object({ type: z.literal('wayIn'), rung, tried: z.array(triedRung).max(16) }),
  z.object({ type: z.literal('act'), id, act: meetingAct, hostKey: secret.exactOptional() }),
  z.object({ type: z.literal('leave') }),
  z.object({ type: z.literal('ping') }),
]);

type Equal<A, B> = (<Type>() => Type extends A ? 1 : 2) extends <Type>() => Type extends B ? 1 : 2 ? true : false;
type Flat<Type> = Type extends object ? { [Key in keyof Type]: Flat<Type[Key]> } : Type;

/** Does not compile when schema and contract differ. */
export const SCHEMA_IS_CONTRACT: Equal<Flat<z.infer<typeof clientMessageSchema>>, Flat<ClientMessage>> = true;
