/** The 11 digits of a meeting id as people write them: grouped for reading, accepted with or without spaces. */

const DIGITS = 11;

/** Groups an id for reading: `12345678901` → `123 4567 8901`. Anything else is returned as it is. */
export function formatMeetingId(id: string): string {
  const digits = normalizeMeetingId(id);
  if (!/^\d{11}$/.test(digits)) return id;
  return `${digits.slice(0, 3)} ${digits.slice(3, 7)} ${digits.slice(7)}`;
}

/** Takes out spaces (also the unbreakable kinds), hyphens and dots that come along when an id is copied. */
export function normalizeMeetingId(text: string): string {
  return text.replace(/[\s\u00A0\u202F.\-–—]/gu, '');
}

/** What is wrong with an id, in words for the person who typed it; undefined when it may be right. */
export function explainMeetingId(text: string): string | undefined {
  const id = normalizeMeetingId(text);
  if (id === '') return 'Enter the meeting ID.';
  if (!/^\d+$/.test(id)) return `A meeting ID has ${DIGITS} digits and nothing else.`;
  if (id.length !== DIGITS) return `A meeting ID has ${DIGITS} digits; this one has ${id.length}.`;
  return undefined;
}
