import type { Group } from './attack.ts';
import { documents } from './groups/documents.ts';
import { httpBodies } from './groups/http-bodies.ts';
import { httpRequests } from './groups/http-requests.ts';

export const GROUPS: readonly Group[] = [httpRequests, httpBodies, documents];
