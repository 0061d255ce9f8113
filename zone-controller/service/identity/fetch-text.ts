/** What a server of an identity provider answers: bounded, and only from the place that was asked. */

/** Some hundred keys. What a provider says of itself takes a few KiB. */
export const MAX_ANSWER_BYTES = 256 * 1024;

/** Rejects with an Error that says what is wrong, when it is not a 200 of at most so many bytes. Redirects are not followed. */
export async function fetchText(url: string, { signal, headers }: Pick<RequestInit, 'signal' | 'headers'>) {
  const response = await fetch(url, { signal: signal ?? null, redirect: 'manual', ...(headers && { headers }) });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`the answer of ${url} is ${response.status}`);
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of response.body ?? []) {
      size += part.length;
      if (size > MAX_ANSWER_BYTES) break;
      parts.push(part);
    }
  } catch (error) {
    throw new Error(`the answer of ${url} ends before its time`, { cause: error });
  }
  if (size > MAX_ANSWER_BYTES) throw new Error(`the answer of ${url} has more than ${MAX_ANSWER_BYTES} bytes`);
  return Buffer.concat(parts).toString();
}
