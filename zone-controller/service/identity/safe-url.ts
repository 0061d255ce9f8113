/** Where keys may come from: keys that come over plain HTTP are whoever's who stands in between. */

const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/;

/** https, or http on loopback; without a password. Any text is taken. */
export function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null) return false;
  const isPlain = url.protocol === 'http:' && LOOPBACK.test(url.hostname);
  return (isPlain || url.protocol === 'https:') && url.username === '' && url.password === '';
}

/** Whether documents of its own are to be found below it (OpenID Connect Core 1.0, section 2: no query, no fragment). */
export function isSafeBase(text: string): boolean {
  return isSafeUrl(text) && !/[?#]/.test(text);
}
