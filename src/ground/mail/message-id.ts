/**
 * The Message-ID of a digest, derived from its id. All attempts to send it have the same one, so that servers and mail
 * programs recognise a repeat. When an admin sends a digest again, it gets a new one, because some servers drop a mail
 * whose Message-ID they have seen before.
 *
 * @param resent how often an admin has sent it again
 */
export const messageIdOf = (digestId: string, domain: string, resent = 0): string =>
  `<${PREFIX}${digestId}${resent === 0 ? '' : `.r${resent}`}@${domain}>`

/**
 * Whether a message is one of our digests or tests, which no digest lists if it was itself held. A digest of another server that
 * somebody forwards here counts as ordinary mail.
 */
export const isOwnMessageId = (messageId: string, domain: string): boolean =>
  OWN.exec(messageId)?.[1]?.toLowerCase() === domain.toLowerCase()

/** The Message-ID of the mail that `doctor --send-test` lets amavisd hold. @param id as `newId` makes it */
export const testMessageId = (id: string, domain: string): string => `<${PREFIX}${id}.test@${domain}>`

const PREFIX = 'amavis-digest.'
const OWN = /^\s*<?amavis-digest\.[0-9a-v]{25}(?:\.r\d+|\.test)?@([^>\s]+)/
