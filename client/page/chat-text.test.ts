import { expect, test } from 'vitest';
import { MOST_TEXT_BYTES, roomLeft, textParts } from './chat-text.ts';

const links = (text: string) => textParts(text).flatMap(({ href }) => href ?? []);

test.each([
  ['see https://example.org/a?b=c#d now', ['https://example.org/a?b=c#d']],
  ['(https://example.org/wiki/Tea_(drink)).', ['https://example.org/wiki/Tea_(drink)']],
  ['https://a.example, http://b.example!', ['https://a.example/', 'http://b.example/']],
  ['“https://a.example”', ['https://a.example/']],
  ['HTTPS://A.EXAMPLE/', ['https://a.example/']],
  ['javascript:alert(1) data:text/html,x file:///etc/passwd', []],
  ['https://bank.example@evil.example/', []],
  ['https:// nothing, xhttps://a.example', []],
  ['https://[', []],
  ['<a href="https://a.example">', ['https://a.example/']],
  ['', []],
])('links in %j', (text, expected) => {
  expect(links(text)).toEqual(expected);
  expect(
    textParts(text)
      .map((part) => part.text)
      .join(''),
  ).toBe(text);
});

test('text is counted as the routers count it', () => {
  expect(roomLeft('')).toBe(MOST_TEXT_BYTES);
  expect(roomLeft('é🎉')).toBe(MOST_TEXT_BYTES - 6);
  expect(roomLeft('x'.repeat(MOST_TEXT_BYTES + 1))).toBe(-1);
});
