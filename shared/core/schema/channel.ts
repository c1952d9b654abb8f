import * as z from 'zod';
import { secretVariable } from '../delivery/channel-secret.ts';
import { isEndpoint } from './cluster.ts';

/** What a channel may be called: its secret is looked for in an environment variable of that name. */
const CHANNEL_NAME = /^(?!mail$)[a-z][a-z0-9_-]{0,39}$/i;

const Url = z.string().refine(isEndpoint, {
  error: 'must be https://HOST/PATH (or http:// on this machine) without user, query and fragment',
});

/** Another way to be told than mail. Its secret never stands here. */
export const Channel = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('webhook'),
      url: Url.meta({ format: 'uri' }),
      allow_private: z.boolean().optional().meta({
        description: 'Whether its host may have an address of a private network; not unless said',
      }),
    }),
    z.strictObject({ type: z.literal('slack') }),
    z.strictObject({
      type: z.literal('pagerduty'),
      url: Url.optional().meta({
        description: 'For accounts in the EU: https://events.eu.pagerduty.com/v2/enqueue',
      }),
    }),
  ])
  .meta({
    id: 'Channel',
    description:
      'Its secret comes from TIDEMARK_CHANNEL_<NAME> or the file TIDEMARK_CHANNEL_<NAME>_FILE names',
  });
export type ChannelConfig = z.infer<typeof Channel>;

/** Names that no variable can be made of, and channels whose secrets would stand in one. Paths are from the list of channels. */
export function channelProblems(names: readonly string[]): { path: string[]; message: string }[] {
  return names.flatMap((name, at) => {
    if (!CHANNEL_NAME.test(name)) {
      const message = 'is not a name of at most 40 letters, digits, - and _, or it is "mail"';
      return [{ path: [name], message }];
    }
    const before = names.slice(0, at).find((other) => secretVariable(other) === secretVariable(name));
    if (before === undefined) return [];
    const message = `would share the secret of "${before}", ${secretVariable(name)}; give it another name`;
    return [{ path: [name], message }];
  });
}
