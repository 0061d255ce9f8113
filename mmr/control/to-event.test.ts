import { describe, expect, test } from 'vitest';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { Event } from '../../proto/gen/zonecast/router/v1/Event.ts';
import { RouterService } from '../../proto/load.ts';
import { toEvent } from './to-event.ts';

/** Through the serialisation that gRPC uses. */
function overTheWire(event: Event | undefined): Event {
  const { responseSerialize, responseDeserialize } = RouterService.service.Events;
  return responseDeserialize(responseSerialize(event ?? {}));
}

describe('toEvent', () => {
  const meeting = 'm' as MeetingId;
  const participant = 'p' as ParticipantId;

  test('empty slots are empty strings on the wire', () => {
    const slots = [{ mid: '4', participant: undefined, kind: undefined }];
    expect(toEvent({ type: 'slots', meeting, participant, slots })).toEqual({
      slots: { meeting, participant, slots: [{ mid: '4', participant: '', kind: '', suspended: false }] },
    });
  });

  test('a suspended slot, a stopped encoding and a quality of one direction pass the wire as they are', () => {
    const slots = [{ mid: '4', participant: 'q', kind: 'camera' as const, suspended: true }];
    const encodings = [
      { rid: 'l', active: true, maxHeight: undefined },
      { rid: 'h', active: false, maxHeight: 540 },
    ];
    const qualities = [{ participant: 'p', uplink: undefined, downlink: 0 }];
    const events = [
      toEvent({ type: 'slots', meeting, participant, slots }),
      toEvent({ type: 'encodings', meeting, participant, source: 'camera', encodings }),
      toEvent({ type: 'quality', meeting, qualities }),
    ];
    expect(events.map((event) => overTheWire(event))).toMatchObject([
      { slots: { slots } },
      { encodings: { source: 'camera', encodings: [{ rid: 'l', active: true, maxHeight: 0 }, encodings[1]] } },
      { quality: { qualities: [{ participant: 'p', downlink: 0 }] } },
    ]);
    expect(overTheWire(events[2]).quality?.qualities?.[0]?._uplink).toBeUndefined();
  });
});
