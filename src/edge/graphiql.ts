import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { GraphiQLOptions } from 'graphql-yoga';
import { examples } from './graphiql-examples.ts';

/** Whom visitors are, and who they talk to, where there is demo data. */
export interface DemoViewer {
  readonly name: string;
  readonly token: string;
  readonly peer: { readonly name: string; readonly id: string };
}

/** A speech bubble in GraphiQL's colour. */
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="28" height="28"><path fill="#d60590" d="M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z"/><g fill="#fff"><circle cx="7.5" cy="10" r="1.5"/><circle cx="12" cy="10" r="1.5"/><circle cx="16.5" cy="10" r="1.5"/></g></svg>';

export function graphiqlOptions(demo: DemoViewer | null): GraphiQLOptions {
  const headers = JSON.stringify({ Authorization: `Bearer ${demo?.token ?? '<token>'}` }, null, 2);
  return {
    title: 'Parley',
    logo: LOGO,
    favicon: `data:image/svg+xml,${encodeURIComponent(LOGO)}`,
    defaultTabs: examples(demo).map(({ query, variables }) => ({
      query,
      headers,
      variables: variables === undefined ? null : JSON.stringify(variables, null, 2),
    })),
    defaultHeaders: headers,
    headers,
    // A token that the browser had kept would outlive its day, or the data that it is for.
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: 'headers',
    // By SSE the headers above go along. By WebSocket this GraphiQL sends nothing of them as connection parameters.
    subscriptionsProtocol: 'SSE',
    // It would subscribe by GET, which is for queries.
    method: 'POST',
  };
}

/**
 * GraphiQL lets tabs be dragged, with offsets that it hides by this same rule until a tab has the focus: then the tab
 * jumps away from under the mouse, and most clicks on it are lost.
 */
const STYLE = '.graphiql-tab { transform: none !important }';

/** The page, with all that it needs: Yoga's default loads GraphiQL from a CDN. */
export function renderPage(options?: GraphiQLOptions): string {
  return renderGraphiQL(options ?? {}).replace('</style>', `${STYLE}</style>`);
}
