import pg from 'pg';
import { applicationName, ListenedClient } from './connect.js';

const TICK_MS = 1_000;
/** Ticks without a byte after which a connection that waits for an answer makes us ask whether the server lives. */
const SILENT_TICKS = 1;
/** Ticks that the server has to answer this question, on a connection of its own. */
const PROBE_TICKS = 4;

interface Watched {
  bytes: number;
  silent: number;
}

/** What pg's client has, and its types leave out. */
interface Inside {
  readyForQuery: boolean | null;
  connection: { stream: { bytesRead?: number; destroy(error?: Error): void } };
}
const insideOf = (client: pg.Client): Inside => client as unknown as Inside;

/**
 * Finds out that a server hangs: it takes connections (the system does that for it) and answers nothing. A statement that
 * takes long is none: only where a new connection is not answered either, and nothing came on any other meanwhile, all
 * of them are cut, so that whoever waits is told within ten seconds. Until the server answers a probe again, nobody waits
 * for it anew. Time is counted in ticks, which a process that was busy itself does not make up for.
 */
export class Pulse {
  private readonly watched = new Map<pg.Client, Watched>();
  private timer: NodeJS.Timeout | undefined;
  private probe: { client: pg.Client; ticks: number; heard: boolean } | undefined;
  private hanging = false;

  constructor(
    private readonly url: string,
    /** Told when it began to hang, with what those are told who wait; and when it answers again. */
    private readonly told: { hangs(error: Error): void; answers(): void },
  ) {}

  /** The class of the connections that are watched. */
  get client(): typeof ListenedClient {
    const begin = (client: pg.Client): Error | undefined => this.begin(client);
    return class extends ListenedClient {
      constructor(config?: string | pg.ClientConfig) {
        super(config);
        const connect = this.connect.bind(this);
        this.connect = ((callback?: (error: Error) => void) => {
          const refusal = begin(this);
          if (refusal === undefined) return callback ? connect(callback) : connect();
          return callback ? process.nextTick(callback, refusal) : Promise.reject(refusal);
        }) as typeof connect;
      }
    };
  }

  /** Gives an error where nobody need wait for the server. */
  private begin(client: pg.Client): Error | undefined {
    if (this.hanging) return silence();
    this.watched.set(client, { bytes: 0, silent: 0 });
    client.once('end', () => this.watched.delete(client));
    this.timer ??= setInterval(() => this.tick(), TICK_MS).unref();
    return undefined;
  }

  private tick(): void {
    let [isSilent, isHeard] = [false, false];
    for (const [client, state] of this.watched) {
      const { readyForQuery, connection } = insideOf(client);
      const bytes = connection.stream.bytesRead ?? 0;
      isHeard ||= bytes !== state.bytes;
      state.silent = bytes !== state.bytes || readyForQuery === true ? 0 : state.silent + 1;
      state.bytes = bytes;
      isSilent ||= state.silent > SILENT_TICKS;
    }
    if (this.probe) {
      this.probe.heard ||= isHeard;
      if (++this.probe.ticks > PROBE_TICKS) this.noteSilence(this.probe.heard);
    } else if (isSilent || this.hanging) this.ask();
    else if (this.watched.size === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }

  private ask(): void {
    const client = new ListenedClient({
      connectionString: this.url,
      application_name: applicationName('pulse'),
    });
    const probe = { client, ticks: 0, heard: false };
    this.probe = probe;
    // Any answer is one, a refusal too.
    const answered = () => {
      if (this.probe === probe) this.noteAnswer();
    };
    client
      .connect()
      .then(() => client.query('SELECT 1'))
      .then(answered, answered);
  }

  private noteAnswer(): void {
    this.endProbe();
    for (const state of this.watched.values()) state.silent = 0;
    if (!this.hanging) return;
    this.hanging = false;
    this.told.answers();
  }

  private noteSilence(heard: boolean): void {
    this.endProbe();
    if (heard) return;
    if (!this.hanging) this.told.hangs(silence());
    this.hanging = true;
    for (const client of this.watched.keys()) insideOf(client).connection.stream.destroy();
    this.watched.clear();
  }

  private endProbe(): void {
    const { client } = this.probe ?? {};
    this.probe = undefined;
    if (client) insideOf(client).connection.stream.destroy();
  }
}

const silence = (): Error => new Error('Connection terminated, since PostgreSQL takes connections and answers nothing');
