/**
 * Grammars in the XML of SRGS: rules of one document, for speech. A tag says what its item or rule writes, as a literal; of several the last.
 *
 * Reference: Hunt and McGlashan, 2004, "Speech Recognition Grammar Specification Version 1.0", W3C Recommendation, sections 2 to 4
 */
import { parseXml, type XmlElement, XmlError } from '@rgrove/parse-xml';

import { HearkenError } from '../errors.ts';
import { shortened } from '../text/shortened.ts';
import { choiceOf, EMPTY, type Expansion, placeIn, type RuleSet, sequenceOf, VOID, wordsIn } from './expansion.ts';

/** Children that say nothing of what may be said. */
const PASSED_OVER: ReadonlySet<string> = new Set(['example', 'lexicon', 'meta', 'metadata']);

/** The rules of a grammar in XML; its root, or without one each public rule, may be said as a whole. Throws `grammar/grxml`, with line and column. */
export function parseGrxml(text: string): RuleSet {
  const source = text.replace(/^\uFEFF/, '');
  return new GrxmlReader(source).rules(rootOf(source));
}

function rootOf(source: string): XmlElement {
  try {
    const { root } = parseXml(source, { includeOffsets: true });
    if (root !== null) return root;
  } catch (cause) {
    if (!(cause instanceof XmlError)) throw cause;
    const fault = cause.message.split(/ \(line|\n/, 1)[0]!;
    throw new HearkenError(
      'grammar/grxml',
      `Expected a document in XML, got a fault: ${fault} (line ${cause.line}, column ${cause.column})`,
      { cause },
    );
  }
  throw new HearkenError('grammar/grxml', 'Expected a document in XML, got one without an element (line 1, column 1)');
}

class GrxmlReader {
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  rules(root: XmlElement): RuleSet {
    if (nameOf(root) !== 'grammar') throw this.#refused('<grammar> around the rules', root);
    const { mode = 'voice', root: start } = root.attributes;
    if (mode !== 'voice') throw this.#refused('a grammar for speech, `mode="voice"`', root);
    const rules = new Map<string, Expansion>();
    const starts: Expansion[] = [];
    for (const element of this.#elements(root)) {
      if (PASSED_OVER.has(nameOf(element)) || nameOf(element) === 'tag') continue;
      if (nameOf(element) !== 'rule') throw this.#refused('<rule>', element);
      const { id, scope = 'private' } = element.attributes;
      if (id === undefined || id === '') throw this.#refused('a rule with an `id`', element);
      if (rules.has(id)) throw this.#refused(`the rule ${shortened(id)} once`, element);
      rules.set(id, this.#content(element));
      if (start === undefined ? scope === 'public' : id === start)
        starts.push({ type: 'rule', name: id, at: element.start });
    }
    if (starts.length === 0) throw this.#refused('a rule that is the `root`, or public ones', root);
    const placeOf = (at: number): string => placeIn(this.#source, at);
    return { name: start ?? 'grxml', rules, start: choiceOf(starts), placeOf };
  }

  /** What stands in a rule or an item, one after the other. */
  #content(element: XmlElement): Expansion {
    const parts: Expansion[] = [];
    let tag: string | undefined;
    for (const child of element.children) {
      if (isElement(child)) {
        if (nameOf(child) === 'tag') tag = child.text.trim();
        else if (!PASSED_OVER.has(nameOf(child))) parts.push(this.#expansion(child));
      } else if (isText(child)) parts.push(...wordsIn(child.text.replaceAll('"', ' '), child.start));
    }
    const said = sequenceOf(parts);
    return tag === undefined ? said : { type: 'tagged', of: said, tag };
  }

  #expansion(element: XmlElement): Expansion {
    switch (nameOf(element)) {
      case 'item':
        return this.#item(element);
      case 'one-of':
        return this.#choice(element);
      case 'ruleref':
        return this.#reference(element);
      case 'token':
        return sequenceOf(wordsIn(element.text, element.start));
      default:
        throw this.#refused('<item>, <one-of>, <ruleref>, <token>, <tag> or text', element);
    }
  }

  #choice(element: XmlElement): Expansion {
    const options = this.#elements(element).map((item) => {
      if (nameOf(item) !== 'item') throw this.#refused('<item> in <one-of>', item);
      const weight = this.#number(item, 'weight', Number.MAX_VALUE) ?? 1;
      return { expansion: this.#item(item), logWeight: Math.log(weight) };
    });
    if (options.length === 0) throw this.#refused('<item> in <one-of>', element);
    return { type: 'choice', options };
  }

  #item(element: XmlElement): Expansion {
    const of = this.#content(element);
    const { repeat = '1' } = element.attributes;
    const probability = this.#number(element, 'repeat-prob', 1);
    const [, least, most] = /^\s*(\d{1,9})\s*(?:-\s*(\d{1,9})?)?\s*$/.exec(repeat) ?? [];
    const isExact = !repeat.includes('-');
    const min = Number(least);
    const max = isExact ? min : most === undefined ? Number.POSITIVE_INFINITY : Number(most);
    if (least === undefined || max < min) throw this.#refused('`repeat` to be "n", "n-m" or "n-"', element);
    if (min === 1 && max === 1) return of;
    return { type: 'repeat', of, min, max, at: element.start, ...(probability !== undefined && { probability }) };
  }

  #reference(element: XmlElement): Expansion {
    const { uri, special } = element.attributes;
    if (special === 'NULL') return EMPTY;
    if (special === 'VOID') return VOID;
    if (special !== undefined) throw this.#refused('`special` to be NULL or VOID', element);
    if (uri === undefined || !/^#./.test(uri)) throw this.#refused('`uri` of a rule in this document, "#id"', element);
    return { type: 'rule', name: uri.slice(1), at: element.start };
  }

  /** An attribute that is a number from 0 to `most`. */
  #number(element: XmlElement, name: string, most: number): number | undefined {
    const given = element.attributes[name];
    if (given === undefined) return undefined;
    const value = /^\s*(?:\d+\.?\d*|\.\d+)\s*$/.test(given) ? Number(given) : Number.NaN;
    if (value <= most) return value;
    throw this.#refused(`\`${name}\` to be a number from 0${most === 1 ? ' to 1' : ' on'}`, element);
  }

  #elements(parent: XmlElement): XmlElement[] {
    return parent.children.filter(isElement);
  }

  #refused(expected: string, element: XmlElement): HearkenError {
    const got = shortened(/^[^>]*>?/.exec(this.#source.slice(element.start))?.[0] ?? '');
    const message = `Expected ${expected}, got ${got} (${placeIn(this.#source, element.start)})`;
    return new HearkenError('grammar/grxml', message);
  }
}

/** The name without the prefix of its namespace. */
function nameOf({ name }: XmlElement): string {
  return name.slice(name.indexOf(':') + 1);
}

type Child = XmlElement['children'][number];

function isElement(child: Child): child is XmlElement {
  return child.type === 'element';
}

function isText(child: Child): child is Extract<Child, { text: string }> {
  return child.type === 'text' || child.type === 'cdata';
}
