/** Runs one target over its corpus and over mutations of it, and keeps whatever breaks it. */
import { isDeepStrictEqual } from 'node:util';
import { CORPUS_FOLDER, keepCrash, readCorpus } from './corpus.ts';
import { countingBytes } from './counting-bytes.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';

/** Every so many inputs the reads are counted. */
const COUNT_EVERY = 16;
/** Reads that an input of no bytes may take. */
const READS_FLOOR = 64;

/**
 * Tries every file of the corpus as it is, then `runs` mutations drawn from `seed`. Throws at the first input that
 * breaks the target, after keeping it in the corpus.
 */
export function runTarget(target: FuzzTarget, seed: number, runs: number, corpusFolder = CORPUS_FOLDER): void {
  const corpus = readCorpus(target.name, corpusFolder);
  for (const { file, bytes } of corpus) {
    const why = whyBroken(target, bytes, true);
    if (why !== undefined) throw new Error(`${target.name}: ${why} (corpus file ${file})`);
  }
  const seeds = corpus.map(({ bytes }) => bytes);
  const random = new Random(seed);
  for (let run = 0; run < runs; run++) {
    const input = nextInput(target, seeds, random);
    const why = whyBroken(target, input, run % COUNT_EVERY === 0);
    if (why === undefined) continue;
    const path = keepCrash(target.name, corpusFolder, input, why);
    throw new Error(`${target.name}: ${why} (FUZZ_SEED=${seed}, run ${run}; kept in ${path})`);
  }
}

function nextInput(target: FuzzTarget, seeds: readonly Uint8Array[], random: Random): Uint8Array {
  if (target.vary !== undefined && random.chance(2)) {
    return target.vary(random.pick(seeds), random).slice(0, target.maxSize);
  }
  const input = mutate(seeds, target.maxSize, random);
  if (target.repair !== undefined && !random.chance(4)) target.repair(input, random);
  return input;
}

/** What the input breaks; undefined when all is well. */
function whyBroken(target: FuzzTarget, input: Uint8Array, count: boolean): string | undefined {
  try {
    checkInput(target, input, count);
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.message} ${error.stack?.split('\n')[1]?.trim() ?? ''}` : String(error);
  }
}

/**
 * The input is laid into two arrays, among zeros and among ones: what is understood must be the same, or the parser
 * has looked beyond its range.
 */
function checkInput(target: FuzzTarget, input: Uint8Array, count: boolean): void {
  const amongZeros = target.run(surround(input, 3, 0x00), 3, input.length);
  const amongOnes = target.run(surround(input, 8, 0xff), 8, input.length);
  if (!isDeepStrictEqual(amongZeros, amongOnes)) throw new Error('the result depends on bytes outside the input');
  if (count && target.readsPerByte !== undefined) checkReads(target, input, target.readsPerByte);
}

function checkReads(target: FuzzTarget, input: Uint8Array, readsPerByte: number): void {
  const counting = countingBytes(input);
  target.run(counting.bytes, 0, input.length);
  const limit = READS_FLOOR + readsPerByte * input.length;
  if (counting.reads > limit) throw new Error(`${counting.reads} reads for ${input.length} bytes, limit ${limit}`);
}

function surround(input: Uint8Array, offset: number, fill: number): Uint8Array {
  const bytes = new Uint8Array(offset + input.length + 16).fill(fill);
  bytes.set(input, offset);
  return bytes;
}
