/** What a controller has done for the world since its start. */
/** What the zone writes. */
export type Written = 'presence' | 'definitions' | 'blocks';

export class WorldCounts {
  readonly written: Record<Written, number> = { presence: 0, definitions: 0, blocks: 0 };
  readonly failures: Record<Written, number> = { presence: 0, definitions: 0, blocks: 0 };
  readonly links = { taken: 0, failed: 0 };
  statuses = 0;
}
