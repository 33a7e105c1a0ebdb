import { createServer } from 'node:net'
import process from 'node:process'

// `am-pdp-process.ts PATH DELAY`: answers each release that it is asked for, after so many milliseconds, and releases
// nothing. Only for measuring: what amavisd itself needs is not ours.
const [path = '', delay = '0'] = process.argv.slice(2)
const server = createServer(socket => {
  let request = ''
  socket.setEncoding('latin1')
  socket.on('error', () => undefined)
  socket.on('data', chunk => {
    request += chunk
    if (!request.includes('\r\n\r\n')) return
    const answer = () =>
      socket.end(
        request.includes('smtpd_access_policy') ? 'action=DUNNO\r\n\r\n' : 'setreply=250 2.0.0 Ok\r\n\r\n',
      )
    if (delay === '0') answer()
    else setTimeout(answer, Number(delay))
  })
})
server.listen(path, () => process.stdout.write('listening\n'))
