import { isAddress } from '../address.ts';
import { listOf } from '../one-or-more.ts';
import type { AlertingConfig } from '../schema/alerting.ts';
import { parseDuration } from '../time.ts';
import { spanOf, weeklyOf } from './moments.ts';
import {
  DEFAULT_POLICY,
  type DeliveryPolicy,
  MAIL_CHANNEL,
  type QuietHours,
  type Recipient,
  type Route,
} from './policy.ts';

type QuietConfig = NonNullable<AlertingConfig['quiet']>;
type RouteConfig = NonNullable<AlertingConfig['routes']>[number];

/** Who hears what and when, from a config that was checked. */
export function policyOf(alerting: AlertingConfig = {}): DeliveryPolicy {
  const { reminders, weekly, channels = {} } = alerting;
  return {
    fallback: alerting.fallback ?? [],
    channels: Object.keys(channels),
    pagers: Object.keys(channels).filter((name) => channels[name]?.type === 'pagerduty'),
    routes: (alerting.routes ?? []).map(routeOf),
    quiet: alerting.quiet === undefined ? null : quietOf(alerting.quiet),
    digestAbove: alerting.digest_above ?? DEFAULT_POLICY.digestAbove,
    reminders: reminders === undefined ? DEFAULT_POLICY.reminders : remindersOf(reminders),
    weekly: weekly === undefined ? null : weeklyOf(weekly),
  };
}

/** A critical one is reminded of after four hours first, and as often as all others. */
function remindersOf(texts: readonly string[]): DeliveryPolicy['reminders'] {
  const warning = texts.map((text) => parseDuration(text)!).sort((a, b) => a - b);
  const [soon] = DEFAULT_POLICY.reminders.critical as readonly [number];
  const critical = warning.length === 0 ? [] : [soon, ...warning.filter((ms) => ms > soon)];
  return { info: [], warning, critical: critical.slice(0, warning.length) };
}

function routeOf(route: RouteConfig): Route {
  return {
    labels: new Map(Object.entries(route.match ?? {}).map(([name, globs]) => [name, listOf(globs)])),
    tests: listOf(route.tests),
    signals: listOf(route.signals),
    severities: listOf(route.severity),
    to: route.to.map(recipientOf),
    quiet: route.quiet == null ? route.quiet : quietOf(route.quiet),
    goOn: route.continue ?? false,
    andOwner: route.owner ?? true,
  };
}

/** An address of somebody, or else a channel's name. */
export function recipientOf(name: string): Recipient {
  return { channel: isAddress(name) ? MAIL_CHANNEL : name, address: name };
}

function quietOf({ zone, hours, weekends = false, pass }: QuietConfig): QuietHours {
  return { zone, ...spanOf(hours)!, weekends, pass: pass === undefined ? ['critical'] : listOf(pass) };
}
