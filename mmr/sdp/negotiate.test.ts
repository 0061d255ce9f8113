import { readFileSync } from 'node:fs';
import { parse } from 'sdp-transform';
import { describe, expect, test } from 'vitest';
import { JOIN_SOURCES, LOCAL, negotiated } from './test-negotiation.ts';

const readFixture = (name: string): string => readFileSync(new URL(`fixtures/${name}.sdp`, import.meta.url), 'utf8');

const CHROMIUM = readFixture('chromium-156-join');
const CHROMIUM_SOURCES = { ...JOIN_SOURCES, '2': 'screen' } as const;
const FIREFOX = readFixture('firefox-shaped-join');
const LIBDATACHANNEL = readFixture('libdatachannel-join');

describe('an offer of Chromium', () => {
  const { answer, media, transport, mids } = negotiated(CHROMIUM, CHROMIUM_SOURCES);
  const parsed = parse(answer);

  test('sources: kinds, first SSRC of the FID pair, codecs in the order of the offer', () => {
    expect(media.sources.map(({ mid, kind, ssrc, muted }) => [mid, kind, ssrc, muted])).toEqual([
      ['0', 'microphone', 2393478454, false],
      ['1', 'camera', 2365300627, false],
      ['2', 'screen', expect.any(Number), true],
    ]);
    expect(media.sources[0]?.codecs).toEqual([
      { name: 'opus', payloadType: 111, clockRateHz: 48_000, key: 'opus', redPayloadType: 63 },
    ]);
    expect(
      media.sources[1]?.codecs.map(({ payloadType, key, rtxPayloadType }) => [payloadType, key, rtxPayloadType]),
    ).toEqual([
      [96, 'VP8', 97],
      [102, 'H264/4200/1', 103],
      [104, 'H264/4200/0', 107],
      [108, 'H264/42e0/1', 109],
      [114, 'H264/42e0/0', 115],
      [45, 'AV1/0', 46],
      [98, 'VP9/0', 99],
    ]);
  });

  test('slots: SSRCs of ours, announced in the answer', () => {
    expect(media.slots.map(({ mid, kind, ssrc }) => [mid, kind, ssrc])).toEqual([
      ['3', 'audio', 7003],
      ['4', 'audio', 7004],
      ['5', 'video', 7005],
      ['6', 'video', 7006],
    ]);
    expect(parsed.media[3]?.ssrcs).toEqual([{ id: 7003, attribute: 'cname', value: 'router-cname' }]);
    expect(parsed.media[5]?.ssrcs).toEqual([
      { id: 7005, attribute: 'cname', value: 'router-cname' },
      { id: 8005, attribute: 'cname', value: 'router-cname' },
    ]);
    expect(parsed.media[5]?.ssrcGroups).toEqual([{ semantics: 'FID', ssrcs: '7005 8005' }]);
    expect(parsed.media.map(({ direction }) => direction)).toEqual([
      ...['recvonly', 'recvonly', 'recvonly'],
      ...['sendonly', 'sendonly', 'sendonly', 'sendonly'],
    ]);
  });

  test('header extensions by the ids of the offer; 0 for those that it lacks', () => {
    expect(media.extensions).toEqual({
      mid: 4,
      rid: 0,
      repairedRid: 0,
      audioLevel: 1,
      transportSequenceNumber: 3,
      // Nobody reads it: feedback goes by the transport-wide number.
      videoOrientation: 13,
      dependencyDescriptor: 0,
    });
  });

  test('transport: theirs from the offer, ours once for all sections, candidates in the first', () => {
    expect(transport).toMatchObject({ localUfrag: 'routerufrag', remoteUfrag: 'Hpmj' });
    expect(transport.remoteFingerprints).toEqual([{ algorithm: 'sha-256', value: expect.any(Uint8Array) }]);
    expect(Buffer.from(transport.remoteFingerprints[0]?.value ?? []).toString('hex')).toMatch(/^2a08efaf.*1e5f82$/);
    expect(parsed.icelite).toBe('ice-lite');
    expect(parsed.groups).toEqual([{ type: 'BUNDLE', mids: '0 1 2 3 4 5 6' }]);
    expect(parsed).toMatchObject({ iceUfrag: 'routerufrag', icePwd: LOCAL.password, setup: 'passive' });
    expect(parsed.fingerprint?.hash).toBe(
      Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0').toUpperCase()).join(':'),
    );
    for (const section of parsed.media) {
      expect(section).toMatchObject({ rtcpMux: 'rtcp-mux', port: 9 });
      expect(section.iceUfrag).toBeUndefined();
    }
    expect(parsed.media[0]?.candidates?.map(({ ip, port, priority }) => [ip, port, priority])).toEqual([
      ['192.0.2.7', 8801, 2130706431],
      ['2001:db8::7', 8801, 2130706175],
    ]);
    expect(parsed.media.slice(1).every(({ candidates }) => candidates === undefined)).toBe(true);
    expect(mids).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });

  test('TCP at the same addresses: after UDP, each less preferred than the one before (RFC 6544 sections 4.2 and 4.5)', () => {
    const { answer: withTcp } = negotiated(CHROMIUM, CHROMIUM_SOURCES, { ...LOCAL, iceTcp: true });
    expect(withTcp.split('\r\n').filter((line) => line.startsWith('a=candidate'))).toEqual([
      'a=candidate:1 1 udp 2130706431 192.0.2.7 8801 typ host',
      'a=candidate:2 1 udp 2130706175 2001:db8::7 8801 typ host',
      'a=candidate:3 1 tcp 1520435199 192.0.2.7 8801 typ host tcptype passive',
      'a=candidate:4 1 tcp 1520434943 2001:db8::7 8801 typ host tcptype passive',
    ]);
    expect(answer).not.toMatch(/ tcp /);
  });

  test('feedback: transport-cc both ways, no REMB beside it; FIR only where PLI is not known; no FEC', () => {
    const feedback = (i: number): string[] =>
      (parsed.media[i]?.rtcpFb ?? [])
        .filter(({ payload }) => payload === 96)
        .map((fb) => `${fb.type} ${fb.subtype ?? ''}`.trim());
    expect(feedback(1)).toEqual(['transport-cc', 'nack', 'nack pli']);
    expect(feedback(5)).toEqual(['transport-cc', 'nack', 'nack pli']);
    expect(answer).not.toMatch(/ulpfec|flexfec|red\/90000|goog-remb|ccm fir/);
    expect(answer.endsWith('\r\n')).toBe(true);
  });
});

describe('other offers', () => {
  test('sendrecv is a source when it is named, a slot when not; data channels are rejected; candidates are ignored', () => {
    const offer = readFixture('chromium-156-sendrecv-datachannel');
    const asSource = negotiated(offer, { '0': 'camera' });
    expect(asSource.media.sources.map(({ mid }) => mid)).toEqual(['0']);
    expect(asSource.media.slots.map(({ mid }) => mid)).toEqual(['1']);
    expect(negotiated(offer, {}).media.slots.map(({ mid }) => mid)).toEqual(['0', '1']);
    const parsed = parse(asSource.answer);
    expect(parsed.media.map(({ type, port, direction }) => [type, port, direction])).toEqual([
      ['video', 9, 'recvonly'],
      ['audio', 9, 'sendonly'],
      ['application', 0, 'inactive'],
    ]);
    expect(parsed.groups?.[0]?.mids).toBe('0 1');
    expect(asSource.answer).not.toContain('.local');
  });

  test('a Firefox-shaped offer: session-level fingerprint, its payload types, extmap directions', () => {
    const { media, transport, answer } = negotiated(FIREFOX, JOIN_SOURCES);
    expect(transport.remoteUfrag).toBe('9f3e2d1c');
    expect(transport.remoteFingerprints).toHaveLength(1);
    expect(media.sources.map(({ ssrc }) => ssrc)).toEqual([1730284910, 2938475610]);
    expect(media.slots[1]?.codecs.map(({ payloadType, key }) => [payloadType, key])).toEqual([
      ...[
        [120, 'VP8'],
        [121, 'VP9/0'],
        [126, 'H264/42e0/1'],
        [97, 'H264/42e0/0'],
      ],
      ...[
        [105, 'H264/4200/1'],
        [103, 'H264/4200/0'],
        [99, 'AV1/0'],
      ],
    ]);
    expect(media.extensions).toMatchObject({ mid: 3, audioLevel: 1, transportSequenceNumber: 7 });
    expect(answer).toContain('a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1');
    expect(parse(answer).media[0]?.rtcpRsize).toBeUndefined();
    expect(parse(answer).media[1]?.rtcpRsize).toBe('rtcp-rsize');
  });

  test('two codec keys are equal exactly where two browsers understand each other', () => {
    const chromium = negotiated(CHROMIUM, CHROMIUM_SOURCES).media.slots[3]?.codecs ?? [];
    const firefox = negotiated(FIREFOX, JOIN_SOURCES).media.slots[1]?.codecs ?? [];
    const common = chromium.map(({ key }) => key).filter((key) => firefox.some((codec) => codec.key === key));
    expect(common.toSorted()).toEqual(
      ['AV1/0', 'H264/4200/0', 'H264/4200/1', 'H264/42e0/0', 'H264/42e0/1', 'VP8', 'VP9/0'].toSorted(),
    );
  });

  test('an offer of libdatachannel', () => {
    const { media } = negotiated(LIBDATACHANNEL, JOIN_SOURCES);
    expect(media.sources.map(({ kind, codecs }) => [kind, codecs[0]?.key])).toEqual([
      ['microphone', 'opus'],
      ['camera', 'VP8'],
    ]);
    expect(media.slots.map(({ kind }) => kind)).toEqual(['audio', 'video']);
    expect(media.extensions).toMatchObject({ mid: 4, audioLevel: 1, transportSequenceNumber: 0 });
  });

  test('IPv6 connection lines and an offer in LF only', () => {
    const ipv6 = FIREFOX.replaceAll('IN IP4 0.0.0.0', 'IN IP6 ::').replaceAll('\r\n', '\n');
    expect(negotiated(ipv6, JOIN_SOURCES).media.slots).toHaveLength(2);
  });

  test('a source of unknown codecs only is rejected, the rest of the offer lives', () => {
    const offer = FIREFOX.replace('m=video 9 UDP/TLS/RTP/SAVPF 120', 'm=video 9 UDP/TLS/RTP/SAVPF 122').replace(
      /(a=mid:1[\s\S]*?)m=audio/,
      (section) => section.replace(/a=rtpmap:(120|121|126|97|105|103|99) \S+/g, 'a=rtpmap:$1 XYZ/90000'),
    );
    const { media, answer } = negotiated(offer, JOIN_SOURCES);
    expect(media.sources.map(({ kind }) => kind)).toEqual(['microphone']);
    expect(parse(answer).media[1]).toMatchObject({ port: 0, direction: 'inactive' });
  });

  test('when the first bundled m-line is rejected, the next one carries the transport', () => {
    const offer = LIBDATACHANNEL.replace('opus/48000/2', 'opus/16000');
    const { answer } = negotiated(offer, { '0': 'microphone', '1': 'camera' });
    const parsed = parse(answer);
    expect(parsed.media[0]?.port).toBe(0);
    expect(parsed.media[1]?.candidates).toHaveLength(2);
  });

  test('the transport is that of the first mid of the group, which need not be the first m-line (RFC 9143 section 7.3)', () => {
    const offer = LIBDATACHANNEL.replace('BUNDLE 0 1', 'BUNDLE 1 0');
    const parsed = parse(negotiated(offer, JOIN_SOURCES).answer);
    expect(parsed.groups?.[0]?.mids).toMatch(/^1 0/);
    expect(parsed.media[0]?.candidates).toBeUndefined();
    expect(parsed.media[1]?.candidates).toHaveLength(2);
  });

  test('an m-line of the BUNDLE alone (port 0, bundle-only) is taken, a stopped one (port 0) is not', () => {
    const bundleOnly = LIBDATACHANNEL.replace(/m=video \d+ /, 'm=video 0 ').replace(
      'a=mid:1',
      'a=bundle-only\r\na=mid:1',
    );
    expect(parse(negotiated(bundleOnly, JOIN_SOURCES).answer).media[1]?.port).toBe(9);
    const stopped = bundleOnly.replace('a=bundle-only\r\n', '');
    const { media, groups } = parse(negotiated(stopped, JOIN_SOURCES).answer);
    expect(media[1]?.port).toBe(0);
    expect(groups?.[0]?.mids).not.toContain('1');
  });

  test('without extmap-allow-mixed no slot gets what would need the two-byte form (RFC 8285 section 6)', () => {
    const idsOf = (offer: string): (number | undefined)[][] => {
      const { answer } = negotiated(offer, CHROMIUM_SOURCES);
      expect(answer.includes('a=extmap-allow-mixed')).toBe(offer.includes('a=extmap-allow-mixed'));
      return parse(answer).media.map(({ ext }) => (ext ?? []).map(({ value }) => value));
    };
    const offer = CHROMIUM.replaceAll('a=extmap:13 urn:3gpp', 'a=extmap:16 urn:3gpp');
    expect(offer).not.toBe(CHROMIUM);
    const mixed = idsOf(offer);
    const plain = idsOf(offer.replace('a=extmap-allow-mixed', 'a=x'));
    expect(mixed[5]).toContain(16);
    expect(plain[5]).not.toContain(16);
    expect(plain[5]).toContain(4);
    // What the client sends is the client's choice.
    expect(plain.slice(0, 3)).toEqual(mixed.slice(0, 3));
  });

  test('an offer of Chromium with 49 video slots is not too large', () => {
    const [head = '', ...sections] = CHROMIUM.replaceAll(/\r?\n/g, '\r\n').split(/(?=^m=)/m);
    // 2 KB more in each: other builds of Chromium have more codecs than the recorded one.
    const more = Array.from({ length: 50 }, (_, i) => `a=rtcp-fb:${i} x-${'y'.repeat(24)}\r\n`).join('');
    const slot = `${sections.at(-1)}${more}`;
    const slots = Array.from({ length: 47 }, (_, i) => slot.replace('a=mid:6', `a=mid:${7 + i}`));
    const group = head.replace('BUNDLE 0 1 2 3 4 5 6', `BUNDLE ${Array.from({ length: 54 }, (_, i) => i).join(' ')}`);
    const offer = [group, ...sections, ...slots].join('');
    expect(offer.length).toBeGreaterThan(340_000);
    const video = negotiated(offer, CHROMIUM_SOURCES).media.slots.filter(({ kind }) => kind === 'video');
    expect(video).toHaveLength(49);
  });

  test('payload types that collide with RTCP (RFC 5761) are not taken', () => {
    const offer = LIBDATACHANNEL.replaceAll('SAVPF 96', 'SAVPF 72').replaceAll(/:96 /g, ':72 ');
    expect(negotiated(offer, JOIN_SOURCES).media.slots.map(({ kind }) => kind)).toEqual(['audio']);
  });

  test('reduced-size RTCP (RFC 5506) when every m-line agrees', () => {
    expect(negotiated(CHROMIUM, CHROMIUM_SOURCES).transport.reducedSizeRtcp).toBe(true);
    expect(negotiated(FIREFOX, JOIN_SOURCES).transport.reducedSizeRtcp).toBe(false);
  });

  test('rtcp-fb for all payload types at once', () => {
    const offer = LIBDATACHANNEL.replaceAll(/a=rtcp-fb:96 nack\r\n/g, 'a=rtcp-fb:* nack\r\n');
    expect(negotiated(offer, JOIN_SOURCES).answer).toContain('a=rtcp-fb:96 nack\r\n');
  });

  test('several fingerprints, any of which may match; hex in lower case', () => {
    const hex = (bytes: number): string => Array.from({ length: bytes }, () => 'ab').join(':');
    const lines = [`sha-384 ${hex(48)}`, `SHA-512 ${hex(64)}`].map((line) => `a=fingerprint:${line}\r\n`);
    const { transport } = negotiated(LIBDATACHANNEL.replace('t=0 0\r\n', `t=0 0\r\n${lines.join('')}`), JOIN_SOURCES);
    expect(transport.remoteFingerprints.map(({ algorithm, value }) => [algorithm, value.length])).toEqual([
      ['sha-384', 48],
      ['sha-512', 64],
      ['sha-256', 32],
    ]);
  });

  test('extensions that are encrypted are not taken; those for one direction where it is used', () => {
    const offer = LIBDATACHANNEL.replaceAll('extmap:1 urn', 'extmap:1/recvonly urn').replaceAll(
      'extmap:4 ',
      'extmap:4 urn:ietf:params:rtp-hdrext:encrypt ',
    );
    const { media, answer } = negotiated(offer, JOIN_SOURCES);
    expect(media.extensions).toMatchObject({ mid: 0, audioLevel: 1 });
    expect(media.slotExtensions).toMatchObject({ mid: 0, audioLevel: 1 });
    const directions = parse(answer).media.map(({ ext }) => ext?.map(({ value, direction }) => [value, direction]));
    expect(directions).toEqual([undefined, undefined, [[1, 'sendonly']], undefined]);
    const sent = negotiated(LIBDATACHANNEL.replaceAll('extmap:1 urn', 'extmap:1/sendonly urn'), JOIN_SOURCES).media;
    expect([sent.extensions.audioLevel, sent.slotExtensions?.audioLevel]).toEqual([1, 0]);
  });

  test('the answer depends on nothing but its arguments', () => {
    expect(negotiated(CHROMIUM, CHROMIUM_SOURCES).answer).toBe(
      negotiated(CHROMIUM, CHROMIUM_SOURCES, { ...LOCAL }).answer,
    );
  });
});

describe('with sound only', () => {
  test.each([
    ['Chromium', CHROMIUM],
    ['Firefox', FIREFOX],
  ])('pictures in the offer of %s are answered as inactive, and nothing is agreed about them', (_, offer) => {
    const sources = offer === CHROMIUM ? CHROMIUM_SOURCES : JOIN_SOURCES;
    const full = negotiated(offer, sources);
    const { answer, media, mids } = negotiated(offer, sources, { ...LOCAL, audioOnly: true });
    expect(media.sources).toEqual(full.media.sources.filter(({ kind }) => kind === 'microphone'));
    expect(media.slots).toEqual(full.media.slots.filter(({ kind }) => kind === 'audio'));
    expect(mids).toEqual(full.mids);
    for (const { type, direction, port } of parse(answer).media) {
      expect(port).toBe(9);
      if (type === 'video') expect(direction).toBe('inactive');
      else expect(direction).not.toBe('inactive');
    }
  });
});
