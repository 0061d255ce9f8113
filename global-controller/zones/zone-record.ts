/** What the directory says of a zone: written by global controllers for operators, read by everybody. */
import { z } from 'zod';
import { geoPoint } from '../geo/geo-point.ts';

const MAX_URLS = 16;
const MAX_LABELS = 32;
const shortText = z.string().max(256);

export const zoneRecord = z.object({
  /** Ed25519, PEM (SPKI): what the zone says is signed with its private half. */
  publicKey: z.string().max(1_024),
  /** Authority of the zone's routers. */
  caPem: z.string().max(16_384),
  /** For people. */
  name: shortText.default(''),
  /** For people and for labels: `europe`. */
  region: shortText.default(''),
  /** Where its routers stand; without it, geography says nothing of the zone. */
  coordinates: geoPoint.optional(),
  /** Where clients reach its controllers, in order. */
  urls: z
    .array(z.url({ protocol: /^https?$/ }))
    .max(MAX_URLS)
    .default([]),
  /** What a gigabyte costs that leaves the zone, in one currency for all zones. */
  cost: z.number().min(0).max(1_000_000).default(0),
  labels: z
    .record(shortText, shortText)
    .refine((labels) => Object.keys(labels).length <= MAX_LABELS)
    .default({}),
  /** An operator wants nobody new there. */
  drained: z.boolean().default(false),
});
export type ZoneRecord = z.output<typeof zoneRecord>;
