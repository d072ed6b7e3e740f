/** What is asked of each message, pushed or requested. */
export const MESSAGE_FIELDS =
  'id messageText createdAt isRead sender { id username } receiver { id username }';
