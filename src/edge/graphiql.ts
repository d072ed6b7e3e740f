import type { GraphiQLOptions } from 'graphql-yoga';

/** Whom visitors are, where there are demo users. */
export interface DemoViewer {
  readonly token: string;
  /** The global id of someone to write to. */
  readonly peerId: string;
}

/** GraphiQL opens with these, each in a tab of its own, ready to be run. */
const EXAMPLES = [
  `# Your conversations, latest first. Press ▶ (or Ctrl-Enter).
query Conversations {
  viewer {
    id
    username
  }
  unreadCount
  conversations(first: 10) {
    edges {
      node {
        peer {
          id
          username
        }
        unreadCount
        lastMessage {
          messageText
          createdAt
          sender {
            username
          }
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
  `# Everything that happens in your inbox, live. Let it run, and send something from another tab.
subscription Inbox {
  inbox {
    __typename
    cursor
    ... on MessageSent {
      message {
        messageText
        sender {
          username
        }
        receiver {
          username
        }
      }
    }
    ... on MessagesRead {
      reader {
        username
      }
      messages {
        id
      }
    }
    ... on MessagesChanged {
      messages {
        id
        messageText
        isRead
      }
    }
    ... on MessagesDeleted {
      messageIds
    }
  }
}
`,
  `# Whom to write to: ask for their id first.
query Bob {
  user(username: "bob") {
    id
  }
}

# Then put it in the variables below, as receiverId, and run this one.
mutation Send($receiverId: ID!) {
  sendMessage(input: { receiverId: $receiverId, messageText: "Hello from GraphiQL" }) {
    message {
      id
      createdAt
    }
  }
}
`,
] as const;

export function graphiqlOptions(demo: DemoViewer | null): GraphiQLOptions {
  const headers = JSON.stringify({ Authorization: `Bearer ${demo?.token ?? '<token>'}` }, null, 2);
  return {
    title: 'Parley',
    defaultTabs: EXAMPLES.map((query) => ({
      query,
      headers,
      variables: query.includes('$receiverId')
        ? JSON.stringify({ receiverId: demo?.peerId ?? '' }, null, 2)
        : null,
    })),
    defaultHeaders: headers,
    headers,
    defaultEditorToolsVisibility: 'headers',
    // By SSE the headers above go along; a browser cannot set headers on a WebSocket.
    subscriptionsProtocol: 'SSE',
  };
}
