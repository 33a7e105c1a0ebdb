import { userInfo } from 'node:os'
import { expect, test } from 'vitest'
import { commandLineEditor } from '../../../src/doors/cli/editor.ts'

test('the command line names the person behind sudo', () => {
  const { username } = userInfo()
  const nameIn = (environment: NodeJS.ProcessEnv) => commandLineEditor(environment).actor.name
  expect(nameIn({ SUDO_USER: 'anna' })).toBe(`anna (as ${username})`)
  for (const environment of [{}, { SUDO_USER: username }, { SUDO_USER: 'a\nb' }, { SUDO_USER: '' }]) {
    expect(nameIn(environment)).toBe(username)
  }
})
