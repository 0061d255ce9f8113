/**
 * The seeds and the crash inputs of a target: files under `corpus/<target>/`. `.hex` holds hexadecimal text with `#`
 * comments, `.txt` and `.sdp` hold the input itself.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '../../mmr/media/rtp/from-hex.ts';

export interface CorpusEntry {
  readonly file: string;
  readonly bytes: Uint8Array;
}

export const CORPUS_FOLDER = join(import.meta.dirname, 'corpus');

/** In the order of file names. Throws when the target has no corpus. */
export function readCorpus(target: string, corpusFolder: string): CorpusEntry[] {
  const folder = join(corpusFolder, target);
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const content = readFileSync(join(folder, file));
      const isHex = file.endsWith('.hex');
      return {
        file,
        bytes: isHex ? fromHex(content.toString('utf8').replaceAll(/#.*/g, '')) : new Uint8Array(content),
      };
    });
}

/** Keeps an input that broke something, so that it is tried first from then on. Returns the path of its file. */
export function keepCrash(target: string, corpusFolder: string, input: Uint8Array, why: string): string {
  const folder = join(corpusFolder, target);
  mkdirSync(folder, { recursive: true });
  const digest = createHash('sha256').update(input).digest('hex').slice(0, 12);
  const path = join(folder, `crash-${digest}.hex`);
  const lines =
    Buffer.from(input)
      .toString('hex')
      .match(/.{1,64}/g) ?? [];
  writeFileSync(path, `# ${why.replaceAll(/\s+/g, ' ')}\n${lines.join('\n')}\n`);
  return path;
}
