/** Transport-wide feedback: `readTransportFeedback` on a packet as `readRtcp` hands it over. */
import {
  MAX_FEEDBACK_STATUSES,
  readTransportFeedback,
  TransportFeedbackReport,
} from '../../../mmr/media/rtp/rtcp/transport-feedback-reader.ts';
import { type FuzzTarget, hold, isUint } from '../fuzz-target.ts';

const CLOCK_US = 2 ** 24 * 64_000;

export const transportFeedbackTarget: FuzzTarget = {
  name: 'transport-feedback',
  runs: 60_000,
  maxSize: 1500,
  readsPerByte: 2,
  run(bytes, offset, size) {
    const report = new TransportFeedbackReport();
    if (!readTransportFeedback(bytes, offset, size, report)) {
      hold(report.count === 0, 'a refused packet leaves nothing');
      return false;
    }
    hold(report.count >= 1 && report.count <= MAX_FEEDBACK_STATUSES, 'count');
    hold(isUint(report.baseSequence, 16) && isUint(report.feedbackCount, 8), 'numbers');
    const arrivals = Array.from(report.arrivalUs.subarray(0, report.count));
    const received = arrivals.filter((arrivalUs) => !Number.isNaN(arrivalUs));
    hold(received.length === report.received && received.length <= size, 'received');
    hold(
      received.every((arrivalUs) => arrivalUs >= 0 && arrivalUs < CLOCK_US && arrivalUs % 250 === 0),
      'arrivals',
    );
    return [report.baseSequence, report.feedbackCount, arrivals];
  },
  repair(input, random) {
    // A small count: most mutated ones ask for more chunks than there are.
    if (input.length > 15) {
      input[14] = 0;
      if (random.chance(2)) input[15] = (input[15] as number) & 0x1f;
    }
  },
};
