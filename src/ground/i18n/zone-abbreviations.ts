/**
 * The time zone that somebody probably means by an abbreviation. Abbreviations are refused, because each has several
 * meanings, and the runtime often knows another one: BST is Dhaka to it, ART Cairo, and EST a place without summer time.
 */
export const zoneMeantBy = (abbreviation: string): string | undefined => MEANT[abbreviation.toUpperCase()]

/** Whether a text has the form of an abbreviation. UTC and GMT have one meaning, the countries of three letters, too. */
export const isAbbreviation = (text: string): boolean =>
  /^[a-z]{3,4}$/i.test(text) && !UNAMBIGUOUS.has(text.toUpperCase())

const UNAMBIGUOUS: ReadonlySet<string> = new Set([
  ...['UTC', 'UCT', 'GMT', 'ZULU', 'PRC', 'ROC', 'ROK', 'CUBA', 'EIRE', 'IRAN'],
])

const PLACES: Readonly<Record<string, string>> = {
  'Africa/Johannesburg': 'SAST',
  'Africa/Lagos': 'WAT',
  'Africa/Maputo': 'CAT',
  'Africa/Nairobi': 'EAT',
  'America/Anchorage': 'AKST AKDT',
  'America/Argentina/Buenos_Aires': 'ART AGT',
  'America/Bogota': 'COT',
  'America/Caracas': 'VET',
  'America/Chicago': 'CST CDT',
  'America/Denver': 'MST MDT',
  'America/Guayaquil': 'ECT',
  'America/Halifax': 'AST ADT',
  'America/Indiana/Indianapolis': 'IET',
  'America/Lima': 'PET',
  'America/Los_Angeles': 'PST PDT',
  'America/New_York': 'EST EDT',
  'America/Phoenix': 'PNT',
  'America/Puerto_Rico': 'PRT',
  'America/Santiago': 'CLT CLST',
  'America/Sao_Paulo': 'BRT BRST BET',
  'America/St_Johns': 'NST NDT CNT',
  'Asia/Bangkok': 'ICT',
  'Asia/Dhaka': 'BDT',
  'Asia/Dubai': 'GST',
  'Asia/Ho_Chi_Minh': 'VST',
  'Asia/Hong_Kong': 'HKT',
  'Asia/Jakarta': 'WIB',
  'Asia/Jerusalem': 'IDT',
  'Asia/Karachi': 'PKT PLT',
  'Asia/Kathmandu': 'NPT',
  'Asia/Kolkata': 'IST',
  'Asia/Manila': 'PHT',
  'Asia/Seoul': 'KST',
  'Asia/Shanghai': 'CTT',
  'Asia/Singapore': 'SGT',
  'Asia/Tehran': 'IRST',
  'Asia/Tokyo': 'JST',
  'Asia/Yerevan': 'NET AMT',
  'Australia/Adelaide': 'ACST ACDT ACT',
  'Australia/Perth': 'AWST',
  'Australia/Sydney': 'AEST AEDT AET',
  'Europe/Athens': 'EET EEST',
  'Europe/Istanbul': 'TRT',
  'Europe/Lisbon': 'WET WEST',
  'Europe/London': 'BST',
  'Europe/Moscow': 'MSK MSD',
  'Europe/Paris': 'CET CEST MET MEST MEZ MESZ',
  'Pacific/Apia': 'MIT',
  'Pacific/Auckland': 'NZST NZDT',
  'Pacific/Guadalcanal': 'SBT',
  'Pacific/Honolulu': 'HST HDT',
  'Pacific/Pago_Pago': 'SST',
}

const MEANT: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(PLACES).flatMap(([zone, abbreviations]) =>
    abbreviations.split(' ').map(abbreviation => [abbreviation, zone]),
  ),
)
