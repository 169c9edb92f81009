/** Exact numbers: the score on the phone must be the score of the server to the last digit (D3.5). */

export class Fraction {
  readonly numerator: bigint
  readonly denominator: bigint

  private constructor(numerator: bigint, denominator: bigint) {
    this.numerator = numerator
    this.denominator = denominator
  }

  static of(numerator: bigint, denominator = 1n): Fraction {
    const sign = denominator < 0n ? -1n : 1n
    const divisor = gcd(numerator < 0n ? -numerator : numerator, denominator < 0n ? -denominator : denominator) || 1n
    return new Fraction((sign * numerator) / divisor, (sign * denominator) / divisor)
  }

  /** What a plain decimal writes down: `0.5`, `12`, `-3.25`. `null` for anything else. */
  static read(text: string | number): Fraction | null {
    const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(text))
    if (!found || String(text).length > 40) return null
    const [, sign, whole = '0', part = ''] = found
    const value = BigInt(whole + part)
    return Fraction.of(sign ? -value : value, 10n ** BigInt(part.length))
  }

  static exact(text: string | number): Fraction {
    const value = Fraction.read(text)
    if (!value) throw new Error(`not an exact number: ${text}`)
    return value
  }

  plus(other: Fraction): Fraction {
    return Fraction.of(this.numerator * other.denominator + other.numerator * this.denominator, this.denominator * other.denominator)
  }
  minus(other: Fraction): Fraction {
    return this.plus(Fraction.of(-other.numerator, other.denominator))
  }
  times(other: Fraction): Fraction {
    return Fraction.of(this.numerator * other.numerator, this.denominator * other.denominator)
  }
  over(other: Fraction): Fraction | null {
    return other.isZero ? null : Fraction.of(this.numerator * other.denominator, this.denominator * other.numerator)
  }
  compare(other: Fraction): number {
    const difference = this.numerator * other.denominator - other.numerator * this.denominator
    return difference < 0n ? -1 : Number(difference > 0n)
  }
  get isZero(): boolean {
    return this.numerator === 0n
  }

  /** Twelve places, cut and not rounded, as the engine keeps its decimals. */
  kept(): string {
    return decimal(floorDivide(this.numerator * 10n ** 12n, this.denominator), 12)
  }
  /** Two places, half up. */
  shown(): string {
    return decimal(floorDivide(200n * this.numerator + this.denominator, 2n * this.denominator), 2)
  }
}

export const ZERO = Fraction.of(0n)
export const ONE = Fraction.of(1n)
export const HUNDRED = Fraction.of(100n)

export function sum(values: Iterable<Fraction>): Fraction {
  let total = ZERO
  for (const value of values) total = total.plus(value)
  return total
}

export function least(first: Fraction, ...others: Fraction[]): Fraction {
  return others.reduce((a, b) => (b.compare(a) < 0 ? b : a), first)
}

function gcd(a: bigint, b: bigint): bigint {
  while (b) [a, b] = [b, a % b]
  return a
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient
}

function decimal(scaled: bigint, places: number): string {
  const sign = scaled < 0n ? '-' : ''
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(places + 1, '0')
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`
}
