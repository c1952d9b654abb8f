import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import type { Charts } from '../../ports/charts.ts';
import { palettePng } from './palette-png.ts';

/** Settings of `resvgCharts`. */
export interface ResvgOptions {
  /** The folder with the two fonts of the charts; no font of the machine is ever used. */
  readonly fonts: string;
  /** Pixels of the picture for one of the SVG. */
  readonly scale?: number;
}

const FONTS = ['DejaVuSansCondensed.ttf', 'DejaVuSansCondensed-Bold.ttf'];
const FAMILY = 'DejaVu Sans Condensed';
/** Sharp on dense screens, and still small enough for three in one mail. */
const SCALE = 2;

/** Draws charts with resvg, without a browser and without anything of the machine. */
export function resvgCharts({ fonts, scale = SCALE }: ResvgOptions): Charts {
  const fontFiles = FONTS.map((name) => join(fonts, name));
  return {
    async draw(svg) {
      const picture = new Resvg(svg, {
        fitTo: { mode: 'zoom', value: scale },
        font: { fontFiles, loadSystemFonts: false, defaultFontFamily: FAMILY },
      });
      const { width, height, pixels } = picture.render();
      return palettePng({ width, height, rgba: pixels });
    },
  };
}
