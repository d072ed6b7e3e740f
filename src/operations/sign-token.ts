import { SignJWT } from 'jose';

export interface TokenOptions {
  readonly secret: string;
  readonly sub: string;
  readonly admin: boolean;
  /** Such as `1h` or `30 days`. */
  readonly ttl: string;
  readonly issuer: string | null;
  readonly audience: string | null;
}

/** Signs a token that this server accepts (HS256). */
export async function signToken({
  secret,
  sub,
  admin,
  ttl,
  issuer,
  audience,
}: TokenOptions): Promise<string> {
  const token = new SignJWT(admin ? { role: 'admin' } : {})
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime(ttl);
  if (issuer !== null) token.setIssuer(issuer);
  if (audience !== null) token.setAudience(audience);
  return token.sign(new TextEncoder().encode(secret));
}
