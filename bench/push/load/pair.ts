import type { BenchUser } from '../../sockets/contestant.ts';
import type { Population } from './protocol.ts';

/**
 * Who writes the message of this number to whom, such that everybody's turn comes equally often, and messages that are
 * on their way at the same time are between different people as far as there are enough.
 */
export function pairOf(
  number: number,
  { senders, users }: Population,
): { sender: BenchUser; receiver: BenchUser } {
  const sender = senders[number % senders.length] as BenchUser;
  const pass = Math.floor(number / senders.length);
  const place = number + Math.floor(users.length / 2) + pass;
  const receiver = users[place % users.length] as BenchUser;
  // Nobody writes to themselves.
  if (receiver.name === sender.name)
    return { sender, receiver: users[(place + 1) % users.length] as BenchUser };
  return { sender, receiver };
}
