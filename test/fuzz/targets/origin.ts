/** The `Origin` and `Host` headers that a browser or a stranger sends: `isAllowedOrigin`. Input: origin, line end, host. */
import type { IncomingMessage } from 'node:http';
import { isAllowedOrigin } from '../../../zone-controller/http/origin.ts';
import { type FuzzTarget, hold } from '../fuzz-target.ts';
import { mutateLines } from '../mutate-lines.ts';

const CONFIGURED = 'https://meet.example';

export const originTarget: FuzzTarget = {
  name: 'origin',
  runs: 5_000,
  maxSize: 8192,
  readsPerByte: undefined,
  vary: mutateLines,
  run(bytes, offset, size) {
    const text = new TextDecoder().decode(bytes.subarray(offset, offset + size));
    const [origin = '', host = ''] = text.split(/\r?\n/);
    // The two fields that the function looks at; the rest of a request does not matter to it.
    const request = { headers: { origin, host }, socket: { encrypted: true } } as unknown as IncomingMessage;
    const allowed = isAllowedOrigin(request, [CONFIGURED]);
    if (!allowed || origin === CONFIGURED) return allowed;
    hold(new URL(origin).protocol === 'https:', 'a page without TLS never speaks to a server with it');
    hold(new URL(`https://${host}`).host === new URL(origin).host, 'only a page of this very host');
    return allowed;
  },
};
