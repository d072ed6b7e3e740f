/** Longer data is not worth a column of the table. */
const MAX_DATA_SHOWN = 120;

/** An answer's errors as their codes, or else its data. */
export function describeAnswer(answer: unknown): string {
  if (Array.isArray(answer)) return answer.map(describeAnswer).join(', ');
  const { errors, data } = (answer ?? {}) as { errors?: unknown; data?: unknown };
  if (Array.isArray(errors)) return [...new Set(errors.map(codeOf))].join(', ');
  const shown = JSON.stringify(data) ?? 'no data';
  return shown.length > MAX_DATA_SHOWN ? 'data' : shown;
}

function codeOf(error: { extensions?: { code?: string } }): string {
  return error.extensions?.code ?? 'an error without a code';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Status and answer of an HTTP response: "400 BAD_USER_INPUT"; "404" when its body is no GraphQL. */
export function describeReply(status: number, body: string): string {
  const event = /^data: (.+)$/m.exec(body)?.[1];
  const answer = parseJson(event ?? body);
  return typeof answer === 'object' && answer !== null ? `${status} ${describeAnswer(answer)}` : `${status}`;
}
