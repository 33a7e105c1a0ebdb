import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAmavisdReleaseTransport } from '../../../../src/ground/amavisd/amavisd-release/amavisd-release-transport.ts'
import { MINUTE } from '../../../../src/ground/durations.ts'
import { releaseRequest } from '../release-request.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'amavisd-release-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Writes a command that runs the given shell script. */
function commandThat(script: string): string {
  const command = join(mkdtempSync(join(dir, 'command-')), 'amavisd-release')
  writeFileSync(command, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return command
}

const answerOf = (script: string, timeout = 5_000) =>
  createAmavisdReleaseTransport({
    command: commandThat(script),
    timeout,
    connections: 2,
    clock: () => performance.now(),
  }).release(releaseRequest())

describe('the amavisd-release transport', () => {
  test('takes success from stderr', async () => {
    const answer = await answerOf('echo "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok" >&2')
    expect(answer).toEqual({
      outcome: 'released',
      reply: '250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok',
    })
  })

  test('does not take exit status 0 for success', async () => {
    expect((await answerOf('echo "451 4.5.0 From MTA() during fwd-connect" >&2; exit 0')).outcome).toBe(
      'deferred',
    )
    expect(await answerOf('exit 0')).toMatchObject({ outcome: 'unreachable', asked: true })
  })

  test('when the command reaches nobody, amavisd is unreachable and was not asked', async () => {
    const answer = await answerOf(
      `echo "Can't connect to UNIX socket /var/lib/amavis/amavisd.sock: No such file or directory at line 317." >&2; exit 2`,
    )
    expect(answer).toMatchObject({ outcome: 'unreachable', asked: false })
    expect(answer.reply).toContain('/var/lib/amavis/amavisd.sock')
  })

  test('when the command is missing, amavisd is unreachable and was not asked', async () => {
    const transport = createAmavisdReleaseTransport({
      command: join(dir, 'missing'),
      timeout: 5_000,
      connections: 2,
      clock: () => performance.now(),
    })
    const answer = await transport.release(releaseRequest())
    expect(answer).toMatchObject({ outcome: 'unreachable', asked: false })
    expect(answer.reply).toContain('ENOENT')
  })

  test('when the command hangs, it is killed; amavisd is unreachable but was asked', async () => {
    const answer = await answerOf('exec sleep 60', 200)
    expect(answer).toMatchObject({ outcome: 'unreachable', asked: true })
    expect(answer.reply).toContain('200 ms')
  })

  test('the output of a command that never stops talking is cut off', async () => {
    const answer = await answerOf('head -c 1000000 /dev/zero | tr "\\0" x >&2')
    expect(answer.reply.length).toBeLessThanOrEqual(500)
  })

  test('the secret appears neither in an error nor among the arguments', async () => {
    const answer = await answerOf('read -r words; echo "args: $* stdin: $words" >&2')
    expect(answer.reply).toContain('args: - stdin: MiknvCQf7W66[0] [secret] <alice@example.com>')
  })

  test('the command gets none of our environment', async () => {
    process.env.AMAVIS_DIGEST_TEST_SECRET = 'hush'
    try {
      expect((await answerOf('env >&2')).reply).not.toContain('hush')
    } finally {
      delete process.env.AMAVIS_DIGEST_TEST_SECRET
    }
  })

  test('checks the claim once a command may run, and runs none if the claim is lost', async () => {
    const started = join(mkdtempSync(join(dir, 'started-')), 'times')
    const command = commandThat(`echo once >> ${started}; echo "250 2.0.0 Ok" >&2`)
    const transport = createAmavisdReleaseTransport({
      command,
      timeout: 5_000,
      connections: 1,
      clock: () => performance.now(),
    })
    let before = ''
    const first = transport.release(releaseRequest())
    const late = transport.release(releaseRequest(), undefined, async () => {
      before = readFileSync(started, 'utf8')
      return false
    })
    expect(await first).toMatchObject({ outcome: 'released' })
    expect(await late).toMatchObject({
      outcome: 'unreachable',
      asked: false,
      reply: expect.stringContaining('claim expired'),
    })
    expect(await transport.release(releaseRequest(), undefined, async () => true)).toMatchObject({
      outcome: 'released',
    })
    expect(before).toBe('once\n')
    expect(readFileSync(started, 'utf8')).toBe('once\nonce\n')
  })

  test('a probe asks for a message that does not exist, and then only looks for the command for a while', async () => {
    const asked = join(dir, 'probed')
    const time = { now: 0 }
    const transportOf = (command: string) =>
      createAmavisdReleaseTransport({ command, timeout: 5_000, connections: 1, clock: () => time.now })
    const refusing = transportOf(
      commandThat(`cat >>${asked}; echo "450 4.5.0 Failure: Secret_id x does not match mail_id y" >&2`),
    )
    const probes = () => readFileSync(asked, 'utf8').trim().split('\n').length
    expect(await refusing.probe()).toBe(undefined)
    expect(await refusing.probe()).toBe(undefined)
    expect(probes()).toBe(1)
    time.now += 10 * MINUTE
    expect(await refusing.probe()).toBe(undefined)
    expect(probes()).toBe(2)
    expect(await transportOf(join(dir, 'nowhere')).probe()).toContain('there is no command')
  })

  test('a probe finds out that the command cannot reach amavisd, and asks again the next time', async () => {
    const away = join(dir, 'away')
    writeFileSync(away, '')
    const transport = createAmavisdReleaseTransport({
      command: commandThat(
        `test -e ${away} && { echo "Can't connect to UNIX socket /x: Connection refused" >&2; exit 2; }; echo "450 4.5.0 Failure: no" >&2`,
      ),
      timeout: 5_000,
      connections: 1,
      clock: () => 0,
    })
    expect(await transport.probe()).toContain("Can't connect to UNIX socket")
    rmSync(away)
    expect(await transport.probe()).toBe(undefined)
  })

  test('an abort kills the command', async () => {
    const interruption = new AbortController()
    const started = join(dir, 'interrupted')
    const transport = createAmavisdReleaseTransport({
      command: commandThat(`echo once >>${started}; exec sleep 60`),
      timeout: 60_000,
      connections: 1,
      clock: () => performance.now(),
    })
    const running = transport.release(releaseRequest(), interruption.signal)
    const waiting = transport.release(releaseRequest(), interruption.signal)
    await expect.poll(() => existsSync(started)).toBe(true)
    interruption.abort()
    expect(await running).toMatchObject({ outcome: 'unreachable', asked: true })
    expect(await waiting).toMatchObject({ outcome: 'unreachable', asked: false })
  })
})
