import type { Sigil } from './tokens.ts'

export type Expression =
  | { readonly kind: 'literal'; readonly text: string | undefined }
  /** A text with variables in it. */
  | { readonly kind: 'text'; readonly parts: readonly Expression[] }
  | { readonly kind: 'variable'; readonly sigil: Sigil; readonly name: string }
  | { readonly kind: 'my'; readonly targets: readonly Expression[] }
  /** `$bank{a}`, `$ports[0]`, and with an arrow or several of them. `of` is the hash, the array, or what refers to it. */
  | { readonly kind: 'element'; readonly of: Expression; readonly key: Expression; readonly by: '[' | '{' }
  | { readonly kind: 'list' | 'array' | 'hash'; readonly items: readonly Expression[] }
  | { readonly kind: 'deref'; readonly sigil: Sigil; readonly of: Expression }
  | { readonly kind: 'reference'; readonly of: Expression }
  | {
      readonly kind: 'assign'
      readonly operator: string
      readonly target: Expression
      readonly value: Expression
    }
  | { readonly kind: 'unary'; readonly operator: string; readonly of: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'choice'
      readonly condition: Expression
      readonly yes: Expression
      readonly no: Expression
    }
  | { readonly kind: 'call'; readonly name: string; readonly items: readonly Expression[] }
  /** `grep { … } LIST` and `map { … } LIST`. */
  | {
      readonly kind: 'each'
      readonly name: 'grep' | 'map'
      readonly body: Expression
      readonly items: readonly Expression[]
    }
  | { readonly kind: 'block'; readonly body: readonly Statement[] }
  | { readonly kind: 'pattern'; readonly text: string; readonly flags: string; readonly changes: boolean }
  | { readonly kind: 'command'; readonly text: string }
  /** What we do not follow, with the variables that stand in it. */
  | { readonly kind: 'opaque'; readonly mentions: readonly string[] }

export type Statement = { readonly line: number } & (
  | { readonly kind: 'expression'; readonly of: Expression }
  | { readonly kind: 'if'; readonly branches: readonly Branch[] }
  /** Its body runs any number of times. */
  | {
      readonly kind: 'loop'
      /** Which has another value each time. */
      readonly variable: string | undefined
      readonly over: Expression
      readonly body: readonly Statement[]
    }
  | { readonly kind: 'group'; readonly body: readonly Statement[] }
  /** What cannot be parsed, with the variables that stand in it. */
  | { readonly kind: 'unknown'; readonly mentions: readonly string[] }
)

/** The first branch whose condition holds is taken. That of `else` always does. */
export interface Branch {
  readonly condition: Expression
  readonly body: readonly Statement[]
}
