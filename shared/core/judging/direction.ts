import type { Comparison } from '../schema/test-config.ts';

/** Which values of a metric are good; null: neither, any change is bad. */
export type Good = 'higher' | 'lower' | null;

/** Words of names, the telling ones first: `examples_per_sec` is a rate although seconds are a time. */
const WORDS: readonly (readonly [RegExp, Exclude<Good, null>])[] = [
  [
    /per[_ ]?(seconds?|secs?|minute|hour|s)([^a-z]|$)|throughput|goodput|mfu|utili[sz]ation|fps|qps/,
    'higher',
  ],
  [/time_to|total_wall_time/, 'lower'],
  [
    /accura|(^|[^a-z])acc([^a-z]|$)|auc|precision|recall|(^|[^a-z])f1|bleu|rouge|(^|[^a-z])m?ap([^a-z]|$)|iou|dice|psnr|ssim|reward|score|r2/,
    'higher',
  ],
  [/loss|err|(^|[^a-z])(r?mse|mae|mape|wer|cer|fid|nll|ppl|kl)([^a-z]|$)|perplex|diverg/, 'lower'],
  [
    /time|latency|duration|seconds|(^|[^a-z])(secs?|ms|wall)([^a-z]|$)|memory|(^|[^a-z])(bytes|rss|mem|vram|hbm)([^a-z]|$)|cost|retries|failures|(^|[^a-z])failed([^a-z]|$)|\/p\d{1,2}(\.\d+)?$|nan/,
    'lower',
  ],
];

/** The good direction as far as a metric's name tells it: a guess to be shown as one. */
export function guessGood(metric: string): Good {
  const name = metric.toLowerCase();
  return WORDS.find(([word]) => word.test(name))?.[1] ?? null;
}

/** The good direction of a condition: what it says, else what the name suggests. */
export function goodOf(metric: string, comparison: Comparison | undefined): Good {
  if (comparison === undefined) return guessGood(metric);
  if (comparison.startsWith('greater')) return 'higher';
  return comparison.startsWith('less') ? 'lower' : null;
}
