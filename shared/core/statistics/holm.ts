/**
 * p values for several questions asked at once, adjusted so that one wrong answer among all is as unlikely as each p
 * says (Holm 1979): `statsmodels.stats.multitest.multipletests(p, method="holm")`. In the order given.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  order.forEach((at, rank) => {
    largest = Math.max(largest, Math.min(1, pValues[at]! * (pValues.length - rank)));
    adjusted[at] = largest;
  });
  return adjusted;
}
