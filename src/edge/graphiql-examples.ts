import type { DemoPeople } from './graphiql.ts';

interface Example {
  /** Whose token goes along; examples as the peer need demo data. */
  readonly as: 'viewer' | 'peer';
  readonly query: (demo: DemoPeople | null) => string;
  readonly variables?: (demo: DemoPeople | null) => Readonly<Record<string, unknown>>;
}

/** A walk through the product, one step a tab. Longer lines than these would be cut off beside GraphiQL's buttons. */
export const EXAMPLES: readonly Example[] = [
  {
    as: 'viewer',
    query: (
      demo,
    ) => `# ${demo === null ? 'Put your token under Headers, below.' : `You are ${demo.viewer.name}: see Headers, below.`}
# Run this with Ctrl-Enter, or the button on the right.
query Conversations {
  viewer {
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
        }
      }
    }
  }
  # Read at the same moment: follow the inbox from here,
  # in the tab Inbox, and nothing is missed.
  inboxCursor
}
`,
  },
  {
    as: 'viewer',
    query: () => `# One conversation, newest message first. For the next
# page, give endCursor as "after" under Variables.
query Messages($with: ID!, $after: String) {
  conversation(with: $with) {
    peer {
      username
    }
    messages(first: 5, after: $after) {
      edges {
        node {
          sender {
            username
          }
          messageText
          createdAt
          isRead
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
`,
    variables: (demo) => ({ with: demo?.peer.id ?? '', after: null }),
  },
  {
    as: 'viewer',
    query: (demo) => `# Live: run this, then open this page in a second
# window and run Send${demo === null ? '' : ', Reply'} or MarkRead there.
subscription Inbox($after: String) {
  inbox(after: $after) {
    __typename
    cursor
    ... on MessageSent {
      message {
        sender {
          username
        }
        receiver {
          username
        }
        messageText
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
      }
    }
    ... on MessagesDeleted {
      messageIds
    }
  }
}
`,
    variables: () => ({ after: null }),
  },
  {
    as: 'viewer',
    query: () => `# Under Variables: to whom, and what. Run it again, and
# the same key gives the same message, not a second one.
mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) {
    message {
      id
      receiver {
        username
      }
      messageText
      createdAt
    }
  }
}
`,
    variables: (demo) => ({
      input: {
        receiverId: demo?.peer.id ?? '',
        messageText: 'Hello from GraphiQL',
        idempotencyKey: 'my-first-message',
      },
    }),
  },
  {
    as: 'peer',
    query: (demo) => `# Here you are ${demo?.peer.name}: this tab has another token.
mutation Reply($receiverId: ID!) {
  sendMessage(
    input: {
      receiverId: $receiverId
      messageText: "Hello back"
    }
  ) {
    message {
      sender {
        username
      }
      receiver {
        username
      }
      createdAt
    }
  }
}
`,
    variables: (demo) => ({ receiverId: demo?.viewer.id }),
  },
  {
    as: 'viewer',
    query: () => `# Marks all that this user has sent you as read.
mutation MarkRead($with: ID!) {
  markConversationRead(input: { with: $with }) {
    markedCount
    conversation {
      unreadCount
    }
  }
}
`,
    variables: (demo) => ({ with: demo?.peer.id ?? '' }),
  },
];
