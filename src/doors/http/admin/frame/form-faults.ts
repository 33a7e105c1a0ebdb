import type { Words } from '../../../../ground/i18n/locales.ts'

/** What is wrong with one field of a form. */
export interface FieldFault<Field extends string = string> {
  readonly field: Field
  /** A key below `admin.fault`, with the text that was found in the field. */
  readonly key?: string
  readonly found?: string
  /** What to write instead, if the key's sentence says so. */
  readonly instead?: string | undefined
  /** A message of the program, in English. */
  readonly detail?: string
}

/** A fault as templates show it: at its field, and in the summary, which links to the field. */
export interface FaultModel {
  readonly field: string
  readonly text: string
  /** The language of the text. */
  readonly language: string
}

export function faultModels(faults: readonly FieldFault[], words: Words): FaultModel[] {
  return faults.map(({ field, key, found, instead, detail }) =>
    key === undefined
      ? { field, text: detail ?? '', language: 'en' }
      : {
          field,
          text: words.say(`admin.fault.${key}`, {
            ...(found === undefined ? {} : { found }),
            ...(instead === undefined ? {} : { instead }),
          }),
          language: words.language,
        },
  )
}

/** The faults of each field. Every field has a key, because templates may name no missing key. */
export function faultsByField<Field extends string>(
  fields: readonly Field[],
  faults: readonly FaultModel[],
): Readonly<Record<Field, readonly FaultModel[] | undefined>> {
  const faultsOf = (field: Field) => {
    const own = faults.filter(fault => fault.field === field)
    return own.length > 0 ? own : undefined
  }
  return Object.fromEntries(fields.map(field => [field, faultsOf(field)])) as Record<
    Field,
    readonly FaultModel[] | undefined
  >
}
