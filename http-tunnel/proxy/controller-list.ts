/** Where the zone's controllers are, from whomever knows it. */

export interface ControllerList {
  /** `https://host:port` or `http://host:port` of each, as they last were known. */
  readonly urls: readonly string[];
  /** Calls `listener` after every change, until the returned function is called. */
  onChange(listener: () => void): () => void;
}

/** Those that an operator has written down. */
export class FixedControllers implements ControllerList {
  readonly urls: readonly string[];

  constructor(urls: readonly string[]) {
    this.urls = urls;
  }

  onChange(): () => void {
    return () => undefined;
  }
}
