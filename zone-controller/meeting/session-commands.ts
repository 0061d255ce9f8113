/** What a client changes of its own: offers, views and mutes, as commands to the router that carries its media. */
import { ZonecastError } from '../../common/errors.ts';
import type { ClientMessage } from '../../proto/signalling.ts';
import type { Placements } from '../placement/placements.ts';
import { tryLater } from '../registry/try-later.ts';
import type { PlaceMirror } from './place-mirror.ts';
import type { RouterCommands } from './router-commands.ts';
import type { Session } from './session.ts';

type Of<Type extends ClientMessage['type']> = Extract<ClientMessage, { type: Type }>;

const RETRY_MS = 1_000;

export interface SessionCommandsOptions {
  readonly placements: Pick<Placements, 'refresh'>;
  readonly commands: Pick<RouterCommands, 'renegotiate' | 'view' | 'mute'>;
}

export class SessionCommands {
  readonly #options: SessionCommandsOptions;

  constructor(options: SessionCommandsOptions) {
    this.#options = options;
  }

  async offer(session: Session, message: Of<'offer'>): Promise<void> {
    const { commands } = this.#options;
    const answer = await session.commands.run(() =>
      this.send(session, (mirror) => commands.renegotiate(mirror, session.participant, message)),
    );
    if (answer === undefined) throw onTheWay();
    session.send({ type: 'answer', id: message.id, answer });
  }

  /** Without a place: said again by the client when it has moved. */
  async view(session: Session, { view }: Of<'view'>): Promise<void> {
    const { commands } = this.#options;
    await session.commands.run(() => this.send(session, (mirror) => commands.view(mirror, session.participant, view)));
  }

  async mute(session: Session, { source, muted }: Of<'mute'>): Promise<void> {
    const { commands } = this.#options;
    try {
      await session.commands.run(() =>
        this.send(session, (mirror) => commands.mute(mirror, session.participant, source, muted)),
      );
    } catch (error) {
      if (error instanceof ZonecastError && error.code === 'notAllowed') session.send({ type: 'muted', source });
      throw error;
    }
  }

  /** A command to the router of the session; undefined when there is none. */
  async send<Result>(session: Session, command: (mirror: PlaceMirror) => Promise<Result>): Promise<Result | undefined> {
    const mirror = session.place?.mirror;
    if (mirror === undefined) return undefined;
    const { epoch } = mirror;
    try {
      return await command(mirror);
    } catch (error) {
      if (!(error instanceof ZonecastError && error.code === 'staleEpoch')) throw error;
      // The meeting has lost a place elsewhere, and the router knows it before us.
      await tryLater(this.#options.placements.refresh(session.meeting.id));
      if (mirror.isOver || mirror.epoch === epoch) throw error;
      return command(mirror);
    }
  }
}

/** He has no place at this moment. */
export function onTheWay(): ZonecastError {
  const words = 'Your connection is moving to another server. Try again.';
  return new ZonecastError('noRouter', words, { retryAfterMs: RETRY_MS });
}
