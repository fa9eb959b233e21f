/** The model itself cannot be served: it does not load, warm up, or predict what was recorded of it. */
export class ModelFault extends Error {
  override readonly name: string = 'ModelFault';
}

/** The model gave no answer within its time; the process or thread that was asked is ended. */
export class ModelTooSlow extends ModelFault {
  override readonly name = 'ModelTooSlow';
}
