import { isStorableText } from '../lib/well-formed.ts';
import { BadUserInput } from './errors.ts';

const MAX_MESSAGE_CHARACTERS = 10_000;
const MAX_KEY_CHARACTERS = 200;

/** @throws BadUserInput unless `text` has 1 to 10,000 characters (code points), is not blank, and can be kept exactly. */
export function checkMessageText(text: string): void {
  if (text.trim() === '') throw new BadUserInput('messageText', 'messageText must not be empty or blank.');
  checkText('messageText', text, MAX_MESSAGE_CHARACTERS);
}

/** @throws BadUserInput unless `key` has 1 to 200 characters and can be kept exactly. */
export function checkIdempotencyKey(key: string): void {
  if (key === '')
    throw new BadUserInput('idempotencyKey', 'idempotencyKey must not be empty; leave it out instead.');
  checkText('idempotencyKey', key, MAX_KEY_CHARACTERS);
}

/** @throws BadUserInput unless `username` is something that a user could be called. */
export function checkUsername(username: string): void {
  if (!isStorableText(username)) throw unstorable('username');
}

function checkText(argument: string, text: string, maxCharacters: number): void {
  if (!isStorableText(text)) throw unstorable(argument);
  // Code points, as PostgreSQL's char_length counts; an emoji is two of JavaScript's units.
  if (text.length > maxCharacters && [...text].length > maxCharacters)
    throw new BadUserInput(argument, `${argument} must not have more than ${maxCharacters} characters.`);
}

function unstorable(argument: string) {
  return new BadUserInput(argument, `${argument} must not contain NUL (U+0000) or a lone surrogate.`);
}
