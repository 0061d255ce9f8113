/**
 * The page and the SDK, read once. A request is looked up among these files by its exact path, so no path can lead
 * anywhere else. TypeScript becomes JavaScript by blanking out its types: line numbers stay those of the source.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { extname, join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface StaticFile {
  readonly bytes: Buffer;
  /** undefined where compression gains nothing. */
  readonly gzipped: Buffer | undefined;
  readonly type: string;
  readonly etag: string;
}

/** A folder of the client and the path under which its files are served. */
export interface StaticRoot {
  readonly directory: string;
  /** With a slash at both ends. */
  readonly path: string;
  /** Nothing else of it; absent: all. */
  readonly only?: readonly string[];
}

/** Nothing else is served. */
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** By URL path. `index`: the file that is also `/`, as `page/index.html`. */
export function readStaticFiles(roots: readonly StaticRoot[], index: string): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  for (const { directory, path, only } of roots) {
    for (const name of only ?? readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
      const type = TYPES[extname(name)];
      if (type === undefined || isForTests(name)) continue;
      files.set(`${path}${name.split(sep).join('/')}`, readStaticFile(join(directory, name), type));
    }
  }
  const root = files.get(index);
  if (root !== undefined) files.set('/', root);
  return files;
}

function isForTests(name: string): boolean {
  return name.includes('.test.') || name.split(sep)[0] === 'testing';
}

function readStaticFile(file: string, type: string): StaticFile {
  const source = readFileSync(file);
  const bytes = extname(file) === '.ts' ? Buffer.from(toJavaScript(source.toString('utf8'))) : source;
  const gzipped = type.includes('charset') ? gzipSync(bytes) : undefined;
  // Weak, because one tag stands for the bytes with and without gzip (RFC 9110 section 8.8.1).
  const etag = `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return { bytes, gzipped: gzipped && gzipped.length < bytes.length ? gzipped : undefined, type, etag };
}

/**
 * Node marks the function as experimental and says so on stderr at its first use. The Node version is pinned, so its
 * behaviour is known; an operator's log is no place for that line. Only warnings that arise in this call are dropped.
 */
function toJavaScript(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}
