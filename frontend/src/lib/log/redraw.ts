/** When a log is painted: once a frame at most, and one picture at a time. It must not know what is painted. */

/** outdated: what is being painted is known to be wrong by now. */
type State = "still" | "due" | "painting" | "outdated" | "ended";

export class Redraw {
  private state: State = "still";
  /** Counts beginnings: what an earlier round still brings changes nothing. */
  private round = 0;

  constructor(private readonly paint: () => Promise<void>) {}

  request(): void {
    if (this.state === "painting") this.state = "outdated";
    if (this.state !== "still") return;
    this.state = "due";
    const { round } = this;
    requestAnimationFrame(() => void this.run(round));
  }

  /** Waits no more for a picture that is under way. */
  restart(): void {
    if (this.state === "ended") return;
    this.round++;
    this.state = "still";
    this.request();
  }

  end(): void {
    this.round++;
    this.state = "ended";
  }

  private async run(round: number): Promise<void> {
    if (round !== this.round) return;
    this.state = "painting";
    try {
      await this.paint();
    } finally {
      if (round === this.round) this.painted();
    }
  }

  private painted(): void {
    const isOutdated = this.state === "outdated";
    this.state = "still";
    if (isOutdated) this.request();
  }
}
