import { describe, expect, test } from 'vitest';
import { fromHex } from '../from-hex.ts';
import { isH264Keyframe } from './h264-payload.ts';

const isKeyframe = (payload: string) => {
  const bytes = fromHex(payload);
  return isH264Keyframe(bytes, 0, bytes.length);
};

describe('a key frame starts', () => {
  test.each([
    ['with a sequence parameter set', '67 42e01f'],
    ['with one of lower importance', '27 42e01f'],
    ['with a STAP-A of SPS and PPS', '78 0002 6742 0002 68ce'],
    ['with a delimiter, then SPS', '78 0002 09f0 0002 6742'],
    ['with the first fragment of an SPS', '7c 87 42'],
  ])('%s', (_, payload) => {
    expect(isKeyframe(payload)).toBe(true);
  });
});

describe('no key frame starts', () => {
  test.each([
    ['in a non-IDR slice', '41 9a'],
    ['in an IDR slice: its parameter sets went before', '65 88'],
    ['in the first fragment of an IDR slice', '7c 85 88'],
    ['in a STAP-A of PPS and IDR slice', '78 0002 68ce 0002 6588'],
    ['in a picture parameter set alone', '68 ce'],
    ['in SEI', '06 05'],
    ['in a STAP-A of slices', '78 0002 419a 0002 419b'],
    ['in a later fragment of an SPS', '7c 07 42'],
    ['in the last fragment of an SPS', '7c 47 42'],
    ['in the first fragment of a non-IDR slice', '7c 81 9a'],
    ['in a fragment that is first and last, which is forbidden', '7c c7 42'],
    ['in an empty payload', ''],
    ['in a lone header byte', '67'],
    ['in an FU-A without payload', '7c 87'],
    ['in an empty STAP-A', '78 00'],
    ['in a STAP-A with a unit of size 0', '78 0000 0002 6742'],
    ['in a STAP-A cut in a size', '78 0002 6742 00'],
    ['in a STAP-A whose unit lies about its size', '78 ffff 6742'],
    ['in a STAP-A whose second unit lies about its size', '78 0002 6742 0003 68ce'],
    ['in an STAP-B', '79 0000 0002 6742'],
    ['in an FU-B', '7d 87 0000 42'],
    ['in an undefined type', '7f 00'],
  ])('%s', (_, payload) => {
    expect(isKeyframe(payload)).toBe(false);
  });
});

test('reads only its own range', () => {
  const bytes = fromHex('ff 78 0002 6742 0002 68ce');
  expect(isH264Keyframe(bytes, 1, 9)).toBe(true);
  expect(isH264Keyframe(bytes, 1, 8)).toBe(false);
});
