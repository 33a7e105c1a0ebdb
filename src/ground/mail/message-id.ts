/**
 * The Message-ID of a digest, derived from its id: however often it is tried, mail programs and servers can see that
 * it is the same one. One that an admin sends again is another mail: some servers drop what they have seen before.
 *
 * @param resent how often an admin has asked for it once more
 */
export const messageIdOf = (digestId: string, domain: string, resent = 0): string =>
  `<${PREFIX}${digestId}${resent === 0 ? '' : `.r${resent}`}@${domain}>`

/**
 * Whether a message is a digest of ours. One that was held itself is listed in no digest; one of another server that
 * somebody forwards here is mail like any other.
 */
export const isOwnMessageId = (messageId: string, domain: string): boolean =>
  OWN.exec(messageId)?.[1]?.toLowerCase() === domain.toLowerCase()

const PREFIX = 'amavis-digest.'
const OWN = /^\s*<?amavis-digest\.[0-9a-v]{25}(?:\.r\d+)?@([^>\s]+)/
