import type { Bus, BusState } from '../bus.ts';

/** Resolves when the bus is in a state. */
export async function becomes(bus: Bus, state: BusState): Promise<void> {
  if (bus.state === state) return;
  await new Promise<void>((resolve) => {
    const stop = bus.onState((now) => {
      if (now !== state) return;
      stop();
      resolve();
    });
  });
}
