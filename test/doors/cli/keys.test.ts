import { chmodSync, chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { command, configured } from './command.ts'
import { inThisProcess } from './in-this-process.ts'

// Each command is a process.
vi.setConfig({ testTimeout: 120_000 })

test('six rotations at once add six keys', async () => {
  const { config, keyFile } = configured()
  const [first] = await listed(config)
  const rotations = await Promise.all(
    Array.from({ length: 6 }, () => command('keys', 'rotate', '--config', config)),
  )
  expect(rotations.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
    rotations.map(() => ({ status: 0, stderr: '' })),
  )
  const keys = await listed(config)
  expect(keys).toHaveLength(7)
  expect(keys.at(-1)?.id).toBe(first?.id)
  expect(existsSync(`${keyFile}.lock`)).toBe(false)
})

test('revoke ends a key, says what that means, and a new key takes the place of the one that signs', async () => {
  const { config } = configured()
  const [old] = await listed(config)
  await inThisProcess('keys', 'rotate', '--config', config)
  const verifying = await inThisProcess('keys', 'revoke', `${old?.id}`, '--config', config)
  expect(verifying).toMatchObject({
    status: 0,
    stderr: `Links signed with ${old?.id} are invalid now. Running services follow within seconds.\n`,
  })
  expect(verifying.stdout).not.toContain(old?.id)

  const [only] = await listed(config)
  const revoked = await inThisProcess('keys', 'revoke', `${only?.id}`, '--json', '--config', config)
  const [fresh, ...rest] = JSON.parse(revoked.stdout)
  expect(rest).toEqual([])
  expect(fresh).toMatchObject({ signs: true, verifiesUntil: null })
  expect(revoked).toMatchObject({
    status: 0,
    stderr: `${only?.id} was the key that signs. Now ${fresh.id} does, a new one.
All links in mails already sent are invalid now. Running services follow within seconds.
`,
  })
  expect(await listed(config)).toEqual([fresh])

  expect(await inThisProcess('keys', 'revoke', `${old?.id}`, '--config', config)).toEqual({
    status: 1,
    stdout: '',
    stderr: `amavis-digest: There is no key ${old?.id}. There are: ${fresh.id}.\n`,
  })
})

test('a missing key file is said to be made anew', async () => {
  const { config, keyFile } = configured()
  for (const args of [['list'], ['rotate']]) {
    rmSync(keyFile, { force: true })
    const { status, stderr } = await inThisProcess('keys', ...args, '--config', config)
    expect(status).toBe(0)
    expect(stderr).toContain(`There was no key file ${keyFile}: a new key is made.`)
  }
  expect((await inThisProcess('keys', 'list', '--config', config)).stderr).toBe('')
})

test.skipIf(process.getuid?.() !== 0)(
  'no command of root’s reads a configuration that others could change',
  async () => {
    const { config, folder } = configured()
    chownSync(config, 65534, 65534)
    for (const args of [['keys', 'rotate'], ['status'], ['serve'], ['init']]) {
      const { status, stdout, stderr } = await command(...args, '--config', config)
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
      expect(stderr).toContain(
        `${config} belongs to nobody. Run: chown root:nogroup ${config} && chmod 640 ${config}`,
      )
      expect(stderr).not.toMatch(/^ +at /m)
    }
    chownSync(config, 0, 0)
    chmodSync(folder, 0o777)
    expect((await command('keys', 'list', '--config', config)).stderr).toContain(`chmod go-w ${folder}`)
  },
)

test('passwords that the world may read are warned of, on stderr', async () => {
  const { config } = configured()
  writeFileSync(
    config,
    readFileSync(config, 'utf8').replace('smtp://127.0.0.1:9', 'smtp://u:word@127.0.0.1:9'),
  )
  const listing = ['keys', 'list', '--json', '--config', config] as const
  await inThisProcess(...listing)
  const { status, stdout, stderr } = await inThisProcess(...listing)
  expect({ status, keys: JSON.parse(stdout).length }).toEqual({ status: 0, keys: 1 })
  expect(stderr).toBe(
    `amavis-digest: Every user of this machine can read the passwords in ${config} (smtp.url). Run: chmod o= ${config}\n`,
  )
  chmodSync(config, 0o640)
  expect((await inThisProcess(...listing)).stderr).toBe('')
})

interface Listed {
  readonly id: string
}

async function listed(config: string): Promise<Listed[]> {
  return JSON.parse((await inThisProcess('keys', 'list', '--json', '--config', config)).stdout)
}
