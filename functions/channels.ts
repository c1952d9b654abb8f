import { secretVariable } from '../shared/core/delivery/channel-secret.ts';
import type { ChannelConfig } from '../shared/core/schema/channel.ts';
import type { Check } from '../shared/ports/check.ts';
import { PortError } from '../shared/ports/error.ts';
import type { Mailer, SendResult } from '../shared/ports/mailer.ts';
import type { Environment } from './config.ts';
import { UsageError } from './errors.ts';
import { secretOf } from './secret.ts';

/** What channels are made of. */
export interface ChannelSetup {
  readonly channels: ReadonlyMap<string, ChannelConfig>;
  readonly env: Environment;
  /** The clock. */
  readonly now: () => number;
}

/**
 * A mailer that hands each message to the channel it names, and mails to `mail`. A channel is opened when it has its
 * first message; one that cannot be opened keeps its own messages waiting and no others.
 */
export function withChannels(mail: Mailer, setup: ChannelSetup): Mailer {
  const opened = new Map<string, Promise<Mailer>>();
  return {
    async send(message) {
      const name = message.channel;
      if (name === undefined) return mail.send(message);
      const config = setup.channels.get(name);
      if (config === undefined) return gone(name);
      const channel = opened.get(name) ?? openChannel(name, config, setup);
      opened.set(name, channel);
      try {
        return await (await channel).send(message);
      } catch (error) {
        if (error instanceof PortError || error instanceof UsageError)
          return { kind: 'unreachable', detail: error.message };
        throw error;
      }
    },
    async close() {
      const open = await Promise.allSettled(opened.values());
      await Promise.all(open.flatMap((one) => (one.status === 'fulfilled' ? [one.value.close()] : [])));
      await mail.close();
    },
  };
}

/** It never works again under this name, and somebody else should hear of it. */
function gone(name: string): SendResult {
  return { kind: 'failed', detail: `The config has no channel "${name}" any more` };
}

async function openChannel(name: string, config: ChannelConfig, { env, now }: ChannelSetup): Promise<Mailer> {
  const variable = secretVariable(name);
  const secret = secretOf(variable, env);
  if (secret === undefined)
    throw new UsageError(
      `Cannot use channel "${name}": its secret is missing; set ${variable}, or ${variable}_FILE to a file that holds it`,
    );
  if (config.type === 'slack') {
    const { slackChannel } = await import('../shared/adapters/channels/slack.ts');
    return slackChannel({ secret });
  }
  if (config.type === 'pagerduty') {
    const { pagerDutyChannel } = await import('../shared/adapters/channels/pagerduty.ts');
    return pagerDutyChannel({ secret, ...(config.url === undefined ? {} : { url: config.url }) });
  }
  const { webhookChannel } = await import('../shared/adapters/channels/webhook.ts');
  return webhookChannel({ url: config.url, secret, now, allowPrivate: config.allow_private ?? false });
}

/** Whether each channel can be used, as far as that shows without a message. Never tells a secret. */
export async function channelChecks(setup: ChannelSetup): Promise<Check[]> {
  return Promise.all(
    [...setup.channels].map(async ([name, config]): Promise<Check> => {
      const what = `channel ${name}`;
      try {
        await (await openChannel(name, config, setup)).close();
        const where = config.type === 'webhook' ? ` to ${config.url}` : '';
        return {
          what,
          state: 'ok',
          detail: `${config.type}${where}, its secret has the right form; whether it is taken shows with the first message`,
        };
      } catch (error) {
        if (error instanceof PortError || error instanceof UsageError)
          return { what, state: 'bad', detail: error.message };
        throw error;
      }
    }),
  );
}
