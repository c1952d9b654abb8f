import * as z from 'zod';
import { spanOf, weeklyOf } from '../delivery/moments.ts';
import { isZone } from '../delivery/zone.ts';
import { SEVERITIES } from '../episodes/episode.ts';
import { isObject } from '../json.ts';
import { parseDuration } from '../time.ts';
import { Channel, channelProblems } from './channel.ts';
import { isEndpoint } from './cluster.ts';
import { routeProblems } from './routes.ts';
import { Address, Name } from './scalars.ts';

const Zone = z
  .string()
  .refine(isZone, { error: 'is not the name of a time zone, such as Europe/Berlin or UTC' });

const SeverityWord = z.enum(SEVERITIES);

const Quiet = z
  .strictObject({
    zone: Zone,
    hours: z
      .string()
      .refine((text) => spanOf(text) !== null, { error: 'is not a span of a day such as 20:00-07:00' })
      .refine((text) => spanOf(text) === null || spanOf(text)!.from !== spanOf(text)!.until, {
        error: 'begins where it ends: nothing would ever be told',
      }),
    weekends: z.boolean().optional().meta({ description: 'Saturday and Sunday are quiet as a whole' }),
    pass: z
      .union([SeverityWord, z.array(SeverityWord)])
      .optional()
      .meta({ description: 'What does not wait; critical unless said' }),
  })
  .meta({ id: 'QuietHours', description: 'Hours in which mails wait; judging goes on' });

const Globs = z.union([Name, z.array(Name).min(1)]);

const Route = z.strictObject({
  match: z.record(Name, Globs).optional().meta({ description: 'Label name to glob or globs' }),
  tests: Globs.optional().meta({ description: 'Globs of test names' }),
  signals: Globs.optional().meta({ description: 'Globs of signals: job, infra, schedule, metric:loss*' }),
  severity: z.union([SeverityWord, z.array(SeverityWord).min(1)]).optional(),
  to: z.array(z.string()).min(1).meta({ description: 'Mail addresses and names of channels' }),
  quiet: Quiet.nullable().optional(),
  continue: z.boolean().optional().meta({ description: 'Look at the routes behind this one, too' }),
  owner: z.boolean().optional().meta({ description: 'false: its owner does not hear of what this takes' }),
});

const Duration = z
  .string()
  .refine((text) => (parseDuration(text) ?? 0) > 0, { error: 'is not a duration such as 24h or 7d' });

const PingAddress = z
  .string()
  .refine(isEndpoint, { error: 'must be https://HOST/PATH (or http:// on this machine), without a query' })
  .meta({ description: 'Fetched after every finished tick, so that silence is noticed', format: 'uri' });

/** Rules over several keys are told together with mistakes in single ones. */
const when = ({ value }: { value: unknown }) => isObject(value);

/** Who hears of what, when and how. */
export const Alerting = z
  .strictObject({
    from: Address.optional().meta({ description: 'The sender of alert mails' }),
    fallback: z.array(Address).optional().meta({ description: 'Who hears of tests without an owner' }),
    routes: z.array(Route).optional(),
    channels: z.record(Name, Channel).optional().meta({ description: 'By name; a route sends to it' }),
    quiet: Quiet.optional(),
    digest_above: z.int().min(1).max(1000).optional().meta({
      description: 'More tests than this at once for one recipient make one digest; 3 unless said',
    }),
    reminders: z.array(Duration).max(10).optional().meta({
      description: 'How long after an episode fired each reminder is due; [24h, 72h, 10d, 17d] unless said',
    }),
    weekly: z
      .string()
      .refine((text) => weeklyOf(text) !== null, {
        error: 'is not a moment of the week such as "Mon 08:00 Europe/Berlin"',
      })
      .optional(),
    ping: PingAddress.optional(),
  })
  .superRefine(
    ({ routes = [], channels = {} }, context) => {
      const names = Object.keys(channels);
      for (const { path, message } of routeProblems(routes, names))
        context.addIssue({ code: 'custom', path: ['routes', ...path], message });
      for (const { path, message } of channelProblems(names))
        context.addIssue({ code: 'custom', path: ['channels', ...path], message });
    },
    { when },
  )
  .meta({ id: 'Alerting' });
export type AlertingConfig = z.infer<typeof Alerting>;
