/** The variable that holds a channel's secret; with `_FILE` behind it, the one that names a file with it. */
export function secretVariable(channel: string): string {
  return `TIDEMARK_CHANNEL_${channel.toUpperCase().replaceAll('-', '_')}`;
}
