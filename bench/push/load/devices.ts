import { authorizationOf } from '../../support/environment.ts';
import { Device, type DeviceOptions } from './device.ts';
import type { Population } from './protocol.ts';

/** As many as wait for their acknowledgement at a time. */
const CONNECTING_AT_A_TIME = 100;

export interface Devices {
  /** The places of one user's devices. */
  of(name: string): readonly number[];
  drop(): void;
}

/** Connects everybody. `onMessage` is told of the device's place. */
export async function connectDevices(
  { url, users, socketsEach }: Population,
  onMessage: (place: number, ...arrival: Parameters<DeviceOptions['onMessage']>) => void,
  onFault: (fault: string) => void,
): Promise<Devices> {
  const devices: Device[] = [];
  const places = new Map<string, readonly number[]>();
  const waiting: { readonly name: string; readonly place: number }[] = [];
  for (const { name } of users) {
    const ofUser = Array.from({ length: socketsEach }, (_, i) => waiting.length + i);
    places.set(name, ofUser);
    waiting.push(...ofUser.map((place) => ({ name, place })));
  }
  const rest = waiting.values();
  async function connectOneByOne() {
    for (const { name, place } of rest)
      devices[place] = await Device.connect({
        url,
        authorization: await authorizationOf(name),
        onMessage: (message, at) => onMessage(place, message, at),
        onFault,
      });
  }
  await Promise.all(Array.from({ length: CONNECTING_AT_A_TIME }, connectOneByOne));
  return {
    of: (name) => places.get(name) ?? [],
    drop() {
      for (const device of devices) device.drop();
    },
  };
}
