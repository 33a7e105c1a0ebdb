import { ImapFlow } from 'imapflow'
import { SECOND } from '../durations.ts'

/** A mailbox that somebody may look into. */
export interface Mailbox extends AsyncDisposable {
  /** Whether a mail is in it, in whatever folder. @param messageId as it stands in the header */
  has(messageId: string): Promise<boolean>
}

/**
 * Signs in to a mailbox by IMAP.
 *
 * @param url `imaps://USER:PASSWORD@HOST`, or `imap://…` for a server with STARTTLS: without TLS no password is sent
 * @param authorities certificates of those that are trusted, in PEM
 * @throws Error in the server's words, without the password
 */
export async function openMailbox(url: string, authorities: readonly string[]): Promise<Mailbox> {
  const { protocol, hostname, port, username, password } = new URL(url)
  const secure = protocol === 'imaps:'
  const client = new ImapFlow({
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port) || (secure ? 993 : 143),
    secure,
    ...(secure ? {} : { doSTARTTLS: true }),
    tls: { rejectUnauthorized: true, ca: [...authorities] },
    auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    logger: false,
    disableAutoIdle: true,
    connectionTimeout: 10 * SECOND,
    greetingTimeout: 10 * SECOND,
    socketTimeout: 20 * SECOND,
  })
  // The call in hand rejects too.
  client.on('error', () => {})
  await client.connect()
  return {
    has: messageId => hasInAnyFolder(client, messageId),
    async [Symbol.asyncDispose]() {
      await client.logout().catch(() => client.close())
    },
  }
}

/** A rule of the reader's may have filed it, as into Junk. */
async function hasInAnyFolder(client: ImapFlow, messageId: string): Promise<boolean> {
  for (const { path, flags } of await client.list()) {
    if (flags.has('\\Noselect') || flags.has('\\NonExistent')) continue
    const lock = await client.getMailboxLock(path, { readOnly: true })
    try {
      const found = await client.search({ header: { 'message-id': messageId } }, { uid: true })
      if (found && found.length > 0) return true
    } finally {
      lock.release()
    }
  }
  return false
}
