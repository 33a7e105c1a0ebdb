import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import process from 'node:process'

// `slow-sink.ts MILLISECONDS` is an SMTP server that discards all mail and takes that long for each, as a real one does
// that writes to its disk. It prints its port, and, for each line that it reads, what it has taken since the last one.

const [latency = 0] = process.argv.slice(2).map(Number)
let taken = { mails: 0, first: 0, last: 0 }

const server = createServer({ noDelay: true }, serveSession).listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`)
process.stdin.on('data', () => {
  process.stdout.write(`${JSON.stringify(taken)}\n`)
  taken = { mails: 0, first: 0, last: 0 }
})

function serveSession(socket: Socket): void {
  let unread = ''
  let state: 'commands' | 'text' | 'taking' = 'commands'

  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    unread += chunk.toString('latin1')
    read()
  })
  socket.write('220 sink ESMTP\r\n')

  function read(): void {
    if (state === 'commands') readCommands()
    if (state === 'text') readText()
  }

  function readCommands(): void {
    let answers = ''
    for (let end = unread.indexOf('\r\n'); end >= 0 && state === 'commands'; end = unread.indexOf('\r\n')) {
      const command = unread.slice(0, 4).toUpperCase()
      unread = unread.slice(end + 2)
      answers += ANSWERS[command] ?? '250 2.0.0 Ok\r\n'
      if (command === 'DATA') state = 'text'
      if (command === 'QUIT') socket.end(answers)
    }
    if (answers !== '' && socket.writable) socket.write(answers)
  }

  function readText(): void {
    const end = unread.indexOf(END)
    unread = end < 0 ? unread.slice(1 - END.length) : unread.slice(end + END.length)
    if (end < 0) return
    state = 'taking'
    setTimeout(take, latency)
  }

  function take(): void {
    const now = performance.now()
    taken = { mails: taken.mails + 1, first: taken.first || now, last: now }
    socket.write('250 2.0.0 Ok: discarded\r\n')
    state = 'commands'
    read()
  }
}

const ANSWERS: Readonly<Record<string, string>> = {
  EHLO: '250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n',
  DATA: '354 End data with <CR><LF>.<CR><LF>\r\n',
  QUIT: '221 2.0.0 Bye\r\n',
}

const END = '\r\n.\r\n'
