/**
 * Check digits: whether a code as it is written is one that its scheme gives out. Spaces, dashes, dots and slashes are passed over, and
 * letters may be in either case; whatever else is not of the scheme's form fails its check.
 *
 * References: ISO/IEC 7812-1 (Luhn), ISO 13616-1 and ISO/IEC 7064 (IBAN, MOD 11-2, MOD 11,10), ISO 2108 (ISBN), ISO 6166 (ISIN), GS1
 * General Specifications (EAN), Damm, 2004, "Total anti-symmetrische Quasigruppen", Verhoeff, 1969, "Error detecting decimal codes". The
 * examples below are those that Wikipedia's pages of the schemes and the documentation of python-stdnum publish.
 */

/** Whether a code satisfies a scheme; `code` is without separators, in upper case. */
type Check = (code: string) => boolean;

/**
 * - `luhn`: payment cards, IMEI. Example: 79927398713.
 * - `mod97`: IBAN. Example: GB82 WEST 1234 5698 7654 32.
 * - `isbn10`, `isbn13`: books. Examples: 0-306-40615-2, 978-0-306-40615-7.
 * - `ean`: goods, by 8, 12 (UPC), 13 or 14 digits. Example: 4006381333931.
 * - `damm`: by Damm's quasigroup. Example: 5724.
 * - `verhoeff`: by the dihedral group; India's Aadhaar. Example: 2363.
 * - `mod11`: ISO/IEC 7064 MOD 11-2, of ORCID and ISNI. Example: 0000-0002-1825-0097.
 * - `isin`: securities, ISO 6166. Example: US0378331005.
 * - `vin`: vehicles in North America, 49 CFR 565. Example: 1M8GDM9AXKP042788.
 * - `aba`: routing numbers of banks in the United States. Example: 111000025.
 * - `nhs`: patients in England. Example: 943 476 5919.
 * - `bsn`: citizens of the Netherlands. Example: 111222333.
 * - `cpf`: taxpayers of Brazil. Example: 390.533.447-05.
 * - `steuerid`: taxpayers of Germany, ISO/IEC 7064 MOD 11,10. Example: 36 574 261 809.
 */
export type CheckName =
  | 'luhn'
  | 'mod97'
  | 'isbn10'
  | 'isbn13'
  | 'ean'
  | 'damm'
  | 'verhoeff'
  | 'mod11'
  | 'isin'
  | 'vin'
  | 'aba'
  | 'nhs'
  | 'bsn'
  | 'cpf'
  | 'steuerid';

/** The schemes, by the names under which they are asked for. */
export const CHECK_NAMES: readonly CheckName[] = [
  'luhn',
  'mod97',
  'isbn10',
  'isbn13',
  'ean',
  'damm',
  'verhoeff',
  'mod11',
  'isin',
  'vin',
  'aba',
  'nhs',
  'bsn',
  'cpf',
  'steuerid',
];

/** Whether `written` satisfies the check digits of the scheme. */
export function satisfiesCheck(name: CheckName, written: string): boolean {
  return CHECKS[name](written.replace(/[\s./-]/g, '').toUpperCase());
}

/** ISO/IEC 7812-1 annex B: every second digit from the right but the last is doubled, and its digits are added. */
const luhn: Check = (code) => {
  if (!/^\d{2,}$/.test(code)) return false;
  const sum = digitsOf(code)
    .toReversed()
    .reduce((total, digit, place) => total + (place % 2 === 0 ? digit : doubled(digit)), 0);
  return sum % 10 === 0;
};

/** ISO/IEC 7064 MOD 97-10 over an IBAN whose first four characters are moved to its end, letters as 10 to 35. */
const mod97: Check = (code) => {
  if (!/^[A-Z]{2}\d{2}[A-Z\d]{11,30}$/.test(code)) return false;
  return remainder(asNumbers(code.slice(4) + code.slice(0, 4)), 97) === 1;
};

/** ISO 2108: the weights 10 to 1, modulo 11, where X is 10. */
const isbn10: Check = (code) => {
  if (!/^\d{9}[\dX]$/.test(code)) return false;
  const values = Array.from(code, (character) => (character === 'X' ? 10 : Number(character)));
  return weighted(values, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
};

/** GS1: weights 3 and 1 by turns from the right but the last, modulo 10. */
const ean: Check = (code) => {
  if (!/^(\d{8}|\d{12,14})$/.test(code)) return false;
  const sum = digitsOf(code)
    .toReversed()
    .reduce((total, digit, place) => total + digit * (place % 2 === 0 ? 1 : 3), 0);
  return sum % 10 === 0;
};

/** A totally anti-symmetric quasigroup of order 10: Damm's table. */
const DAMM = [
  [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
  [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
  [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
  [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
  [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
  [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
  [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
  [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
  [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
  [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

const damm: Check = (code) =>
  /^\d{2,}$/.test(code) && digitsOf(code).reduce((interim, digit) => DAMM[interim]![digit]!, 0) === 0;

/** The dihedral group of order 10: rotations by `a` and `b`, of which those from 5 on are reflected. */
function dihedral(a: number, b: number): number {
  const rotation = a < 5 ? (a + b) % 5 : (a - b + 10) % 5;
  return a < 5 === b < 5 ? rotation : rotation + 5;
}

/** Verhoeff's permutation, which is applied once more from digit to digit, from the right. */
const VERHOEFF = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

const verhoeff: Check = (code) => {
  if (!/^\d{2,}$/.test(code)) return false;
  const sum = digitsOf(code)
    .toReversed()
    .reduce((total, digit, place) => {
      let permuted = digit;
      for (let times = 0; times < place % 8; times++) permuted = VERHOEFF[permuted]!;
      return dihedral(total, permuted);
    }, 0);
  return sum === 0;
};

/** ISO/IEC 7064 MOD 11-2: the weights 2^n modulo 11 sum to 1, where X is 10. */
const mod11: Check = (code) => {
  if (!/^\d+[\dX]$/.test(code)) return false;
  const interim = digitsOf(code.slice(0, -1)).reduce((total, digit) => ((total + digit) * 2) % 11, 0);
  const last = code.at(-1) === 'X' ? 10 : Number(code.at(-1));
  return (interim + last) % 11 === 1;
};

/** ISO 6166: Luhn over the code with letters as 10 to 35. */
const isin: Check = (code) => /^[A-Z]{2}[A-Z\d]{9}\d$/.test(code) && luhn(asNumbers(code));

/** 49 CFR 565.15: letters stand for digits, the ninth character is the weighted sum modulo 11, where X is 10. */
const vin: Check = (code) => {
  if (!/^[A-HJ-NPR-Z\d]{8}[\dX][A-HJ-NPR-Z\d]{8}$/.test(code)) return false;
  const values = Array.from(code, (character) => (/\d/.test(character) ? Number(character) : VIN_VALUES[character]!));
  const sum = weighted(values, [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]);
  return '0123456789X'[sum % 11] === code[8];
};

const VIN_VALUES: Readonly<Record<string, number>> = Object.fromEntries(
  ['ABCDEFGH', 'JKLMN P R', ' STUVWXYZ'].flatMap((row) => Array.from(row, (letter, index) => [letter, index + 1])),
);

/** The weights 3, 7, 1, modulo 10. */
const aba: Check = (code) => /^\d{9}$/.test(code) && weighted(digitsOf(code), [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0;

/** The weights 10 to 2 and 1, modulo 11; a check digit of 10 is not given out. */
const nhs: Check = (code) =>
  /^\d{10}$/.test(code) && weighted(digitsOf(code), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;

/** The "elfproef": the weights 9 to 2 and -1, modulo 11. */
const bsn: Check = (code) => /^\d{9}$/.test(code) && weighted(digitsOf(code), [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;

/** Two check digits, each ten times the weighted sum of those before, modulo 11 and 10; eleven equal digits are none. */
const cpf: Check = (code) => {
  if (!/^\d{11}$/.test(code) || /^(\d)\1*$/.test(code)) return false;
  const digits = digitsOf(code);
  return [9, 10].every((length) => {
    const weights = Array.from({ length }, (_, place) => length + 1 - place);
    return ((10 * weighted(digits.slice(0, length), weights)) % 11) % 10 === digits[length];
  });
};

/** ISO/IEC 7064 MOD 11,10. */
const steuerid: Check = (code) => {
  if (!/^[1-9]\d{10}$/.test(code)) return false;
  const digits = digitsOf(code);
  const product = digits.slice(0, 10).reduce((before, digit) => {
    const sum = (digit + before) % 10;
    return (2 * (sum === 0 ? 10 : sum)) % 11;
  }, 10);
  return (11 - product) % 10 === digits[10];
};

const isbn13: Check = (code) => /^97[89]\d{10}$/.test(code) && ean(code);

const CHECKS: Readonly<Record<CheckName, Check>> = {
  luhn: luhn,
  mod97: mod97,
  isbn10: isbn10,
  isbn13: isbn13,
  ean: ean,
  damm: damm,
  verhoeff: verhoeff,
  mod11: mod11,
  isin: isin,
  vin: vin,
  aba: aba,
  nhs: nhs,
  bsn: bsn,
  cpf: cpf,
  steuerid: steuerid,
};

function digitsOf(code: string): number[] {
  return Array.from(code, Number);
}

function doubled(digit: number): number {
  return digit < 5 ? 2 * digit : 2 * digit - 9;
}

function weighted(values: readonly number[], weights: readonly number[]): number {
  return values.reduce((sum, value, place) => sum + value * weights[place]!, 0);
}

/** Letters as 10 to 35, one after the other in decimal. */
function asNumbers(code: string): string {
  return code.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
}

/** The remainder of a decimal number of any length. */
function remainder(decimal: string, modulus: number): number {
  return digitsOf(decimal).reduce((rest, digit) => (10 * rest + digit) % modulus, 0);
}
