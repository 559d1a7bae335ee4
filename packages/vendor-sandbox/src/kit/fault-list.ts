/** What goes wrong with a request. "Acts" means: the vendor does what was asked, and remembers it. */
export type Fault =
  /** Answers this status instead of the vendor; acts only if `acted` is true. */
  | { type: 'status'; status: number; headers?: Record<string, string>; body?: unknown; acted?: boolean }
  /** Resets the connection without acting. */
  | { type: 'reset-before' }
  /** Acts, then resets the connection without a word. */
  | { type: 'reset-after' }
  /** Never answers and does not act. */
  | { type: 'hang-before' }
  /** Acts, and never answers. */
  | { type: 'hang-after' }
  /** Answers a web page with HTTP 200, as a proxy in between would; acts only if `acted` is true. */
  | { type: 'html'; acted?: boolean }
  /** Acts, announces the whole body, sends half of it and ends the connection. */
  | { type: 'truncated' }
  /** Acts, and sends a body of this many bytes. */
  | { type: 'enormous'; bytes: number }
  /** Acts, and sends the body byte by byte with this much real time between two bytes. */
  | { type: 'slow'; chunkDelayMs: number }
  /** Answers what it would answer, but does not act. */
  | { type: 'lie' };

export type FaultType = Fault['type'];

export interface FaultRule {
  fault: Fault;
  /** Only requests with this method. */
  method?: string;
  /** Only requests whose path matches. */
  path?: RegExp;
  /** Only requests whose body matches. */
  body?: RegExp;
  /** How many matching requests it hits, 1 unless told; `Infinity` for all of them. */
  times?: number;
  /** How many matching requests pass before the first one is hit, 0 unless told. */
  skip?: number;
}

export interface FaultList {
  /** Adds a fault. With several, the one added first that matches and is not used up hits. */
  add(rule: FaultRule): void;
  clear(): void;
  /** How many rules can still hit. */
  readonly remaining: number;
}

export interface FaultMatcher extends FaultList {
  /** The fault that hits this request, counted as used. */
  take(request: { method: string; path: string; body: string }): Fault | undefined;
}

export function createFaultList(): FaultMatcher {
  const rules: { rule: FaultRule; toSkip: number; left: number }[] = [];
  return {
    add(rule) {
      rules.push({ rule, toSkip: rule.skip ?? 0, left: rule.times ?? 1 });
    },
    clear() {
      rules.length = 0;
    },
    get remaining() {
      return rules.length;
    },
    take(request) {
      for (const [index, entry] of rules.entries()) {
        if (!matches(entry.rule, request)) continue;
        if (entry.toSkip > 0) {
          entry.toSkip -= 1;
          continue;
        }
        entry.left -= 1;
        if (entry.left <= 0) rules.splice(index, 1);
        return entry.rule.fault;
      }
      return undefined;
    },
  };
}

function matches(rule: FaultRule, request: { method: string; path: string; body: string }): boolean {
  if (rule.method !== undefined && rule.method.toUpperCase() !== request.method) return false;
  // `search` ignores the position that a global expression remembers between two calls of `test`.
  if (rule.path !== undefined && request.path.search(rule.path) < 0) return false;
  return rule.body === undefined || request.body.search(rule.body) >= 0;
}
