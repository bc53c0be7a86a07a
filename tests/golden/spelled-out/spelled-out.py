"""Numbers as ICU's spell-out rules have them: `apt-get install python3-icu`, then
`/usr/bin/python3 spelled-out.py > spelled-out.json`. With two arguments, SEED and COUNT, prints a larger random sample.

Soft hyphens and the commas of English are dropped: neither is said.
"""
import json
import random
import sys

import icu

RULES = {
    'en cardinal': '%spellout-cardinal-verbose',
    'en cardinal without and': '%spellout-cardinal',
    'en ordinal': '%spellout-ordinal-verbose',
    'en year without and': '%spellout-numbering-year',
    'de cardinal': '%spellout-numbering',
    'de before a noun': '%spellout-cardinal-masculine',
    'de ordinal': '%spellout-ordinal',
    'de year': '%spellout-numbering-year',
    'fr cardinal': '%spellout-numbering',
    'fr feminine': '%spellout-cardinal-feminine',
    'fr ordinal': '%spellout-ordinal-masculine',
    'zh cardinal': '%spellout-cardinal',
    'zh with liang': '%spellout-cardinal-alternate2',
    'zh ordinal': '%spellout-ordinal',
    'zh year': '%spellout-numbering-year',
}
EDGES = [0, 1, 2, 7, 8, 11, 12, 16, 20, 21, 30, 71, 80, 81, 91, 99, 100, 101, 110, 111, 180, 200, 222, 700, 999]
EDGES += [1000, 1001, 1010, 1100, 1105, 1900, 1984, 2000, 2002, 2005, 2010, 2200, 2222, 10_010, 12_000, 20_000, 71_081]
EDGES += [80_000, 81_000, 100_001, 100_100, 200_000, 222_222, 999_999, 1_000_000, 1_001_000, 2_000_200, 10_010_001]
EDGES += [80_000_000, 200_000_000, 100_010_000, 102_033_080, 1_000_000_001, 2_000_000_000, 345_678_901_234]


def may_be(name, number):
    if 'year' in name:
        return 1000 <= number < 3000
    return 0 < number < 1_000_000 if 'ordinal' in name or 'feminine' in name else True


def sample(seed, count):
    draw = random.Random(seed)
    return sorted({draw.randrange(10 ** draw.randint(1, 12)) for _ in range(count)} | set(range(1000, 3000, 7)))


def main():
    numbers = sample(int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else EDGES
    words = {}
    for name, rule in RULES.items():
        speaker = icu.RuleBasedNumberFormat(icu.URBNFRuleSetTag.SPELLOUT, icu.Locale(name[:2]))
        speaker.setDefaultRuleSet(rule)
        spoken = ((number, speaker.format(number)) for number in numbers if may_be(name, number))
        words[name] = {str(number): said.replace('\u00ad', '').replace(',', '') for number, said in spoken}
    json.dump({'icu': icu.ICU_VERSION, 'words': words}, sys.stdout, ensure_ascii=False, indent=1)
    print()


main()
