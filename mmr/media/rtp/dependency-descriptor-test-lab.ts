/** Writes dependency descriptors for tests, straight from the syntax of RTP Payload Format For AV1 1.0, appendix A.8. */

/** One letter per decode target: `-` not present, `D` discardable, `S` switch, `R` required. */
export type Indications = string;

export interface LabTemplate {
  readonly spatial: number;
  readonly temporal: number;
  readonly indications: Indications;
  readonly frameDiffs: readonly number[];
  /** One per chain. */
  readonly chainDiffs: readonly number[];
}

export interface LabStructure {
  readonly templateIdOffset: number;
  readonly templates: readonly LabTemplate[];
  /** Chain by decode target; empty without chains. */
  readonly protectedBy: readonly number[];
  readonly resolutions?: readonly (readonly [width: number, height: number])[] | undefined;
}

export interface LabDescriptor {
  readonly startOfFrame?: boolean;
  readonly endOfFrame?: boolean;
  readonly templateId: number;
  readonly frameNumber: number;
  readonly structure?: LabStructure | undefined;
  /** Value and width in bits. */
  readonly active?: readonly [targets: number, count: number] | undefined;
  readonly indications?: Indications | undefined;
  readonly frameDiffs?: readonly number[] | undefined;
  readonly chainDiffs?: readonly number[] | undefined;
}

export function labDescriptor(descriptor: LabDescriptor): Uint8Array {
  const { startOfFrame = true, endOfFrame = true, structure, active, indications, frameDiffs, chainDiffs } = descriptor;
  const out = new BitWriter();
  out.flag(startOfFrame);
  out.flag(endOfFrame);
  out.put(descriptor.templateId, 6);
  out.put(descriptor.frameNumber, 16);
  const custom = [structure, active, indications, frameDiffs, chainDiffs];
  if (custom.every((part) => part === undefined)) return out.bytes();
  for (const part of custom) out.flag(part !== undefined);
  if (structure !== undefined) putStructure(out, structure);
  if (active !== undefined) out.put(...active);
  if (indications !== undefined) putIndications(out, indications);
  if (frameDiffs !== undefined) {
    for (const diff of frameDiffs) {
      const nibbles = diff <= 16 ? 1 : diff <= 256 ? 2 : 3;
      out.put(nibbles, 2);
      out.put(diff - 1, 4 * nibbles);
    }
    out.put(0, 2);
  }
  for (const diff of chainDiffs ?? []) out.put(diff, 8);
  return out.bytes();
}

function putStructure(out: BitWriter, { templateIdOffset, templates, protectedBy, resolutions }: LabStructure): void {
  const targets = templates[0]?.indications.length ?? 1;
  out.put(templateIdOffset, 6);
  out.put(targets - 1, 5);
  for (let i = 1; i <= templates.length; i++) {
    const previous = templates[i - 1] as LabTemplate;
    const next = templates[i];
    if (next === undefined) out.put(3, 2);
    else if (next.spatial > previous.spatial) out.put(2, 2);
    else out.put(next.temporal > previous.temporal ? 1 : 0, 2);
  }
  for (const { indications } of templates) putIndications(out, indications);
  for (const { frameDiffs } of templates) {
    for (const diff of frameDiffs) {
      out.put(1, 1);
      out.put(diff - 1, 4);
    }
    out.put(0, 1);
  }
  const chains = templates[0]?.chainDiffs.length ?? 0;
  out.nonSymmetric(chains, targets + 1);
  if (chains > 0) {
    for (const chain of protectedBy) out.nonSymmetric(chain, chains);
    for (const { chainDiffs } of templates) for (const diff of chainDiffs) out.put(diff, 4);
  }
  out.flag(resolutions !== undefined);
  for (const [width, height] of resolutions ?? []) {
    out.put(width - 1, 16);
    out.put(height - 1, 16);
  }
}

function putIndications(out: BitWriter, indications: Indications): void {
  for (const letter of indications) out.put('-DSR'.indexOf(letter), 2);
}

class BitWriter {
  readonly #bits: number[] = [];

  put(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) this.#bits.push(Math.floor(value / 2 ** i) % 2);
  }

  flag(value: boolean): void {
    this.put(value ? 1 : 0, 1);
  }

  /** ns(n) of the AV1 specification, section 4.10.7. */
  nonSymmetric(value: number, n: number): void {
    let width = 0;
    while (n >>> width !== 0) width++;
    const short = 2 ** width - n;
    if (value < short) this.put(value, width - 1);
    else this.put(value + short, width);
  }

  bytes(): Uint8Array {
    const size = Math.ceil(this.#bits.length / 8);
    return Uint8Array.from({ length: size }, (_, i) =>
      this.#bits.slice(8 * i, 8 * i + 8).reduce((byte, bit, at) => byte | (bit << (7 - at)), 0),
    );
  }
}

const template = (
  spatial: number,
  temporal: number,
  indications: Indications,
  frameDiffs: readonly number[],
  chainDiffs: readonly number[],
): LabTemplate => ({ spatial, temporal, indications, frameDiffs, chainDiffs });

/** Three temporal layers in the order 0 2 1 2; templates: key, base, middle, first top, second top. */
export const L1T3: LabStructure = {
  templateIdOffset: 0,
  templates: [
    template(0, 0, 'SSS', [], [0]),
    template(0, 0, 'SSS', [4], [4]),
    template(0, 1, '-DS', [2], [2]),
    template(0, 2, '--D', [1], [1]),
    template(0, 2, '--D', [1], [3]),
  ],
  protectedBy: [0, 0, 0],
};

/** Two spatial layers, the upper one always predicted from the lower; templates: key and delta of each. */
export const L2T1: LabStructure = {
  templateIdOffset: 10,
  templates: [
    template(0, 0, 'SS', [], [0, 0]),
    template(0, 0, 'SR', [2], [2, 1]),
    template(1, 0, '-S', [1], [1, 1]),
    template(1, 0, '-S', [2, 1], [1, 1]),
  ],
  protectedBy: [0, 1],
  resolutions: [
    [320, 180],
    [640, 360],
  ],
};
