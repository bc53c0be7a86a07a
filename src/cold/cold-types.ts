/** What cold stores are, without the files and packages that they are made of: for those who only hold one. */

/** Sizes of a cold store. */
export type LeafSizes = {
  /** D: numbers of a key, and of a value. */ readonly depth: number;
  /** H: each has its own share of a key. */ readonly heads: number;
  /** The most leaves that are kept: the newest. */ readonly retention: number;
  /** The nodes of the tree above them that were merged away, where leaves are found by a walk down it. */
  readonly nodes?: NodeSizes | undefined;
};

export type NodeSizes = {
  /** m D: numbers of a node's keys. */ readonly depth: number;
  /** At index l - 1 the nodes of level l that were merged away when there are so many leaves. */
  readonly countsAfter: (leaves: number) => readonly number[];
  /** Leaves below a node of a level. */ readonly leavesOf: (level: number) => number;
};

/** Where a stream stands in its store. */
export type ColdMark = {
  /** How often leaves had been taken back. */ readonly revision: number;
  /** Leaves that the stream had put there. */ readonly count: number;
};

/** From which leaf on a revision was written anew; revisions whose leaves were all taken back themselves are left out. */
export type Revision = { readonly revision: number; readonly from: number };

/** The cold store of one stream; `createColdStore` tells what it is. */
export type ColdStore = {
  /** Identifies the store, in snapshots too: a UUID. */ readonly id: string;
  /** Number of the first leaf that it ever had. */ readonly base: number;
  /** Number of the oldest leaf that is kept. */ readonly first: () => number;
  readonly mark: () => ColdMark;
  /** Takes back what came after `mark`. Throws `memory/cold-store` where the leaves before it are no longer what they were. */
  readonly goOnFrom: (mark: ColdMark) => void;
  /**
   * Appends keys and values, `[n, D]` each; those of nodes that are merged away with them are to follow. Throws `memory/cold-store` where the
   * store is closed.
   */
  readonly append: (keys: Float32Array, values: Float32Array) => void;
  /** For each of the queries `[Q, D]` the numbers of the leaves that are among the `nearest` of one of its heads, ascending. */
  readonly search: (queries: Float32Array, nearest: number) => number[][];
  /** Keys of the leaves `first` to `first` + `count`, all of them kept, `[count, D]`. */
  readonly leafKeys: (first: number, count: number) => Float32Array;
  /** Copies of one leaf's key and value, `[D]` each. */
  readonly leaf: (number: number) => { readonly keys: Float32Array; readonly values: Float32Array };
  /** Nodes of a level, from 1, that were ever put there: the number of the next one. */
  readonly nodeCount: (level: number) => number;
  /** Appends keys of nodes of a level, `[n, m D]`. */ readonly appendNodes: (
    level: number,
    keys: Float32Array,
  ) => void;
  /** Keys of a node, `[m, D]`, below which leaves are kept. */
  readonly nodeKeys: (level: number, number: number) => Float32Array;
  /**
   * Tells of a snapshot that names `mark`: what it needs is kept from then on, until another one is named. Throws `leaves/failed` where the
   * leaves are no longer where the snapshot would look for them.
   */
  readonly name: (mark: ColdMark) => void;
  /**
   * Ends the store, and deletes its leaves unless they are to be `kept`; `named` keeps those that the last snapshot names, if there is one. Again
   * does nothing.
   */
  readonly close: (options?: { readonly kept?: boolean | 'named' }) => void;
};

/** What a snapshot says of a stream's store. */
export type ColdName = ColdMark & {
  readonly id: string;
  /** Number of the first leaf that the store ever had. */ readonly base: number;
};

/** The cold stores of a model's streams. */
export type ColdStores = {
  /** A store without leaves, of which the first has number `base`, 0 unless told. Throws `leaves/folder` where the folder cannot be used. */
  readonly create: (sizes: LeafSizes, base?: number) => ColdStore;
  /**
   * The store that a snapshot names, without the leaves that came after it, of which `onLeavesDropped` is told how many there were, if any. Throws
   * `snapshot/cold-store` where it is not here, or not as the stream left it; `leaves/in-use` where another stream has it; `leaves/folder`.
   */
  readonly find: (name: ColdName, sizes: LeafSizes, onLeavesDropped?: (count: number) => void) => ColdStore;
  /** Closes all stores. Those in memory are gone with it, those in a folder stay. */ readonly close: () => void;
};
