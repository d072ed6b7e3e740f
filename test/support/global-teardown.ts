import './global-setup-forms.ts';

export default async function globalTeardown(): Promise<void> {
  await globalThis.parleyTestRedis?.[Symbol.asyncDispose]();
  await globalThis.parleyTestCluster?.[Symbol.asyncDispose]();
}
