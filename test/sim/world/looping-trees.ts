/** A planted bug: a bus that adds to every tree its first edge the other way round. */
import type { Bucket, BucketSpec } from '../../../bus/bucket.ts';
import type { Bus } from '../../../bus/bus.ts';
import { TREES_BUCKET } from '../../../global-controller/buckets.ts';
import type { TreeRecord } from '../../../global-controller/trees/zone-tree.ts';

export function loopingTrees(bus: Bus): Bus {
  const bucketOf = (spec: BucketSpec): Bucket => {
    const bucket = bus.bucket(spec);
    if (spec.name !== TREES_BUCKET.name) return bucket;
    const put: Bucket['put'] = (key, value, expected) => bucket.put(key, looped(value as TreeRecord), expected); // all are
    return replaced(bucket, 'put', put);
  };
  return replaced(bus, 'bucket', bucketOf);
}

function looped({ edges, ...rest }: TreeRecord): TreeRecord {
  const [first] = edges;
  return { ...rest, edges: first ? [...edges, { zone: first.parent, parent: first.zone }] : edges };
}

/** As `object`, but for one method. */
function replaced<Target extends object, Name extends keyof Target>(
  object: Target,
  name: Name,
  method: Target[Name],
): Target {
  return new Proxy(object, {
    get: (target, wanted) => {
      if (wanted === name) return method;
      const value = Reflect.get(target, wanted, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
