import type Handlebars from 'handlebars'
import { onFirstUse } from '../on-first-use.ts'
import type { TemplateFiles } from './template-files.ts'

const handlebars = onFirstUse<typeof Handlebars>('handlebars')

/** An admin's version of a template that shows less than ours. */
export interface UnusedNames {
  readonly file: string
  /** What our version of the file shows, or asks for in a condition, and the admin's does not. */
  readonly names: readonly string[]
}

/** Compares each template that an admin overrides with ours. All of them have been checked to be valid. */
export function unusedNames(files: TemplateFiles): UnusedNames[] {
  return FOLDERS.flatMap(folder => files.list(folder).map(name => folder + name))
    .filter(file => TEMPLATE.test(file))
    .flatMap(file => {
      const { own, override } = files.readBoth(file)
      if (own === undefined || override === undefined) return []
      const used = namesIn(override)
      const names = [...namesIn(own)].filter(name => !used.has(name))
      return names.length === 0 ? [] : [{ file, names }]
    })
}

const FOLDERS = ['', 'mail/', 'pages/', 'reader/', 'quarantine/', 'admin/']

const TEMPLATE = /(?<!\.compiled)\.(?:mjml|txt|html)$/

/** Of `heading.title` only `heading`: who shows a part of it knows it. */
function namesIn(source: string): Set<string> {
  const names = new Set<string>()
  class Names extends handlebars().Visitor {
    override PathExpression({ data, parts }: hbs.AST.PathExpression): void {
      const [name] = parts
      if (!data && typeof name === 'string' && !HELPERS.has(name)) names.add(name)
    }
  }
  new Names().accept(handlebars().parse(source))
  return names
}

const HELPERS = new Set(['say', 'if', 'unless', 'each', 'with', 'lookup'])
