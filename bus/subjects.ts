/**
 * The names on the bus, and who may speak where. The name alone says it, so that a NATS server can be told by
 * wildcards (deploy/nats) and every receiver checks the same again on the signature.
 *
 * - `zonecast.zones.{zone}.…`: what a zone tells everybody. Only that zone speaks.
 * - `zonecast.calls.{callee}.{caller}.…`: requests. Only the caller's zone asks, only the callee's answers.
 * - `zonecast.inboxes.{zone}.{instance}.{id}`: where the answer to one request goes.
 * - `$KV.{bucket}.{key}`: a key of a bucket, as NATS names it.
 */
import type { Sender } from './sender.ts';

/** Longest subject, in bytes; all are ASCII. */
export const MAX_SUBJECT = 255;
const MAX_KEY = 160;
const TOKEN = '[\\w$=/-]+';
const SUBJECT = new RegExp(`^${TOKEN}(\\.${TOKEN})*$`);
const PATTERN = new RegExp(`^(${TOKEN}|\\*)(\\.(${TOKEN}|\\*))*(\\.>)?$`);
const KEY = /^[\w=/-]+(\.[\w=/-]+)*$/;
const BUCKET = /^[\w-]{1,64}$/;

export function isSubject(subject: string): boolean {
  return subject.length <= MAX_SUBJECT && SUBJECT.test(subject);
}

/** A subject that may have wildcards. */
export function isPattern(subject: string): boolean {
  return subject.length <= MAX_SUBJECT && (subject === '>' || PATTERN.test(subject));
}

export function isKey(key: string): boolean {
  return key.length <= MAX_KEY && KEY.test(key);
}

export function isBucketName(name: string): boolean {
  return BUCKET.test(name);
}

/** A name as one token: a dot, which would part it, becomes `=`, which no name has. */
export function tokenOf(name: string): string {
  return name.replaceAll('.', '=');
}

export function zoneSubject(zone: string, topic: string): string {
  return `zonecast.zones.${tokenOf(zone)}.${topic}`;
}

/** For the callee to listen on, `caller` is `*`. */
export function callSubject(callee: string, caller: string, method: string): string {
  return `zonecast.calls.${tokenOf(callee)}.${tokenOf(caller)}.${method}`;
}

export function inboxPrefix(zone: string): string {
  return `zonecast.inboxes.${tokenOf(zone)}`;
}

/** Where the answers to one instance go; the id of the request follows. */
export function inboxOf({ zone, instance }: Sender): string {
  return `${inboxPrefix(zone)}.${tokenOf(instance)}`;
}

export function keySubject(bucket: string, key: string): string {
  return `$KV.${bucket}.${key}`;
}

/** Whether a zone may publish or ask on a subject. */
export function maySpeak(zone: string, subject: string): boolean {
  const [system, kind, first, second] = subject.split('.', 4);
  if (system !== 'zonecast') return true;
  if (kind === 'zones') return first === tokenOf(zone);
  if (kind === 'calls') return second === tokenOf(zone);
  return false;
}

/** Whether a zone may answer what was asked on a subject. */
export function mayAnswer(zone: string, subject: string): boolean {
  const [system, kind, callee] = subject.split('.', 3);
  return system !== 'zonecast' || (kind === 'calls' && callee === tokenOf(zone));
}

/** Whether a subject falls under a pattern. */
export function isMatch(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.');
  const tokens = subject.split('.');
  for (const [index, token] of wanted.entries()) {
    if (token === '>') return tokens.length > index;
    if (tokens[index] === undefined || (token !== '*' && token !== tokens[index])) return false;
  }
  return tokens.length === wanted.length;
}
