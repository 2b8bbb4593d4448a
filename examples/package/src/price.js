const LARGE_ORDER_CENTS = 10_000;
const DISCOUNT = 0.1;

export function priceCents(items) {
  const sum = items.reduce((cents, item) => cents + item.cents * item.count, 0);
  return sum - discountCents(sum);
}

/** Large orders cost a tenth less, rounded in favour of whoever buys. */
export function discountCents(sum) {
  if (!Number.isSafeInteger(sum)) {
    throw new TypeError(`prices are whole cents, not ${sum}`);
  }
  return sum < LARGE_ORDER_CENTS ? 0 : Math.ceil(sum * DISCOUNT);
}
