/**
 * A Uint8Array that counts how many of its bytes are looked at, so that "bounded time" is a number that does not depend
 * on the machine. Slow: used on a sample of the inputs.
 */
export interface CountingBytes {
  readonly bytes: Uint8Array;
  /** Bytes read so far; a method such as `slice` counts as reading the whole array. */
  readonly reads: number;
}

export function countingBytes(source: Uint8Array): CountingBytes {
  let reads = 0;
  const bytes = new Proxy(source, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) {
        reads++;
        return target[Number(key)];
      }
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      reads += target.length;
      return value.bind(target);
    },
  });
  return {
    bytes,
    get reads() {
      return reads;
    },
  };
}
