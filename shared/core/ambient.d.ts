// The few globals of every JavaScript runtime that pure code may use. With "types": [] nothing of Node is
// visible here, so a stray system call does not compile.
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: Uint8Array): string;
}
declare class TextEncoder {
  encode(input?: string): Uint8Array;
}
