import { expect, test } from 'vitest'
import type { Schema } from './json-arbitrary.ts'
import { at, type Content, DOCUMENT, operations, validating, validatorOf } from './openapi-document.ts'

const PROBLEM = 'application/problem+json'

test('every operation, answer, parameter and property is described in sentences', () => {
  for (const { name, description } of DOCUMENT.tags) expect(description, name).toMatch(SENTENCES)
  for (const { method, path, operation } of operations()) {
    const place = `${method} ${path}`
    expect(operation.summary, place).toMatch(/^[A-Z][a-z]+s [^.]+$/)
    if (operation.description !== undefined) expect(operation.description, place).toMatch(SENTENCES)
    for (const { name, description = '' } of operation.parameters ?? []) {
      expect(description, `${place} ${name}`).toMatch(SENTENCES)
    }
    for (const [status, { description }] of Object.entries(operation.responses)) {
      expect(description, `${place} ${status}`).toMatch(SENTENCES)
    }
  }
  for (const [name, schema] of Object.entries(DOCUMENT.components.schemas)) {
    expect(schema.description ?? '', name).toMatch(SENTENCES)
  }
  for (const { place, properties } of objects()) {
    for (const [name, property] of Object.entries(properties)) {
      expect(property.description ?? '', `${place}/${name}`).toMatch(SENTENCES)
    }
  }
})

test('each parameter, body and answer has an example that matches its schema', () => {
  const requests: string[] = []
  for (const { method, path, operation } of operations()) {
    const place = `${method} ${path}`
    for (const { name, example, schema } of operation.parameters ?? []) {
      const isValid = validating().compile(schema)
      expect(isValid(example) ? [] : isValid.errors, `${place} ${name}`).toEqual([])
    }
    if (operation.requestBody) requests.push(operation.operationId)
    const contents: [string, Content | undefined][] = [
      [`${place} request`, operation.requestBody?.content],
      ...Object.entries(operation.responses).map(([status, { content }]): [string, Content | undefined] => [
        `${place} ${status}`,
        content,
      ]),
    ]
    for (const [where, content = {}] of contents) requireExamples(where, content)
  }
  expect(requests).toContain('putSchedule')
})

test('the example of a problem has its code and its status', () => {
  const used = new Set<string>()
  for (const { operation } of operations()) {
    for (const [status, { description, content = {} }] of Object.entries(operation.responses)) {
      for (const [code, { $ref }] of Object.entries(content[PROBLEM]?.examples ?? {})) {
        expect(valueAt($ref)).toMatchObject({ code, status: Number(status) })
        expect(description).toContain(`\`${code}\``)
        used.add(code)
      }
    }
  }
  expect([...used].sort()).toEqual(Object.keys(DOCUMENT.components.examples))
})

test('objects name their properties, and no integer has the bounds of a double', () => {
  for (const { place, properties, required } of objects()) {
    expect(
      required.filter(name => !Object.hasOwn(properties, name)),
      place,
    ).toEqual([])
  }
  const text = JSON.stringify(DOCUMENT)
  expect(text).not.toContain('propertyNames')
  expect(text).not.toContain('900719925474099')
})

/** One or more sentences, or a list of them. */
const SENTENCES = /^(?:[A-Z`]|- `|amavisd)[\s\S]*\.$/

interface ObjectSchema {
  readonly place: string
  readonly properties: Readonly<Record<string, Schema>>
  readonly required: readonly string[]
}

/** Every object schema of the document, at any depth. */
function objects(): ObjectSchema[] {
  const found: ObjectSchema[] = []
  const visit = (value: unknown, place: string): void => {
    if (typeof value !== 'object' || value === null) return
    if (isObjectSchema(value)) found.push({ place, properties: {}, required: [], ...value })
    for (const [name, part] of Object.entries(value)) {
      if (name !== 'example' && name !== 'examples') visit(part, `${place}/${name}`)
    }
  }
  visit(DOCUMENT, '#')
  expect(found.length).toBeGreaterThan(30)
  return found
}

const isObjectSchema = (value: object): boolean => 'type' in value && value.type === 'object'

function requireExamples(where: string, content: Content): void {
  for (const [type, { schema, example, examples = {} }] of Object.entries(content)) {
    if (!schema) continue
    const given = type === PROBLEM ? Object.values(examples).map(({ $ref }) => valueAt($ref)) : [example]
    expect(given.length, where).toBeGreaterThan(0)
    const isValid = validatorOf(schema.$ref)
    for (const value of given) expect(isValid(value) ? [] : isValid.errors, where).toEqual([])
  }
}

const valueAt = (uri: string): unknown => (at(uri) as { readonly value: unknown }).value
