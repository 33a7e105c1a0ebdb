import { expect, test } from 'vitest'
import { constantTexts } from '../../../../src/doors/http/web/constant-texts.ts'

test('the parts of a page are its text, and what never changes is the same octets for each page', () => {
  const constants = constantTexts()
  const style = constants.add('ä { color: red }')
  const [first, second] = ['Größe', '@:0@'].map(title => constants.putInto(`<h1>${title}</h1>${style}.`))
  const octets = (page = first) => Buffer.concat((page?.parts() ?? []).map(part => Buffer.from(part)))
  expect(octets().toString()).toBe('<h1>Größe</h1>ä { color: red }.')
  expect(octets(second).toString()).toBe(second?.text())
  expect(second?.text()).toBe('<h1>@:0@</h1>ä { color: red }.')
  expect(first?.parts()[1]).toBe(second?.parts()[1])
})
