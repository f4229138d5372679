/** Why there can be no embedded server here until a person changes something. Whatever else goes wrong is no refusal. */
export class Refusal extends Error {
  override name = "Refusal";
}
