/**
 * Google's plain clients, loaded here and not before. Credentials are the machine's own; with `PUBSUB_EMULATOR_HOST`
 * set there are none.
 */
export async function openClients(project: string) {
  // Of a CommonJS package a bundle has the whole and no single names.
  const { PubSub, v1 } = (await import('@google-cloud/pubsub')).default;
  const wrapper = new PubSub({ projectId: project });
  // By itself the plain client knows no emulator, and dies of missing credentials where nobody can catch it.
  const config = (await wrapper.getClientConfig()) as ConstructorParameters<typeof v1.SubscriberClient>[0];
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
