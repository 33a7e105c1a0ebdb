import { z } from 'zod'

/** RFC 4512, section 1.4: a name, or an object identifier. */
export const attribute = z
  .string()
  .regex(/^(?:[a-zA-Z][a-zA-Z\d-]*|\d+(?:\.\d+)+)$/, 'expected the name of an attribute, such as mail')

/** RFC 4515 knows no blanks between parentheses, but a long filter is easier to read on several lines. */
export const filter = z.string().overwrite(text => text.trim().replaceAll(/(?<=[()&|!])\s+(?=[()])/g, ''))
