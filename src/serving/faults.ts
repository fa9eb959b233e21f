/** The model itself cannot be served: it does not load, warm up, or predict what was recorded of it. */
export class ModelFault extends Error {
  override readonly name = 'ModelFault';
}
