import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

/** Lines for people in a terminal, JSON for programs everywhere else. */
export function createLog(level: string): Logger {
  if (!process.stdout.isTTY) return pino({ level });
  return pino({ level }, pretty({ ignore: 'pid,hostname', translateTime: 'HH:MM:ss', sync: true }));
}
