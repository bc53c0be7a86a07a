/**
 * Numbers in Chinese characters, as ICU spells them out (一千九百八十四), but for the zero where the thousands of 万 are missing behind
 * 亿: 一亿零一万 (ICU: 一亿一万).
 */

const DIGITS = '零 一 二 三 四 五 六 七 八 九'.split(' ');
const PLACES = ['', '十', '百', '千'];
const SCALES = ['', '万', '亿'];

/** How a number is said. */
export type ChineseOptions = {
  /** Whether 2 is 两 by itself and before 百, 千, 万 and 亿, as it is said before a measure word. Default false. */
  readonly liang?: boolean;
};

/** `n` in 1..9999, with 零 where a place is passed over inside. */
function belowTenThousand(n: number, liang: boolean): string {
  let words = '';
  let isPassedOver = false;
  for (let place = 3; place >= 0; place--) {
    const digit = Math.floor(n / 10 ** place) % 10;
    if (digit === 0) {
      isPassedOver = words !== '';
      continue;
    }
    const said = digit === 2 && liang && place >= 2 ? '两' : (DIGITS[digit] ?? '');
    words += `${isPassedOver ? '零' : ''}${said}${PLACES[place]}`;
    isPassedOver = false;
  }
  return words;
}

/** 一百零一; a ten at the very start is 十, not 一十. `n` in 0..999,999,999,999. */
export function chineseCardinal(n: number, { liang = false }: ChineseOptions = {}): string {
  if (n === 0) return '零';
  if (n === 2 && liang) return '两';
  let words = '';
  let isPassedOver = false;
  for (let scale = 2; scale >= 0; scale--) {
    const group = Math.floor(n / 10_000 ** scale) % 10_000;
    if (group > 0) {
      const joint = words !== '' && (isPassedOver || group < 1000) ? '零' : '';
      const said = group === 2 && liang && scale > 0 ? '两' : belowTenThousand(group, liang);
      words += `${joint}${said}${SCALES[scale]}`;
    }
    isPassedOver = group === 0;
  }
  return words.startsWith('一十') ? words.slice(1) : words;
}

/** 第一百〇一. `n` in 1..999,999,999,999. */
export function chineseOrdinal(n: number): string {
  return `第${chineseCardinal(n).replaceAll('零', '〇')}`;
}

/** 一九八四: a year is read digit by digit. `n` in 1000..9999. */
export function chineseYear(n: number): string {
  return String(n).replaceAll(/\d/g, (digit) => (digit === '0' ? '〇' : (DIGITS[Number(digit)] ?? '')));
}
