/**
 * A list in parts of at most so many, in its order; the last may be smaller. No part of an empty list.
 *
 * @param most - A whole number from 1 on.
 */
export function slices<Item>(list: readonly Item[], most: number): Item[][] {
  return Array.from({ length: Math.ceil(list.length / most) }, (_, part) => list.slice(part * most, (part + 1) * most));
}
