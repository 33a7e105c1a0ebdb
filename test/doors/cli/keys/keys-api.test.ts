import { expect, test } from 'vitest'
import { migrate } from '../../../servers/in-process.ts'
import { configured } from '../command.ts'
import { inThisProcess } from '../in-this-process.ts'

test('API keys are created, listed and revoked, and their secrets are shown once', async () => {
  const { config } = configured()
  const keys = (...args: readonly string[]) => inThisProcess('keys', 'api', ...args, '--config', config)
  await migrate(config)
  const made = await keys(
    'create',
    'desk',
    '--scope',
    'write',
    '--scope',
    'held:read',
    '--domain',
    'example.com',
    '--domain',
    'example.org',
  )
  expect(made).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^adk_[0-9a-f]{12}_[0-9a-f]{64}\n$/),
    stderr: expect.stringContaining('write held:read example.com, example.org'),
  })
  const short = JSON.parse((await keys('backup', '--json')).stdout)
  expect(short).toMatchObject({
    key: expect.stringContaining(`adk_${short.id}_`),
    scope: 'read',
    domains: null,
  })
  const list = await keys('list')
  for (const part of ['desk', 'example.com,', 'example.org', 'backup', 'never']) {
    expect(list.stdout).toContain(part)
  }
  expect(list.stdout).not.toContain(short.key)
  expect(await keys('revoke', short.id, '--json')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('"revokedAt":"20'),
  })
  expect(await keys('x', '--domain', 'a b')).toMatchObject({ status: 2, stdout: '' })
})
