/**
 * Google's plain clients, loaded here and not before. Credentials are the machine's own; with `PUBSUB_EMULATOR_HOST`
 * set there are none. Rejects when there should be some and are not.
 */
export async function openClients(project: string) {
  // Of a CommonJS package a bundle has the whole and no single names.
  const { PubSub, v1 } = (await import('@google-cloud/pubsub')).default;
  const wrapper = new PubSub({ projectId: project });
  // By itself the plain client knows no emulator.
  const options = await wrapper.getClientConfig();
  // And it looks for credentials where nobody can catch that there are none: the process would end.
  if (!wrapper.isEmulator) await wrapper.auth.getClient();
  const config = { ...options, auth: wrapper.auth } as ConstructorParameters<typeof v1.SubscriberClient>[0];
  const subscriber = new v1.SubscriberClient(config);
  const publisher = new v1.PublisherClient(config);
  return {
    subscriber,
    publisher,
    close: async () => {
      await Promise.allSettled([subscriber.close(), publisher.close(), wrapper.close()]);
    },
  };
}
