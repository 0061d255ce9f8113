/** What stands for somebody who sends no picture: initials on a colour, both made from the name. */

const HUES = 8;

/** First letters of the first and the last word, as people abbreviate themselves; emoji and other scripts as they are. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/\s+/u)
    .filter((word) => word !== '');
  const chosen = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return chosen.map((word) => firstCharacter(word ?? '').toLocaleUpperCase()).join('');
}

/** 0–7; the same name gives the same colour on every screen. */
export function hue(name: string): number {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return hash % HUES;
}

export function showAvatar(element: HTMLElement, name: string): void {
  element.textContent = initials(name);
  element.dataset.hue = String(hue(name));
}

/** The first character a reader would name: letters and digits before brackets and quotes; else whatever comes first. */
function firstCharacter(word: string): string {
  const segments = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(word)];
  return (segments.find(({ segment }) => /^[\p{L}\p{N}]/u.test(segment)) ?? segments[0])?.segment ?? '';
}
