import type { Words } from '../../../../ground/i18n/locales.ts'

/** What is wrong with one field of a form. */
export interface FieldFault<Field extends string = string> {
  readonly field: Field
  /** A key below `admin.fault`, with what was found. */
  readonly key?: string
  readonly found?: string
  /** The program's own words, which are English. */
  readonly detail?: string
}

/** A fault as templates show it: at its field, and in the summary, which leads there. */
export interface FaultModel {
  readonly field: string
  readonly text: string
  /** Of the text. */
  readonly language: string
}

export function faultModels(faults: readonly FieldFault[], words: Words): FaultModel[] {
  return faults.map(({ field, key, found, detail }) =>
    key === undefined
      ? { field, text: detail ?? '', language: 'en' }
      : {
          field,
          text: words.say(`admin.fault.${key}`, found === undefined ? {} : { found }),
          language: words.language,
        },
  )
}

/** For each field what is wrong with it, so that a template can ask for every one of them. */
export function faultsByField<Field extends string>(
  fields: readonly Field[],
  faults: readonly FaultModel[],
): Readonly<Record<Field, readonly FaultModel[] | undefined>> {
  const at = (field: Field) => {
    const own = faults.filter(fault => fault.field === field)
    return own.length > 0 ? own : undefined
  }
  return Object.fromEntries(fields.map(field => [field, at(field)])) as Record<
    Field,
    readonly FaultModel[] | undefined
  >
}
