import { expect, test } from 'vitest'
import { filterFault } from '../../../../src/ground/directory/ldap/filter-fault.ts'

test.each([
  '(objectClass=*)',
  '(&(objectClass=person)(!(accountStatus=disabled)))',
  '(userAccountControl:1.2.840.113556.1.4.803:=2)',
  '(cn=O\\28R\\29 \\2a \\5c)',
  '(cn=Jürgen*)',
])('%s is a filter', filter => {
  expect(filterFault(filter)).toBeUndefined()
})

test.each([
  '',
  'objectClass=*',
  '(&(a=b)',
  '(a=b))',
  '(a=b)(c=d)',
  '(&)',
  '(a=(b)',
  '(a=b\\)',
  '(=b)',
  '(a)',
  '(a=b\\zz)',
])('%s is none', filter => {
  expect(filterFault(filter)).toMatch(/^expected a filter such as /)
})

test('escapes of letters beyond ASCII are refused, because they would be read as other letters', () => {
  expect(filterFault('(cn=J\\c3\\bcrgen)')).toMatch(/^expected characters beyond ASCII as they are/)
})
