/** The options of a select, or of radio buttons. @param label names a value */
export const optionsOf = <Value extends string | number>(
  values: readonly Value[],
  chosen: Value | undefined,
  label: (value: Value) => string,
): object[] => values.map(value => ({ value, label: label(value), selected: value === chosen }))
