/**
 * Takes what came over a control stream for a `TrunkMessage`, or not: the other end is known, but may be of another version,
 * or ill. Undefined: of a type that we do not know, or not as it should be. What a message may make us keep is bounded here.
 */
import type { CodecName, SourceKind } from '../negotiated.ts';
import { MAX_TRUNK_CODECS } from './trunk-codecs.ts';
import type { SourceName, SpeakerLevel, TrunkCodec, TrunkMessage } from './trunk-messages.ts';

const MAX_ID_CHARACTERS = 256;
/** As many encodings as browsers send, and one more. */
export const MAX_ENCODINGS = 4;
export const MAX_LEVELS = 64;
export const MAX_RANKED = 128;
/** Hops are checked where loops are looked for; beyond this it is no number of hops at all. */
const MAX_SMALL = 255;
const MAX_HEIGHT = 65_535;
const MAX_SCORE = 127;

const KINDS: readonly SourceKind[] = ['microphone', 'camera', 'screen'];
const CODEC_NAMES: readonly CodecName[] = ['opus', 'VP8', 'VP9', 'H264', 'AV1'];

type Fields = Readonly<Record<string, unknown>>;

export function readTrunkMessage(value: unknown): TrunkMessage | undefined {
  if (!isFields(value)) return undefined;
  return READERS[String(value.type)]?.(value) === true
    ? // Its fields have just been looked at, one by one.
      (value as unknown as TrunkMessage)
    : undefined;
}

const READERS: Readonly<Record<string, (message: Fields) => boolean>> = {
  hello: ({ version, up }) => isWhole(version, 0, MAX_SMALL) && typeof up === 'boolean',
  health: ({ up }) => typeof up === 'boolean',
  link: ({ meeting }) => isId(meeting),
  unlink: ({ meeting }) => isId(meeting),
  synced: ({ meeting }) => isId(meeting),
  source: (message) => namesSource(message) && isSource(message),
  withdraw: namesSource,
  demand: (message) =>
    namesSource(message) && isWhole(message.ssrc, 1, 0xffff_ffff) && isWhole(message.maxHeight, 0, MAX_HEIGHT),
  release: namesSource,
  renew: (message) => namesSource(message) && isWhole(message.ssrc, 1, 0xffff_ffff),
  levels: ({ meeting, levels }) => isId(meeting) && isList(levels, MAX_LEVELS, isLevel),
  ranking: ({ meeting, heard, seen, speaking }) =>
    isId(meeting) && [heard, seen, speaking].every((list) => isList(list, MAX_RANKED, isId)),
};

/** Of maps: a string that stands for one source of a meeting, and no other. */
export function sourceKey({ participant, kind }: Pick<SourceName, 'participant' | 'kind'>): string {
  return `${kind}/${participant}`;
}

function namesSource({ meeting, participant, kind }: Fields): boolean {
  return isId(meeting) && isId(participant) && KINDS.some((known) => known === kind);
}

function isSource({ kind, hops, muted, codecs, rids }: Fields): boolean {
  if (!isWhole(hops, 1, MAX_SMALL) || typeof muted !== 'boolean') return false;
  const isName = (rid: unknown): boolean => typeof rid === 'string' && rid.length <= MAX_ID_CHARACTERS;
  if (!isList(rids, MAX_ENCODINGS, isName) || new Set(rids).size !== rids.length || rids.length === 0) return false;
  const isAudio = kind === 'microphone';
  const fits = (codec: unknown): boolean => isCodec(codec) && (codec.name === 'opus') === isAudio;
  return isList(codecs, MAX_TRUNK_CODECS, fits) && codecs.length > 0;
}

function isCodec(value: unknown): value is TrunkCodec {
  if (!isFields(value)) return false;
  return (
    CODEC_NAMES.some((known) => known === value.name) && isWhole(value.clockRateHz, 8_000, 192_000) && isId(value.key)
  );
}

function isLevel(value: unknown): value is SpeakerLevel {
  if (!isFields(value)) return false;
  const isScore = (score: unknown): boolean => typeof score === 'number' && score >= 0 && score <= MAX_SCORE;
  return isId(value.participant) && isScore(value.loudness) && isScore(value.presence);
}

function isList(value: unknown, maxLength: number, fits: (item: unknown) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= maxLength && value.every(fits);
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_ID_CHARACTERS;
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
