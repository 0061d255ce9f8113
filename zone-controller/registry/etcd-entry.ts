/** Keys, values and revisions between etcd's protocol and ours. */
import type { IKeyValue } from 'etcd3';
import type { RegistryEntry } from './registry.ts';

export function toEntry({ key, value, mod_revision }: IKeyValue): RegistryEntry {
  return { key: key.toString(), value: value.toString(), revision: toRevision(mod_revision) };
}

/** etcd's int64 as a number. */
export function toRevision(text: string): number {
  const revision = Number(text);
  if (!Number.isSafeInteger(revision)) throw new Error(`etcd gave the revision ${text}`);
  return revision;
}

/** All keys that begin with `prefix`, as etcd's range of bytes. Text in UTF-8 has no byte that cannot be incremented. */
export function prefixRange(prefix: string): { readonly key: Buffer; readonly range_end: Buffer } {
  // The lowest key, and etcd's mark for "to the last".
  if (prefix === '') return { key: Buffer.from([0]), range_end: Buffer.from([0]) };
  const end = Buffer.from(prefix);
  end.writeUInt8(end.readUInt8(end.length - 1) + 1, end.length - 1);
  return { key: Buffer.from(prefix), range_end: end };
}
