import { once } from 'node:events'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { Client } from 'ldapts'
import { unlessAborted } from '../../concurrency/unless-aborted.ts'
import { ldapts } from './ldapts.ts'
import { type LdapAccount, type LdapServer, ldapServer } from './settings.ts'

/** A connection to a directory server, signed in. */
export interface Session {
  readonly client: Client
  /** False once either side has closed it. */
  isOpen(): boolean
  /** Says goodbye and closes it, or only closes it. */
  close(how?: 'at once'): void
}

/**
 * Connects, encrypts and signs in. The certificate is checked whenever there is encryption, and no password is sent
 * before it.
 *
 * @param authorities whose certificates are trusted, in PEM
 * @param signal ends the attempt
 * @throws errors of sockets, TLS and ldapts, StartTlsRefused, and the signal's reason
 */
export async function openSession(
  settings: LdapAccount,
  authorities: readonly string[],
  signal: AbortSignal,
): Promise<Session> {
  const socket = await openSocket(ldapServer(settings), authorities, signal)
  const client = clientOn(socket)
  const session: Session = {
    client,
    isOpen: () => isOpen(socket),
    close: how => {
      if (how === 'at once') socket.destroy()
      else client.unbind().catch(() => socket.destroy())
    },
  }
  if (settings.bindDn === undefined) return session
  try {
    await unlessAborted(signal, client.bind(settings.bindDn, settings.password))
    return session
  } catch (error) {
    session.close('at once')
    throw error
  }
}

/** The server is there, but does not encrypt. The cause is what it said. */
export class StartTlsRefused extends Error {}

function openSocket(
  { host, port, encryption }: LdapServer,
  authorities: readonly string[],
  signal: AbortSignal,
): Promise<Socket> {
  const tls: ConnectionOptions = {
    host,
    ca: [...authorities],
    // The certificate of an address is checked, too, but no address may be sent as a name (RFC 6066, section 3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
  }
  switch (encryption) {
    case 'none':
      return opened(plainSocket(host, port), 'connect', signal)
    case 'ldaps':
      return opened(connectTls({ ...tls, port }), 'secureConnect', signal)
    case 'start-tls':
      return startTls(plainSocket(host, port), tls, signal)
  }
}

/**
 * A socket that hands over what comes in small pieces, as TLS does: ldapts calls itself once more for each message in a
 * piece, and 64 kB of the smallest messages would end the process.
 */
function plainSocket(host: string, port: number): Socket {
  const socket: Socket = connectTcp({
    host,
    port,
    onread: {
      buffer: Buffer.alloc(PIECE),
      callback: (octets, buffer) => {
        socket.emit('data', Buffer.from(buffer.subarray(0, octets)))
        return true
      },
    },
  })
  return socket
}

/** Octets. */
const PIECE = 16_384

/**
 * RFC 4511, section 4.14. The client that asks for it is not used again: whatever an attacker has sent to it before the
 * encryption began is dropped with it.
 */
async function startTls(plain: Socket, tls: ConnectionOptions, signal: AbortSignal): Promise<Socket> {
  await opened(plain, 'connect', signal)
  try {
    await unlessAborted(signal, clientOn(plain).exop(START_TLS))
    plain.removeAllListeners('data')
    return await opened(connectTls({ ...tls, socket: plain }), 'secureConnect', signal)
  } catch (error) {
    plain.destroy()
    throw error instanceof ldapts().ResultCodeError
      ? new StartTlsRefused(error.message, { cause: error })
      : error
  }
}

const START_TLS = '1.3.6.1.4.1.1466.20037'

async function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<Socket> {
  try {
    await once(socket, event, { signal })
    return socket
  } catch (error) {
    // Whatever else goes wrong with it is of no interest.
    socket.on('error', () => undefined)
    socket.destroy()
    throw error
  }
}

/**
 * ldapts could open the socket itself. But then the time limit would leave out the handshake, a lost connection would be
 * replaced by one that is not signed in, and after StartTLS the end of a connection would not be noticed.
 */
function clientOn(socket: Socket): Client {
  const createConnection = () => {
    if (isOpen(socket)) return socket
    throw new Error('the connection is closed')
  }
  return new (ldapts().Client)({ url: 'ldap://is.open', createConnection })
}

const isOpen = (socket: Socket): boolean => !socket.destroyed && socket.readyState === 'open'
