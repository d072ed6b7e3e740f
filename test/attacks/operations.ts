/** What attacks ask for beside what makes them attacks. */
export const WHO = '{ viewer { username } }';
/** The answer to it, for mallory. */
export const MALLORY = '{"viewer":{"username":"mallory"}}';

export const NODE = 'query ($id: ID!) { node(id: $id) { id } }';
export const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
export const USER = 'query ($name: String!) { user(username: $name) { id } }';
export const LIST = `query ($first: Int, $last: Int, $after: String, $before: String) {
  conversations(first: $first, last: $last, after: $after, before: $before) { edges { cursor node { peer { username } } } }
}`;
export const MESSAGES = `query ($with: ID!, $after: String) {
  conversation(with: $with) { messages(after: $after) { edges { cursor } } }
}`;
export const REPORT = `query ($since: DateTime!, $until: DateTime!, $interval: ReportInterval!) {
  messageReport(since: $since, until: $until, interval: $interval) { messages }
}`;
export const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { message { messageText } }
}`;
export const MARK = `mutation ($input: MarkConversationReadInput!) {
  markConversationRead(input: $input) { markedCount }
}`;
/** Everything after `$after`, or after now. */
export const FOLLOW = 'subscription ($after: String) { inbox(after: $after) { __typename } }';
