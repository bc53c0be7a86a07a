/** Peak learning rate of recall-tokens, and of rivals unless told. */
export const LEARNING_RATE = 4e-3;
