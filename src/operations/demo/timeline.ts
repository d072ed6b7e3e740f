import { conversations } from './conversations/all.ts';
import type { Line, Scene } from './script.ts';
import { jitter } from './time.ts';

export interface DemoMessage extends Line {
  readonly createdAt: Date;
}

const NOTICING_MS = 4_000;
const DAWDLING_MS = 35_000;
const TYPING_MS_PER_CHARACTER = 60;
const LONGEST_TYPING_MS = 50_000;

/** Every demo message, oldest first, no two at the same time; the same for the same `now` and time zone. */
export function demoTimeline(now: Date): DemoMessage[] {
  const messages = conversations
    .flatMap((scenes) => timed(scenes, now))
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  let last = 0;
  return messages.map((message) => {
    last = Math.max(message.createdAt.getTime(), last + 1);
    return { ...message, createdAt: new Date(last) };
  });
}

function timed(scenes: readonly Scene[], now: Date): DemoMessage[] {
  let time = now;
  return scenes.flatMap(({ start, lines }) => {
    time = start(time, now);
    return lines.map((line, index) => {
      time = new Date(time.getTime() + pauseBefore(line, index));
      return { ...line, createdAt: time };
    });
  });
}

function pauseBefore({ sender, text }: Line, index: number): number {
  const typing = Math.min(text.length * TYPING_MS_PER_CHARACTER, LONGEST_TYPING_MS);
  return Math.floor(NOTICING_MS + typing + jitter(`${sender} ${index} ${text}`) * DAWDLING_MS);
}
