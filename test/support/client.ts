import { type Client, type ClientOptions, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { tokenOf } from './server.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape their own query gives.
type Data = any;

export interface Answer {
  readonly data?: Data;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: { readonly code: string; readonly argument?: string; readonly requestId?: string };
  }[];
}

type Variables = Readonly<Record<string, unknown>>;

/** Speaks GraphQL as one user (by external id), or as nobody. */
export class TestClient {
  constructor(
    readonly url: string,
    readonly user: string | null,
  ) {}

  async headers(): Promise<Record<string, string>> {
    return this.user === null ? {} : { authorization: `Bearer ${await tokenOf(this.user)}` };
  }

  post(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.#fetch('POST', typeof body === 'string' ? body : JSON.stringify(body), headers);
  }

  async #fetch(method: string, body: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const standard = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
    return fetch(this.url, { method, body, headers: { ...standard, ...(await this.headers()), ...headers } });
  }

  async ask(query: string, variables: Variables = {}): Promise<Answer> {
    return (await (await this.post({ query, variables })).json()) as Answer;
  }

  /** @throws when the answer has errors. */
  async data(query: string, variables: Variables = {}): Promise<Data> {
    const { data, errors } = await this.ask(query, variables);
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** The global id of a user. */
  async idOf(username: string): Promise<string> {
    return (await this.data('query ($username: String!) { user(username: $username) { id } }', { username }))
      .user.id;
  }

  /** A graphql-ws client; dispose it. */
  async socket(options: Partial<ClientOptions> = {}): Promise<Client> {
    return createClient({
      url: this.url.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: await this.headers(),
      retryAttempts: 0,
      ...options,
    });
  }
}

export const INBOX = `subscription ($after: String) {
  inbox(after: $after) {
    __typename cursor
    ... on MessageSent { message { id messageText isRead sender { username } receiver { username } } }
    ... on MessagesRead { reader { username } messages { id messageText isRead } }
    ... on MessagesChanged { messages { id messageText isRead } }
    ... on MessagesDeleted { messageIds }
  }
}`;
