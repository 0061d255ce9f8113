/** What somebody has written, as parts that can be shown: text, and links to be opened elsewhere. Pure. */

export interface TextPart {
  readonly text: string;
  /** Of a link; http and https only. */
  readonly href?: string;
}

/** Up to the next space, quote or bracket of another script. */
const LINK = /\bhttps?:\/\/[^\s<>"“”«»„]+/giu;
/** Ends the sentence rather than the link. */
const TRAILING = /[.,;:!?'’)\]}…]+$/u;
const PAIRS: readonly (readonly [string, string])[] = [
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
];

/** The parts in order; joined they are the text. */
export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let done = 0;
  for (const { 0: found, index } of text.matchAll(LINK)) {
    const link = withoutSentence(found);
    const href = safeAddress(link);
    if (href === undefined) continue;
    if (index > done) parts.push({ text: text.slice(done, index) });
    parts.push({ text: link, href });
    done = index + link.length;
  }
  if (done < text.length) parts.push({ text: text.slice(done) });
  return parts;
}

/** A closing bracket belongs to a link in which it was opened. */
function withoutSentence(found: string): string {
  let link = found;
  for (;;) {
    const trailing = TRAILING.exec(link)?.[0];
    if (trailing === undefined) return link;
    const last = link.at(-1) ?? '';
    const opening = PAIRS.find(([, close]) => close === last)?.[0];
    const isBalanced = opening !== undefined && count(link, opening) >= count(link, last);
    if (isBalanced) return link;
    link = link.slice(0, -last.length);
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** Of a web page that its text names; an address with a user name in it only looks like another one. */
function safeAddress(link: string): string | undefined {
  if (!URL.canParse(link)) return undefined;
  const url = new URL(link);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return isWeb && url.hostname !== '' && url.username === '' && url.password === '' ? url.href : undefined;
}

const ENCODER = new TextEncoder();
/** UTF-8; routers take no more (docs/meeting-state.md). */
export const MOST_TEXT_BYTES = 2048;

/** How many bytes may still be written; negative when it is too long. */
export function roomLeft(text: string): number {
  return MOST_TEXT_BYTES - ENCODER.encode(text).length;
}
