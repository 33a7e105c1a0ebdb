import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { heldRows } from '../servers/held.ts'
import { inject } from '../servers/inject.ts'
import { badHeaderMail, bannedMail, cleanMail, virusMail } from '../servers/samples.ts'
import { waitUntil } from '../servers/wait.ts'
import { DATABASES } from './databases.ts'
import { digestFor, digestMail } from './digest-mail.ts'
import { PUBLIC_URL } from './program.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

describe.each(DATABASES)('on %s', database => {
  let world: World
  const run = (...options: readonly string[]) => runJson(world.program, ...options)

  beforeAll(async () => {
    world = await startWorld({ database })
  })
  beforeEach(() => world.reset())
  afterAll(() => world?.[Symbol.asyncDispose]())

  describe('run', () => {
    test('mails each reader one digest, which lists the mail held for them and nothing else', async () => {
      const foreign = 'frank@elsewhere.example.net'
      await hold(world, ['alice@example.com', 'bob@example.com', foreign], { subject: 'Spam' })
      await hold(world, 'alice@example.com', { subject: 'Program', make: bannedMail })
      await hold(world, 'alice@example.com', { subject: 'Accent', make: badHeaderMail })
      await hold(world, 'alice@example.com', { subject: 'Virus', make: virusMail })
      await send(world, 'alice@example.com', cleanMail({ subject: 'Clean' }))

      expect(await run()).toEqual({ digests: 2, items: 4, sent: 2, failed: 0 })
      expect(world.digests.mails.map(mail => mail.to).sort()).toEqual([
        ['alice@example.com'],
        ['bob@example.com'],
      ])
      const { subjects } = digestFor(world.digests.mails, 'alice@example.com')
      expect([...subjects].sort()).toEqual(['Accent', 'Program', 'Spam'])
      expect(digestFor(world.digests.mails, 'bob@example.com').subjects).toEqual(['Spam'])
    })

    test('lists each message once: a second run sends nothing, and a third only new mail', async () => {
      await hold(world, 'alice@example.com', { subject: 'First' })
      expect(await run()).toMatchObject({ sent: 1 })
      expect(await run()).toEqual({ digests: 0, items: 0, sent: 0, failed: 0 })
      await hold(world, 'alice@example.com', { subject: 'Second' })
      expect(await run()).toMatchObject({ sent: 1, items: 1 })
      expect(world.digests.mails.map(mail => digestMail(mail).subjects)).toEqual([['First'], ['Second']])
    })

    test('lists each message once even if two run at the same time', async () => {
      for (const name of ['alice', 'bob', 'carol']) await hold(world, `${name}@example.com`)
      const command = () => world.program.command('run', '--json')
      const results = await Promise.all([command(), command()])
      expect(results.map(({ stdout }) => JSON.parse(stdout).items).reduce((a, b) => a + b)).toBe(3)
      expect(world.digests.mails.map(mail => mail.to[0]).sort()).toEqual([
        'alice@example.com',
        'bob@example.com',
        'carol@example.com',
      ])
    })
  })

  describe('release', () => {
    test('releases one message to one recipient, once, and updates amavis’s table', async () => {
      const [held] = await hold(world, ['alice@example.com', 'bob@example.com'], { subject: 'Wanted' })
      const release = () => world.program.command('release', held.mail_id, '--recipient', 'bob@example.com')

      expect(await release()).toEqual({
        status: 0,
        stdout: '',
        stderr: expect.stringMatching(/^Released\.\namavisd: 250 2\.0\.0 from MTA/),
      })
      expect(await release()).toEqual({
        status: 0,
        stdout: '',
        stderr: expect.stringContaining('It was released before; no second copy was sent.'),
      })
      expect(world.mta.mails.map(mail => [mail.to, mail.parsed.subject])).toEqual([
        [['bob@example.com'], 'Wanted'],
      ])
      expect((await heldRows(world.storage)).map(row => [row.email, row.rs.trim()])).toEqual([
        ['alice@example.com', ''],
        ['bob@example.com', 'R'],
      ])
      await run()
      expect(world.digests.mails.map(mail => mail.to)).toEqual([['alice@example.com']])
    })
  })

  test('a digest of ours that was held is not listed in any digest', async () => {
    await hold(world, 'alice@example.com')
    await run()
    const own = await world.digests.waitFor(() => true)
    const messageId = own.parsed.messageId ?? ''
    await hold(world, 'alice@example.com', { subject: 'Our own', messageId })
    await hold(world, 'alice@example.com', { subject: 'Another', messageId: `<x${messageId.slice(1)}` })
    world.digests.clear()
    await run()
    expect(digestFor(world.digests.mails, 'alice@example.com').subjects).toEqual(['Another'])
  })

  describe('with a second amavisd that passes bad headers, has case-sensitive local parts and another tag', () => {
    let second: World['amavisd']

    beforeAll(async () => {
      const options = { badHeader: 'pass', caseSensitiveLocalParts: true, partitionTag: '2' } as const
      second = await world.addAmavisd(options)
    })

    test('a passed mail was delivered, and is not listed', async () => {
      await hold({ ...world, amavisd: second }, 'alice@example.com', {
        subject: 'Passed',
        make: badHeaderMail,
      })
      expect((await heldRows(world.storage)).map(row => [row.ds, row.quar_type])).toEqual([['P', 'Q']])
      expect(await run()).toMatchObject({ digests: 0, sent: 0 })
    })

    test('an address with several partition tags is one reader, but each message is released by its tag', async () => {
      await hold(world, 'alice@example.com', { subject: 'From the first' })
      await hold({ ...world, amavisd: second }, 'alice@example.com', { subject: 'From the second' })
      const tags = (await heldRows(world.storage)).map(row => row.partition_tag)
      expect(tags.sort()).toEqual([0, 2])
      expect(await run()).toEqual({ digests: 1, items: 2, sent: 1, failed: 0 })
      const digest = digestFor(world.digests.mails, 'alice@example.com')
      expect([...digest.subjects].sort()).toEqual(['From the first', 'From the second'])

      for (const row of await heldRows(world.storage)) {
        const released = await world.program.command(
          'release',
          row.mail_id,
          '--recipient',
          'alice@example.com',
        )
        expect(released.stderr).toContain('Released.')
      }
      expect(world.mta.mails.map(mail => mail.parsed.subject).sort()).toEqual([
        'From the first',
        'From the second',
      ])
    })

    test('readers are compared without regard to case, but releases go to the stored spelling', async () => {
      const there = { ...world, amavisd: second }
      const [upper] = await hold(there, 'Mixed.Case@Example.com', { subject: 'Upper' })
      const [lower] = await hold(there, 'mixed.case@example.com', { subject: 'Lower' })
      expect([upper.email, lower.email]).toEqual(['Mixed.Case@example.com', 'mixed.case@example.com'])
      expect(await run()).toMatchObject({ digests: 1, items: 2, sent: 1 })
      expect(world.digests.mails[0]?.to[0]?.toLowerCase()).toBe('mixed.case@example.com')

      await world.program.command('release', upper.mail_id, '--recipient', 'MIXED.CASE@example.com')
      expect(world.mta.mails.map(mail => mail.to)).toEqual([['Mixed.Case@example.com']])
    })

    test('of two recipients that differ by case alone, an admin releases to the one that is named', async () => {
      const both = ['Alice@example.com', 'alice@example.com']
      const [held] = await hold({ ...world, amavisd: second }, both)
      await world.program.command('release', held.mail_id, '--recipient', 'alice@example.com')
      expect(world.mta.mails.map(mail => mail.to)).toEqual([['alice@example.com']])
    })

    test('a reader whose mailbox has capitals gets the digest there', async () => {
      await hold({ ...world, amavisd: second }, 'Alice.Cooper@example.com')
      await run()
      expect(world.digests.mails.map(mail => mail.to)).toEqual([['Alice.Cooper@example.com']])
    })
  })
})

describe('on any database', () => {
  let world: World
  const run = (...options: readonly string[]) => runJson(world.program, ...options)

  beforeAll(async () => {
    world = await startWorld({ database: 'sqlite' })
  })
  beforeEach(() => world.reset())
  afterAll(() => world?.[Symbol.asyncDispose]())

  test('run lists the likeliest mistakes first: the lowest score, then the newest', async () => {
    const messages = [
      { subject: 'Old and likely spam', score: 20, age: 600 },
      { subject: 'Old', score: 7, age: 600 },
      { subject: 'New', score: 7, age: 60 },
    ]
    for (const { subject, score, age } of messages) {
      const [{ mail_id }] = await hold(world, 'alice@example.com', { subject })
      await world.storage.query('UPDATE msgrcpt SET bspam_level = ? WHERE mail_id = ?', [score, mail_id])
      await world.storage.query('UPDATE msgs SET time_num = time_num - ? WHERE mail_id = ?', [age, mail_id])
    }
    await run()
    expect(digestFor(world.digests.mails, 'alice@example.com').subjects).toEqual([
      'New',
      'Old',
      'Old and likely spam',
    ])
  })

  test('run --dry-run and preview claim and send nothing', async () => {
    await hold(world, 'alice@example.com', { subject: 'Waiting' })
    expect(await run('--dry-run')).toMatchObject({ digests: 1, items: 1, sent: 0, failed: 0 })
    const preview = await world.program.command('preview', '--recipient', 'alice@example.com', '--json')
    expect(preview).toMatchObject({ status: 0, stderr: '' })
    const { subject, text } = JSON.parse(preview.stdout)
    expect(subject).toMatch(/^1 message held back \(\w+, \w+ \d+\)$/)
    expect(text.match(/https:\S+\/release\/\S+/g)).toEqual([`${PUBLIC_URL}/release/preview`])
    expect(world.digests.mails).toEqual([])
    expect(await run()).toMatchObject({ digests: 1, items: 1, sent: 1 })
  })

  test('run --recipient makes a digest only for that reader, however the address is written', async () => {
    await hold(world, ['alice@example.com', 'bob@example.com'])
    expect(await run('--recipient', 'Alice@EXAMPLE.com')).toMatchObject({ digests: 1, sent: 1 })
    expect(world.digests.mails.map(mail => mail.to)).toEqual([['alice@example.com']])
  })

  test('release fails for an unknown message, and for one that is not held for that address', async () => {
    const [held] = await hold(world, 'alice@example.com')
    for (const [mailId, recipient] of [
      ['NoSuchMail12', 'alice@example.com'],
      [held.mail_id, 'bob@example.com'],
    ] as const) {
      const result = await world.program.command('release', mailId, '--recipient', recipient)
      expect(result.status).toBe(1)
      expect(result.stderr).toContain(`amavisd has no message ${mailId} for ${recipient}`)
    }
    expect(world.mta.mails).toEqual([])
  })

  test('run leaves one audit row, with the reader if one is named', async () => {
    await run()
    await run('--recipient', 'alice@example.com')
    await run('--dry-run')
    const rows = await world.state.query('SELECT action, recipient FROM digest_audit ORDER BY at')
    const recipients = [null, 'alice@example.com']
    expect(rows).toEqual(recipients.map(recipient => ({ action: 'run', recipient })))
  })

  test('run without --json says in words what it did', async () => {
    await hold(world, 'alice@example.com')
    expect(await world.program.command('run')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'Made 1 digest of 1 message: 1 sent, 0 failed or put off.\n',
    })
  })

  test('release --json prints the outcome', async () => {
    const [held] = await hold(world, 'alice@example.com')
    const release = ['release', held.mail_id, '--recipient', 'alice@example.com', '--json']
    expect(JSON.parse((await world.program.command(...release)).stdout)).toEqual({
      status: 'released',
      code: null,
      reply: expect.stringContaining('250 2.0.0 from MTA'),
    })
    expect(JSON.parse((await world.program.command(...release)).stdout)).toEqual({
      status: 'already-released',
      code: null,
      reply: expect.stringContaining('250 2.0.0 from MTA'),
    })
  })

  test('release leaves an audit row', async () => {
    const [held] = await hold(world, 'alice@example.com')
    await world.program.command('release', held.mail_id, '--recipient', 'alice@example.com')
    const [row] = await world.storage.query('SELECT * FROM digest_audit')
    expect(row).toMatchObject({
      actor_kind: 'admin',
      remote_address: null,
      action: 'release',
      recipient: 'alice@example.com',
      outcome: 'released',
      detail: expect.stringMatching(/^250 2\.0\.0 from MTA/),
    })
  })
})

/** Sends a message that is not held, and waits for its delivery. */
async function send(world: World, to: string, raw: string): Promise<void> {
  await inject(world.amavisd.smtpPort, { from: 'sam@sender.example.net', to: [to] }, raw)
  await waitUntil('the clean mail', () => world.mta.mails.length > 0)
}
