/** Exact rationals, for what Python's domain keeps in a Fraction: time bases, rates, moments between two ticks. */

/** A rational as JSON carries it: [numerator, denominator]. */
export type Terms = readonly [numerator: number, denominator: number];

/** Whatever is exact: a fraction, its terms, or a whole number. */
export type Exact = Fraction | Terms | number | bigint;

/** A rational in lowest terms, its denominator positive. */
export class Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;

  /** Raises RangeError if a number is not whole, too large to be exact, or the denominator is 0. */
  constructor(numerator: number | bigint, denominator: number | bigint = 1n) {
    const [n, d] = [whole(numerator), whole(denominator)];
    if (d === 0n) throw new RangeError("A fraction's denominator is not 0.");
    const shared = divisor(n, d) * (d < 0n ? -1n : 1n);
    this.numerator = n / shared;
    this.denominator = d / shared;
  }

  plus(other: Exact): Fraction {
    const b = exact(other);
    return new Fraction(
      this.numerator * b.denominator + b.numerator * this.denominator,
      this.denominator * b.denominator,
    );
  }

  minus(other: Exact): Fraction {
    const b = exact(other);
    return new Fraction(
      this.numerator * b.denominator - b.numerator * this.denominator,
      this.denominator * b.denominator,
    );
  }

  times(other: Exact): Fraction {
    const b = exact(other);
    return new Fraction(this.numerator * b.numerator, this.denominator * b.denominator);
  }

  over(other: Exact): Fraction {
    const b = exact(other);
    return new Fraction(this.numerator * b.denominator, this.denominator * b.numerator);
  }

  /** Return a negative number, 0 or a positive one, as this is less than, equal to or more than the other. */
  compare(other: Exact): number {
    const b = exact(other);
    const difference = this.numerator * b.denominator - b.numerator * this.denominator;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  /** Return the largest integer that is not more: towards minus infinity, where BigInt's own division cuts. */
  floor(): number {
    const cut = this.numerator / this.denominator;
    return Number(this.numerator < 0n && cut * this.denominator !== this.numerator ? cut - 1n : cut);
  }

  toNumber(): number {
    return Number(this.numerator) / Number(this.denominator);
  }

  toTerms(): Terms {
    return [Number(this.numerator), Number(this.denominator)];
  }

  abs(): Fraction {
    return this.numerator < 0n ? new Fraction(-this.numerator, this.denominator) : this;
  }
}

/** Return it as a Fraction. Raises RangeError as the constructor does. */
export function exact(value: Exact): Fraction {
  if (value instanceof Fraction) return value;
  return typeof value === "object" ? new Fraction(...value) : new Fraction(value);
}

export function least(...values: readonly [Exact, ...Exact[]]): Fraction {
  return values.map(exact).reduce((a, b) => (b.compare(a) < 0 ? b : a));
}

export function most(...values: readonly [Exact, ...Exact[]]): Fraction {
  return values.map(exact).reduce((a, b) => (b.compare(a) > 0 ? b : a));
}

function whole(value: number | bigint): bigint {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError(`${value} is not a whole number that a browser holds exactly.`);
  }
  return BigInt(value);
}

function divisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y > 0n) [x, y] = [y, x % y];
  return x;
}
