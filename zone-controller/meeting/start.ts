/** What a meeting begins with, for whoever is the first: what its definition says, and the defaults for the rest. */
import type { MeetingId } from '../../common/ids.ts';
import type { MeetingStart, Settings } from '../../mmr/control/state/meeting-state.ts';
import { DEFAULT_SETTINGS } from '../../proto/meeting-settings.ts';
import type { MeetingDefinition } from '../registry/records.ts';

export function startOf({ settings = {}, main }: Pick<MeetingDefinition, 'settings' | 'main'>): MeetingStart {
  const said = Object.entries(settings).filter(([, value]) => value !== undefined);
  const all = { ...DEFAULT_SETTINGS, ...(Object.fromEntries(said) as Partial<Settings>) }; // those that are said
  // The cast: only ids of meetings are written there.
  return main === undefined ? { settings: all } : { settings: all, main: main as MeetingId };
}
