/** A JSON value that does not fit the message it should become, found at a path such as `topic.labels`. */
export class JsonProblem extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}
