import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { spamMail } from '../servers/samples.ts'
import { SmtpLines } from '../servers/smtp-lines.ts'
import { waitUntil } from '../servers/wait.ts'
import { SERVERS } from './databases.ts'
import { hold, startWorld, type World } from './world.ts'

const UNREACHABLE = [
  Buffer.from('"a>b"@example.com'),
  Buffer.from('"a> SIZE=1 <b"@example.com'),
  Buffer.from('se\xF1or@example.com', 'latin1'),
]

describe.each(SERVERS)('on %s', database => {
  let world: World

  beforeAll(async () => {
    world = await startWorld({ database })
  })
  beforeEach(() => world.reset())
  afterAll(() => world?.[Symbol.asyncDispose]())

  test('recipients that no mail can be sent to have no reader: they are logged once and counted, and no run fails', async () => {
    for (const recipient of UNREACHABLE) await injectTo(world.amavisd.smtpPort, recipient)
    await hold(world, ['alice@example.com', 'se\uFFFDor@example.com'])
    await waitUntil('all held mail', async () => (await heldCount()) === UNREACHABLE.length + 2)
    const first = await world.program.command('run', '--json')
    expect([first.status, JSON.parse(first.stdout)]).toEqual([
      0,
      { digests: 1, items: 1, sent: 1, failed: 0 },
    ])
    expect(first.stderr.match(/no mail can be sent to its recipient/g)).toHaveLength(1)
    expect(first.stderr).toContain('size=1')
    for (let again = 0; again < 2; again += 1) {
      const { status, stdout, stderr } = await world.program.command('run', '--json')
      expect([status, JSON.parse(stdout), stderr]).toEqual([
        0,
        { digests: 0, items: 0, sent: 0, failed: 0 },
        '',
      ])
    }
    expect(world.digests.mails.map(({ to }) => to)).toEqual([['alice@example.com']])
    const status = await world.program.command('status', '--json')
    expect(JSON.parse(status.stdout)).toMatchObject({
      messagesUnlisted: UNREACHABLE.length + 1,
      messagesWaiting: 0,
    })
    expect((await world.program.command('status')).stdout).toMatch(/4 {2}messages that no digest lists/)
    await using service = await world.program.serve()
    const metrics = await (await fetch(`${service.url}/metrics`)).text()
    expect(metrics).toMatch(/^amavis_digest_held_mails_unlisted 4$/m)
  })

  const heldCount = async () => (await world.storage.query("SELECT 1 FROM msgrcpt WHERE rs = ' '")).length
})

/** Sends GTUBE to a recipient whose octets need not be UTF-8. */
async function injectTo(port: number, recipient: Buffer): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const lines = new SmtpLines(socket)
  const dialogue = [
    '',
    'EHLO client.example.net\r\n',
    'MAIL FROM:<sam@sender.example.net> BODY=8BITMIME\r\n',
    Buffer.concat([Buffer.from('RCPT TO:<'), recipient, Buffer.from('>\r\n')]),
    'DATA\r\n',
    `${spamMail({ subject: 'Odd recipient' }).toString().replaceAll(/\r?\n/g, '\r\n')}\r\n.\r\n`,
  ]
  for (const command of dialogue) {
    socket.write(command)
    let line: string | undefined
    do line = await lines.line()
    while (line?.[3] === '-')
    if (!line || !/^[23]/.test(line)) throw new Error(`${command.toString().slice(0, 60)}: ${line}`)
  }
  socket.end('QUIT\r\n')
}
