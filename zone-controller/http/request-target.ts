/** Which host and path a request is for. */
import type { IncomingMessage } from 'node:http';

export interface RequestTarget {
  /** host[:port] as the client wrote it. */
  readonly host: string | undefined;
  /** Begins with a slash, exactly as it came: nothing is decoded or resolved. */
  readonly path: string;
}

/**
 * RFC 9112 section 3.2: a server takes origin-form (`/path?query`) and absolute-form (`http://host/path?query`), whose
 * host counts instead of the Host header's. Any other form names no path of ours.
 */
export function requestTarget({ url = '', headers }: IncomingMessage): RequestTarget {
  const absolute = /^https?:\/\/([^/?#]+)([^?#]*)/i.exec(url);
  if (absolute !== null) return { host: absolute[1], path: absolute[2] || '/' };
  const [path = ''] = url.split('?');
  return { host: headers.host, path };
}
