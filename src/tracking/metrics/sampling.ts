/**
 * Which of `count` points in order stand for all of them when at most `limit` may be shown, as MLflow samples: equal
 * buckets (the first ones take the remainder), the first point of each, and always the last point of all.
 * Returns zero-based positions in ascending order.
 */
export function samplePositions(count: number, limit: number): number[] {
  if (count <= limit) return Array.from({ length: count }, (_, i) => i);
  const size = Math.floor(count / limit);
  const larger = count % limit;
  const positions = Array.from({ length: limit }, (_, bucket) => bucket * size + Math.min(bucket, larger));
  positions[limit - 1] = count - 1;
  return positions;
}
