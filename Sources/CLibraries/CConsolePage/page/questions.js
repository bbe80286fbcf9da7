// The gallery's questions to the server, one after the other.
import { APIError } from "./api.js";
import { byID } from "./dom.js";
import { say } from "./language.js";

export class Questions {
  #turn = Promise.resolve();
  #asking = null;

  /** Does the work when all that was asked before is done. */
  inTurn(work) {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => null);
    return turn;
  }

  /** Breaks off what is asked just now. */
  abort() { this.#asking?.abort(); }

  /**
   * The answer; undefined where it was broken off, null where it failed (which is then said, unless it is quiet).
   * @param {(signal: AbortSignal) => Promise<object>} question
   */
  async ask(question, { isQuiet = false } = {}) {
    this.#asking = new AbortController();
    try {
      const answer = await question(this.#asking.signal);
      byID("gallery-problem").hidden = true;
      return answer;
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      if (!(error instanceof APIError)) throw error;
      if (!isQuiet && error.status !== 401) {
        say(byID("gallery-problem"), "as.given", { text: () => error.explain().text });
        byID("gallery-problem").hidden = false;
      }
      return null;
    }
  }
}
