/** Draws SVG as PNG. Rejects where it cannot be drawn; the mail then goes without a picture. */
export interface Charts {
  /** The picture's bytes; the same text gives the same bytes. */
  draw(svg: string): Promise<Uint8Array>;
}
