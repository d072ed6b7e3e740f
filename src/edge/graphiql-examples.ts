import type { DemoViewer } from './graphiql.ts';

interface Example {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/**
 * A walk through the product: each opens in a tab of its own, ready to be run. Longer lines than these would be cut off
 * beside GraphiQL's buttons.
 */
export function examples(demo: DemoViewer | null): readonly Example[] {
  const peerId = demo?.peer.id ?? '';
  const peerName = demo?.peer.name ?? 'bob';
  return [
    {
      query: `# ${demo === null ? 'Put your token under Headers, below.' : `You are ${demo.name}: see Headers, below.`}
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
      query: `# One conversation, newest message first. For the next
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
      variables: { with: peerId, after: null },
    },
    {
      query: `# Live: run this, then open this page in a second
# window and run Send or MarkRead there.
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
      variables: { after: null },
    },
    {
      query: `# Under Variables: to whom, and what. With an
# idempotencyKey there, sending it twice is safe.
# To write as ${peerName}, put another token under Headers:
#   npm run -s token -- ${peerName}
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
      variables: {
        input: {
          receiverId: peerId,
          messageText: 'Hello from GraphiQL',
        },
      },
    },
    {
      query: `# Marks all that this user has sent you as read.
mutation MarkRead($with: ID!) {
  markConversationRead(input: { with: $with }) {
    markedCount
    conversation {
      unreadCount
    }
  }
}
`,
      variables: { with: peerId },
    },
  ];
}
