import type { Group } from './attack.ts';
import { browser } from './groups/browser.ts';
import { documentBounds } from './groups/document-bounds.ts';
import { documents } from './groups/documents.ts';
import { httpBodies } from './groups/http-bodies.ts';
import { httpConnections } from './groups/http-connections.ts';
import { httpRequests } from './groups/http-requests.ts';
import { ids } from './groups/ids.ts';
import { pages } from './groups/pages.ts';
import { parameters } from './groups/parameters.ts';
import { permissions } from './groups/permissions.ts';
import { production } from './groups/production.ts';
import { socketBounds } from './groups/socket-bounds.ts';
import { socketFrames } from './groups/socket-frames.ts';
import { socketHandshakes } from './groups/socket-handshakes.ts';
import { socketMessages } from './groups/socket-messages.ts';
import { texts } from './groups/texts.ts';
import { tokens } from './groups/tokens.ts';
import { unread } from './groups/unread.ts';

/** In the order in which they are run. */
export const GROUPS: readonly Group[] = [
  httpConnections,
  httpRequests,
  httpBodies,
  parameters,
  documentBounds,
  documents,
  browser,
  socketHandshakes,
  socketMessages,
  socketFrames,
  socketBounds,
  unread,
  texts,
  ids,
  pages,
  tokens,
  permissions,
  production,
];
