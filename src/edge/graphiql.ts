import type { GraphiQLOptions } from 'graphql-yoga';
import { EXAMPLES } from './graphiql-examples.ts';

export interface DemoPerson {
  readonly name: string;
  readonly id: string;
  readonly token: string;
}

/** Whom visitors are, and who they talk to, where there is demo data. */
export interface DemoPeople {
  readonly viewer: DemoPerson;
  readonly peer: DemoPerson;
}

/** A speech bubble in GraphiQL's colour. */
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="28" height="28"><path fill="#d60590" d="M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z"/><g fill="#fff"><circle cx="7.5" cy="10" r="1.5"/><circle cx="12" cy="10" r="1.5"/><circle cx="16.5" cy="10" r="1.5"/></g></svg>';

export function graphiqlOptions(demo: DemoPeople | null): GraphiQLOptions {
  const headers = headersOf(demo?.viewer.token ?? '<token>');
  return {
    title: 'Parley',
    logo: LOGO,
    favicon: `data:image/svg+xml,${encodeURIComponent(LOGO)}`,
    // Each opens in a tab of its own, ready to be run.
    defaultTabs: EXAMPLES.flatMap(({ as, query, variables }) => {
      if (as === 'peer' && demo === null) return [];
      return {
        query: query(demo),
        headers: as === 'peer' && demo !== null ? headersOf(demo.peer.token) : headers,
        variables: variables === undefined ? null : JSON.stringify(variables(demo), null, 2),
      };
    }),
    defaultHeaders: headers,
    headers,
    // A token that the browser had kept would outlive its day, or the data that it is for.
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: 'headers',
    // By SSE the headers above go along. By WebSocket this GraphiQL sends nothing of them as connection parameters.
    subscriptionsProtocol: 'SSE',
  };
}

function headersOf(token: string): string {
  return JSON.stringify({ Authorization: `Bearer ${token}` }, null, 2);
}
