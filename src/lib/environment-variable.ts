/** One variable of the environment. */
export interface Variable<Value> {
  /** For .env.example. */
  readonly description: string;
  /** As it would be written in the environment; `undefined` where there is no default. */
  readonly fallback: string | undefined;
  /** Completes "PORT takes …". */
  readonly takes: string;
  /** `undefined` when the text is not what it takes. */
  readonly parse: (text: string) => Value | undefined;
  /** Never to be repeated in a message. */
  readonly secret?: boolean;
}

/** A variable that always has a value. */
export interface WithDefault<Value> extends Variable<Value> {
  readonly fallback: string;
}

export function withDefault<Value>(fallback: string, variable: Variable<Value>): WithDefault<Value> {
  return { ...variable, fallback };
}

export function text(description: string): Variable<string> {
  return { description, fallback: undefined, takes: 'a text', parse: (value) => value };
}

export function address(
  description: string,
  protocols: readonly string[],
  example: string,
): Variable<string> {
  return {
    ...text(description),
    takes: `an address such as ${example}`,
    parse: (value) => (isAddress(value, protocols) ? value : undefined),
    // It may hold a password.
    secret: true,
  };
}

export function addresses(
  description: string,
  protocols: readonly string[],
  example: string,
): Variable<readonly string[]> {
  const one = address(description, protocols, example);
  return {
    ...one,
    takes: `addresses such as ${example}, separated by commas`,
    // An empty one is a comma too many, or a name that a template has not filled in.
    parse(value) {
      const found = value.split(',').map((each) => each.trim());
      return found.every((each) => one.parse(each) !== undefined) ? found : undefined;
    },
  };
}

/** Clients decode the user and the password, and would throw an error that names no variable. */
function isAddress(text: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  if (!protocols.includes(protocol) || !text.slice(protocol.length).startsWith('//')) return false;
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

export function wholeNumber(description: string, least: number, most: number): Variable<number> {
  return {
    description,
    fallback: undefined,
    takes: `a whole number from ${least} to ${most}`,
    parse: (value) => (/^\d{1,15}$/.test(value) && +value >= least && +value <= most ? +value : undefined),
  };
}

export function duration(description: string, leastMs: number, mostMs = 600_000): Variable<number> {
  const milliseconds = wholeNumber(description, leastMs, mostMs);
  return { ...milliseconds, takes: `${milliseconds.takes} (milliseconds)` };
}

export function oneOf<const Choice extends string>(
  description: string,
  choices: readonly Choice[],
): Variable<Choice> {
  return {
    description,
    fallback: undefined,
    takes: choices.length === 1 ? `only "${choices[0]}"` : `one of ${choices.join(', ')}`,
    parse: (value) => choices.find((choice) => choice === value),
  };
}

export function flag(description: string): Variable<boolean> {
  return {
    ...oneOf(description, ['true', 'false']),
    parse: (value) => ({ true: true, false: false })[value],
  };
}

export function origins(description: string): Variable<readonly string[]> {
  return {
    description,
    fallback: undefined,
    takes: 'origins such as https://chat.example, separated by commas',
    parse(value) {
      const found = value.split(',').flatMap((origin) => origin.trim() || []);
      return found.every(isOrigin) ? found : undefined;
    },
  };
}

/** As browsers write it. There are no wildcards; one would be taken for a host's name, and never match. */
function isOrigin(text: string): boolean {
  return !text.includes('*') && URL.canParse(text) && new URL(text).origin === text;
}

/** A setting is wrong; the message is one line that names it and what it takes. */
export class ConfigError extends Error {}

/** An empty value counts as none, for that is what an empty line in a .env file means. @throws ConfigError */
export function readVariable(name: string, variable: Variable<unknown>, given: string | undefined): unknown {
  const text = given === undefined || given === '' ? variable.fallback : given;
  if (text === undefined) return undefined;
  const value = variable.parse(text);
  if (value === undefined) {
    const shown = variable.secret ? '' : `, not ${JSON.stringify(text)}`;
    throw new ConfigError(`${name} takes ${variable.takes}${shown}.`);
  }
  return value;
}
