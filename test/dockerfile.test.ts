import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

test('.dockerignore lets through each file and folder that the Dockerfile copies', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) =>
    names.split(' '),
  )
  expect(copied.length).toBeGreaterThan(5)
  const passed = read('.dockerignore').split('\n')
  expect(copied.filter(name => !passed.includes(`!${name}`))).toEqual([])
})
