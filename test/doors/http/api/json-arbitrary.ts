import fc from 'fast-check'

/** The part of JSON Schema that the API's document uses. */
export interface Schema {
  readonly description?: string
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly pattern?: string
  readonly format?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

/** By the name of a field, values that refer to something that exists. */
export type Likely = Readonly<Record<string, readonly unknown[]>>

/** Values that match a schema. */
export function valuesOf(
  schema: Schema,
  resolve: (reference: string) => Schema,
  likely: Likely,
): fc.Arbitrary<unknown> {
  const fieldValues = (part: Schema, name?: string): fc.Arbitrary<unknown> => {
    const words = name === undefined ? undefined : likely[name]
    return words
      ? fc.oneof({ arbitrary: fc.constantFrom(...words), weight: 7 }, anyValues(part))
      : anyValues(part)
  }
  const anyValues = (part: Schema): fc.Arbitrary<unknown> => {
    if (part.$ref !== undefined) return fieldValues(resolve(part.$ref))
    if (part.const !== undefined) return fc.constant(part.const)
    if (part.enum) return fc.constantFrom(...part.enum)
    if (part.anyOf) return fc.oneof(...part.anyOf.map(alternative => fieldValues(alternative)))
    const { type } = part
    if (typeof type === 'object') return fc.oneof(...type.map(name => anyValues({ ...part, type: name })))
    switch (type) {
      case 'null':
        return fc.constant(null)
      case 'boolean':
        return fc.boolean()
      case 'integer':
        return fc.integer({ min: Math.max(part.minimum ?? 0, -1e9), max: Math.min(part.maximum ?? 100, 1e9) })
      case 'number':
        return fc.double({ min: part.minimum ?? -1e6, max: part.maximum ?? 1e6, noNaN: true })
      case 'string':
        return strings(part)
      case 'array':
        return fc.array(fieldValues(part.items ?? {}), {
          minLength: part.minItems ?? 0,
          maxLength: Math.min(part.maxItems ?? 5, 5),
        })
      case 'object':
        return objects(part)
      default:
        return fc.jsonValue()
    }
  }
  const objects = ({ properties = {}, required = [] }: Schema) => {
    const fields = Object.entries(properties).map(
      ([name, field]) => [name, fieldValues(field, name)] as const,
    )
    return fc.record(Object.fromEntries(fields), { requiredKeys: [...required] })
  }
  return fieldValues(schema)
}

function strings({ pattern, format, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  if (format === 'date-time') {
    const [min, max] = [new Date('2020-01-01T00:00:00Z'), new Date('2030-01-01T00:00:00Z')]
    return fc.date({ min, max, noInvalidDate: true }).map(date => date.toISOString())
  }
  const texts = fc.oneof(
    fc.string({ unit: 'binary', minLength, maxLength: Math.min(maxLength, 40) }),
    fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 10) }),
    fc.emailAddress(),
  )
  if (pattern === undefined) return texts
  const form = new RegExp(pattern, 'u')
  // Most texts match a pattern that only excludes a few characters. For a narrower one, texts are made from it.
  if (pattern.startsWith('^[^')) return texts.filter(text => form.test(text) && text.length >= minLength)
  return fc.stringMatching(form).filter(text => text.length <= Math.max(maxLength, 300))
}

/** The same value, usually with a mistake in it. */
export const mutated = (value: unknown): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constant(value),
    fc.jsonValue(),
    ...(typeof value === 'object' && value !== null && !Array.isArray(value) ? changedObjects(value) : []),
  )

function changedObjects(value: object): fc.Arbitrary<unknown>[] {
  const names = Object.keys(value)
  const added = fc
    .tuple(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString')), fc.jsonValue())
    .map(([name, field]) => Object.fromEntries([...Object.entries(value), [name, field]]))
  if (names.length === 0) return [added]
  const replaced = fc
    .tuple(fc.constantFrom(...names), fc.jsonValue())
    .map(([name, field]) => ({ ...value, [name]: field }))
  const removed = fc
    .constantFrom(...names)
    .map(name => Object.fromEntries(Object.entries(value).filter(([key]) => key !== name)))
  return [added, replaced, removed]
}
