/** True when PostgreSQL keeps the text exactly: no NUL (refused) and no lone surrogate (silently stored as U+FFFD). */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
