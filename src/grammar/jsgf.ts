/**
 * Grammars in JSGF: rules with alternatives, weights, optional parts, repeats and tags, of one file. What is tagged is written as its tag says.
 *
 * Reference: Hunt, 2000, "JSpeech Grammar Format", W3C Note, sections 2 to 4
 */
import { HearkenError } from '../errors.ts';
import { shortened } from '../text/shortened.ts';
import {
  choiceOf,
  EMPTY,
  type Expansion,
  type Option,
  placeIn,
  type RuleSet,
  sequenceOf,
  VOID,
  wordsIn,
} from './expansion.ts';

/** What a file begins with; the encoding and language that may follow are passed over. */
export const JSGF_HEADER = '#JSGF';

/**
 * The rules of a grammar in JSGF; each public rule may be said as a whole. Rules of other grammars are refused. Throws `grammar/jsgf`, with line
 * and column.
 */
export function parseJsgf(text: string): RuleSet {
  return new JsgfParser(text.replace(/^\uFEFF/, '')).parse();
}

type Token =
  | { readonly type: 'symbol'; readonly text: string; readonly offset: number }
  | { readonly type: 'word' | 'quoted' | 'rule' | 'tag' | 'weight'; readonly text: string; readonly offset: number }
  | { readonly type: 'end'; readonly text: ''; readonly offset: number };

const SPACE_AND_COMMENTS = /(?:\s+|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/)*/y;
/** Each kind of token; the first group is its text. */
const TOKENS: readonly (readonly [Exclude<Token['type'], 'end'>, RegExp])[] = [
  ['rule', /<\s*([^<>;=|*+()[\]{}/"\s]+)\s*>/y],
  ['tag', /\{((?:[^\\{}]|\\[\s\S])*)\}/y],
  ['quoted', /"((?:[^\\"]|\\[\s\S])*)"/y],
  ['weight', /\/\s*(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)\s*\//y],
  ['symbol', /([;=|*+()[\]])/y],
  ['word', /([^;=|*+<>()[\]{}/"\s]+)/y],
];

/** Depth of the deepest brackets. */
const DEEPEST = 200;

class JsgfParser {
  readonly #text: string;
  #offset = 0;
  #depth = 0;
  /** Name of the grammar, which references to its rules may have before theirs. */ #name = '';
  #token: Token;

  constructor(text: string) {
    this.#text = text;
    const header = /^#JSGF\s+V1\.0(?:[^\S\n\r]+[^\s;]+){0,2}[^\S\n\r]*;/.exec(text);
    if (header === null) throw this.#refused('`#JSGF V1.0;` first', 0);
    this.#offset = header[0].length;
    this.#token = this.#read();
  }

  parse(): RuleSet {
    this.#name = this.#declaration();
    const rules = new Map<string, Expansion>();
    const starts: Expansion[] = [];
    while (this.#token.type !== 'end') {
      if (this.#isWord('import')) throw this.#refused('no import: rules of this grammar only');
      const isPublic = this.#isWord('public');
      if (isPublic) this.#next();
      const { text: given, offset, type } = this.#token;
      if (type !== 'rule') throw this.#refused('a rule: its <name>, `=`, what may be said, `;`');
      const own = this.#ownName();
      if (rules.has(own)) throw this.#refused(`<${shortened(given)}> to be defined once`);
      this.#next();
      this.#expect('=');
      rules.set(own, this.#alternatives());
      this.#expect(';');
      if (isPublic) starts.push({ type: 'rule', name: own, at: offset });
    }
    if (starts.length === 0) throw this.#refused('a public rule');
    return { name: this.#name, rules, start: choiceOf(starts), placeOf: (at) => placeIn(this.#text, at) };
  }

  /** `grammar com.example.menu;` */
  #declaration(): string {
    if (!this.#isWord('grammar')) throw this.#refused('`grammar`, its name and `;` after the first line');
    this.#next();
    const { type, text } = this.#token;
    if (type !== 'word') throw this.#refused("the grammar's name");
    this.#next();
    this.#expect(';');
    return text;
  }

  #alternatives(): Expansion {
    const options: Option[] = [];
    do {
      let logWeight = 0;
      if (this.#token.type === 'weight') {
        logWeight = Math.log(Number(this.#token.text));
        this.#next();
      }
      options.push({ expansion: this.#sequence(), logWeight });
    } while (this.#take('|'));
    const [only] = options;
    return options.length === 1 && only?.logWeight === 0 ? only.expansion : { type: 'choice', options };
  }

  #sequence(): Expansion {
    const parts: Expansion[] = [];
    for (let part = this.#part(); part !== undefined; part = this.#part()) parts.push(part);
    if (parts.length === 0) throw this.#refused('something to say');
    return sequenceOf(parts);
  }

  /** A word, a rule or what stands in brackets, with the `*`, `+` and tags behind it, which bind before anything else. */
  #part(): Expansion | undefined {
    let part = this.#bare();
    while (part !== undefined) {
      const { type, text, offset: at } = this.#token;
      if (type === 'tag') part = { type: 'tagged', of: part, tag: unescaped(text).trim() };
      else if (type === 'symbol' && (text === '*' || text === '+')) {
        part = { type: 'repeat', of: part, min: text === '*' ? 0 : 1, max: Number.POSITIVE_INFINITY, at };
      } else break;
      this.#next();
    }
    return part;
  }

  #bare(): Expansion | undefined {
    const { type, text, offset: at } = this.#token;
    if (type === 'word') {
      this.#next();
      return { type: 'word', word: text, at };
    }
    if (type === 'quoted') {
      this.#next();
      return sequenceOf(wordsIn(unescaped(text), at));
    }
    if (type === 'rule') {
      this.#next();
      if (text === 'NULL') return EMPTY;
      return text === 'VOID' ? VOID : { type: 'rule', name: localName(text, this.#name), at };
    }
    if (type !== 'symbol' || (text !== '(' && text !== '[')) return undefined;
    if (++this.#depth > DEEPEST) throw this.#refused(`at most ${DEEPEST} brackets in each other`);
    this.#next();
    const inner = this.#alternatives();
    this.#expect(text === '(' ? ')' : ']');
    this.#depth--;
    return text === '(' ? inner : { type: 'repeat', of: inner, min: 0, max: 1, at };
  }

  /** The name of the rule that is defined, without that of the grammar. */
  #ownName(): string {
    const { text } = this.#token;
    if (text === 'NULL' || text === 'VOID')
      throw this.#refused(`a rule of another name than <${text}>, which is given`);
    return localName(text, this.#name);
  }

  #isWord(text: string): boolean {
    return this.#token.type === 'word' && this.#token.text === text;
  }

  /** Takes a symbol, if it comes next; says whether it did. */
  #take(symbol: string): boolean {
    if (this.#token.type !== 'symbol' || this.#token.text !== symbol) return false;
    this.#next();
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) throw this.#refused(`\`${symbol}\``);
  }

  #next(): void {
    this.#token = this.#read();
  }

  #read(): Token {
    this.#offset = this.#match(SPACE_AND_COMMENTS)?.end ?? this.#offset;
    const offset = this.#offset;
    if (offset >= this.#text.length) return { type: 'end', text: '', offset };
    for (const [type, pattern] of TOKENS) {
      const found = this.#match(pattern);
      if (found === undefined) continue;
      this.#offset = found.end;
      return { type, text: found.text, offset };
    }
    throw this.#refused('a word, a <rule>, a {tag}, a /weight/ or one of ; = | * + ( ) [ ]', offset);
  }

  #match(pattern: RegExp): { readonly text: string; readonly end: number } | undefined {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text);
    return found === null ? undefined : { text: found[1] ?? '', end: pattern.lastIndex };
  }

  #refused(expected: string, offset: number = this.#token.offset): HearkenError {
    const rest = this.#text.slice(offset);
    const got = rest === '' ? 'the end' : `\`${shortened(/^\S*/.exec(rest)?.[0] || rest[0]!)}\``; // there is some
    return new HearkenError('grammar/jsgf', `Expected ${expected}, got ${got} (${placeIn(this.#text, offset)})`);
  }
}

/** Text of a tag or in quotes: `\` takes what follows as it is. */
function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, '$1');
}

function localName(name: string, grammar: string): string {
  return name.startsWith(`${grammar}.`) ? name.slice(grammar.length + 1) : name;
}
