/** The groups of operations in the OpenAPI document. */
export const TAGS = {
  Schedules: 'When digests are made, and which messages they list.',
  Recipients: 'Settings of readers, of domains and of everybody. The most specific one applies.',
  Readers: 'The mailbox owners, and the messages that wait for them.',
  Digests: 'The digests that were made, and the state of each.',
  Releases: 'Messages that somebody released from the quarantine.',
  'Held mail': 'What amavisd holds, whether or not a digest has listed it. Its scopes are of their own.',
  Requests: 'What readers have asked admins to release.',
  Senders: 'Who is always let through, and who is always held.',
  Runs: 'Makes the digests of many readers at once.',
  Figures: 'Counts and states for dashboards.',
  Audit: 'Who did what.',
} as const

export type Tag = keyof typeof TAGS
