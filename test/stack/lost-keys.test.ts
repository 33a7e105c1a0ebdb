import { copyFileSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { waitUntil } from '../servers/wait.ts'
import { follow, JSON_ONLY } from './follow.ts'
import type { Service } from './program.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

test('a key file that was lost after digests were sent is told of at the start and by /readyz, until it is back', async () => {
  await using world = await startWorld()
  const { keyFile } = world.program
  const backup = `${keyFile}.backup`
  {
    await using fresh = await world.program.serve()
    expect(await reasons(fresh)).toEqual([])
    expect(fresh.log()).not.toContain('do not work')
  }
  await hold(world, 'alice@example.com')
  await runJson(world.program)
  copyFileSync(keyFile, backup)
  rmSync(keyFile)
  // A command may be the one that makes the new key.
  await world.program.command('keys', 'list')
  await using service = await world.program.serve()
  expect(service.log()).toMatch(
    /"keyFile":"[^"]*","keysSince":"[^"]*","msg":"links in mails already sent do not work/,
  )
  expect(await reasons(service)).toEqual(['keys: KEY_FILE_LOST'])
  await rotate(world)
  expect(await reasons(service)).toEqual(['keys: KEY_FILE_LOST'])
  copyFileSync(backup, keyFile)
  await waitUntil('no reason', async () => (await reasons(service)).length === 0)
})

test('a key that was revoked is not taken for one that was lost', async () => {
  await using world = await startWorld()
  await hold(world, 'alice@example.com')
  await runJson(world.program)
  const [only] = JSON.parse((await world.program.command('keys', 'list', '--json')).stdout)
  expect(await world.program.command('keys', 'revoke', only.id)).toMatchObject({ status: 0 })
  await using service = await world.program.serve()
  expect(await reasons(service)).toEqual([])
  expect(service.log()).not.toContain('do not work')
})

/** A rotation brings no lost key back. */
const rotate = (world: World) => world.program.command('keys', 'rotate')

async function reasons(service: Service): Promise<readonly string[]> {
  const { json } = await follow(service, `${service.url}/readyz`, { headers: JSON_ONLY })
  return (json?.reasons ?? []) as readonly string[]
}
