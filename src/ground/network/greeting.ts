import { connect } from 'node:net'

/** What a server says first. */
export type Greeting =
  | { readonly kind: 'said'; readonly line: string }
  /** It takes connections, but waits for the client to speak. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'unreachable'; readonly reason: string }

/** Reads the first line that a TCP server says, such as the greeting of SMTP. Never rejects. */
export function greetingOf(host: string, port: number, timeout: number): Promise<Greeting> {
  const { promise, resolve } = Promise.withResolvers<Greeting>()
  const socket = connect({ host, port })
  let isConnected = false
  let received = ''
  const settle = (greeting: Greeting) => {
    clearTimeout(timer)
    socket.destroy()
    resolve(greeting)
  }
  const timer = setTimeout(
    () => settle(isConnected ? { kind: 'silent' } : { kind: 'unreachable', reason: 'no connection in time' }),
    timeout,
  )
  socket.once('connect', () => {
    isConnected = true
  })
  socket.on('data', (chunk: Buffer) => {
    received = (received + chunk.toString('latin1')).slice(0, LONGEST)
    const [line = '', ...rest] = received.split('\n')
    if (rest.length > 0 || received.length === LONGEST) settle({ kind: 'said', line: line.trim() })
  })
  socket.on('error', error => settle({ kind: 'unreachable', reason: error.message }))
  socket.once('close', () =>
    settle(isConnected ? { kind: 'silent' } : { kind: 'unreachable', reason: 'closed' }),
  )
  return promise
}

/** RFC 5321, section 4.5.3.1.5: a reply line has at most 512 octets. */
const LONGEST = 512

/** Whether it is amavisd's filter that greets: `220 [127.0.0.1] ESMTP amavisd-new service ready`. */
export const isFilter = (greeting: Greeting): boolean =>
  greeting.kind === 'said' && /\bamavisd?(?:-new)? service ready\b/i.test(greeting.line)
