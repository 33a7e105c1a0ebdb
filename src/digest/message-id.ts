/**
 * The Message-ID of a digest, derived from its id: however often it is sent, mail programs and servers can see that
 * it is the same one.
 */
export const messageIdOf = (digestId: string, domain: string): string => `<${PREFIX}${digestId}@${domain}>`

/** Whether a message is a digest of ours. One that was held itself is listed in no digest. */
export const isOwnMessageId = (messageId: string): boolean => OWN.test(messageId)

const PREFIX = 'amavis-digest.'
const OWN = /^\s*<?amavis-digest\.[0-9a-v]{25}@/
