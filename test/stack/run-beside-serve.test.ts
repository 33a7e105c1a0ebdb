import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { waitUntil } from '../servers/wait.ts'
import { SERVERS } from './databases.ts'
import { hold, startWorld, type World } from './world.ts'

describe.each(SERVERS)('on %s', database => {
  let world: World

  beforeAll(async () => {
    world = await startWorld({ database })
  })
  beforeEach(() => world.reset())
  afterAll(() => world?.[Symbol.asyncDispose]())

  test('run waits for the digest that a running service is sending, and says that it was handed over', async () => {
    await hold(world, 'alice@example.com')
    await world.digests.stop()
    await world.program.command('run')
    await world.digests.start()
    const held = world.digests.holdAnswers()
    await using _service = await world.program.serve()
    await world.state.query('UPDATE digest_digest SET next_attempt_at = 1')
    await waitUntil('the service to send it', () => held.count() === 1)
    const running = [world.program.command('run', '--json'), world.program.command('run')]
    await waitUntil('both runs', async () => (await runs()) === 3)
    held.answer()
    const [json, text] = await Promise.all(running)
    expect(JSON.parse(json?.stdout ?? '')).toEqual({
      digests: 0,
      items: 0,
      sent: 1,
      failed: 0,
      handedOver: 1,
    })
    expect([json?.status, text?.status]).toEqual([0, 0])
    expect(text?.stderr).toContain('1 sent')
    expect(text?.stderr).toContain('handed to the running service: 1')
    expect(world.digests.mails).toHaveLength(1)
  })

  test('whoever sends them, run counts all of its digests, and each has arrived when it returns', async () => {
    await using _service = await world.program.serve()
    for (let round = 0; round < 5; round += 1) {
      const readers = Array.from({ length: 6 }, (_, index) => `reader-${round}-${index}@example.com`)
      await hold(world, readers)
      const { status, stdout } = await world.program.command('run', '--json')
      const mails = world.digests.mails.length
      expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, digests: 6, sent: 6, failed: 0 })
      expect(mails).toBe(6 * (round + 1))
    }
  })

  const runs = async () => (await world.state.query('SELECT run_id FROM digest_run')).length
})
