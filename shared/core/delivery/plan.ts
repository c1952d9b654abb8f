import type { DeliveryInput, DeliveryPlan } from './draft.ts';

/**
 * Decides who is told what now. One draft per recipient and thread of a test; above `digestAbove` tests one digest;
 * tests with a common cause in one mail of their own; reminders of a recipient bundled. Every notice that names
 * somebody is in at least one draft, sent or suppressed, so that nothing vanishes without a row that says why.
 */
export function planDeliveries(_input: DeliveryInput): DeliveryPlan {
  throw new Error('not yet');
}
