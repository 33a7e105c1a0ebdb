import { describe, expect, test } from 'vitest'
import { filledDn, filledFilter } from '../../../../src/ground/sign-in/ldap/filled-in.ts'

describe('a name that somebody typed', () => {
  test('is put into a distinguished name without a meaning', () => {
    expect(filledDn('uid=:user,dc=:domain', 'bob@example.com')).toBe('uid=bob,dc=example.com')
    expect(filledDn('cn=:name', 'a,b=c+d"e\\f<g>h;i#j')).toBe(
      'cn=a\\2cb\\3dc\\2bd\\22e\\5cf\\3cg\\3eh\\3bi\\23j',
    )
    expect(filledDn('cn=:name', ' bób\0')).toBe('cn=\\20bób\\00')
  })

  test('is put into a filter without a meaning', () => {
    expect(filledFilter('(|(mail=:name)(uid=:user))', 'b*b)(\\@example.com')).toBe(
      '(|(mail=b\\2ab\\29\\28\\5c@example.com)(uid=b\\2ab\\29\\28\\5c))',
    )
    expect(filledFilter('(uid=:name)', 'bób')).toBe('(uid=bób)')
  })

  test('is filled in once, whatever it looks like', () => {
    expect(filledFilter('(&(uid=:user)(o=:domain))', ':domain@:user')).toBe('(&(uid=:domain)(o=:user))')
    expect(filledFilter('(uid=:name)', '$&$1')).toBe('(uid=$&$1)')
    expect(filledFilter('(x:names:=:name)', 'bob')).toBe('(x:names:=bob)')
  })

  test('fits no template that asks for a part that it has not', () => {
    expect(filledDn('uid=:user,o=:domain', 'bob')).toBeUndefined()
    expect(filledDn('uid=:user', '@example.com')).toBeUndefined()
    expect(filledFilter('(o=:domain)', 'bob@')).toBeUndefined()
  })
})
