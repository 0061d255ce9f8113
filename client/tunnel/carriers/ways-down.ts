/** How records come down by HTTP. */
import { MAX_POLLS } from '../../../proto/tunnel.ts';
import type { AskCarrier, WayDown } from './http-carrier.ts';
import { RefusedError } from './http-requests.ts';

/** A poll that got lost on its way is asked for again, with the same number: the same answer comes. */
const POLL_RETRIES = 2;
const RETRY_MS = 200;

/** One answer that does not end. */
export const byStream: WayDown = async (ask, handleBytes) => {
  const { body } = await ask('stream');
  const reader = body?.getReader();
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) handleBytes(part.value);
};

/**
 * Short answers, MAX_POLLS asked for at a time: while one is on its way, the tunnel has the next request to answer. They are given out in order, whichever
 * comes first.
 */
export const byPolls: WayDown = async (ask, handleBytes) => {
  let number = 0;
  let handled: Promise<unknown> = Promise.resolve();
  const pollOn = async (): Promise<void> => {
    for (;;) {
      const before = handled;
      handled = Promise.all([poll(ask, ++number), before]).then(([bytes]) => handleBytes(bytes));
      await handled;
    }
  };
  await Promise.all(Array.from({ length: MAX_POLLS }, pollOn));
};

async function poll(ask: AskCarrier, number: number): Promise<Uint8Array> {
  for (let lost = 0; ; ) {
    try {
      const answer = await ask('poll', number);
      return new Uint8Array(await answer.arrayBuffer());
    } catch (error) {
      if (error instanceof RefusedError || ++lost > POLL_RETRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
