/** The subject that the request's token claims, unchecked. */
export function subjectOf(authorization) {
  const token = authorization.slice('Bearer '.length);
  const claims = token.slice(token.indexOf('.') + 1, token.lastIndexOf('.'));
  return JSON.parse(Buffer.from(claims, 'base64url').toString()).sub;
}
