/** AudioWorkletGlobalScope (Web Audio API section 1.32), which TypeScript's lib.dom does not have. */

/** What is asked for of processors; the class itself comes from the scope. */
interface Processor {
  readonly port: MessagePort;
}
type ProcessorClass = new (options?: { processorOptions?: unknown }) => Processor;

interface WorkletScope {
  readonly AudioWorkletProcessor: ProcessorClass;
  registerProcessor(name: string, processor: ProcessorClass): void;
}

// Only worklets import this module, and in them the scope is this.
export const workletScope = globalThis as unknown as WorkletScope;
