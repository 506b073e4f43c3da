import { Injectable } from '@nestjs/common';

type Listener = (operationId: string) => void;

/** Tells whoever waits in this process that a worker of this process has ended an operation: sooner than its row is looked at. */
@Injectable()
export class EndedHere {
  private listener: Listener = () => undefined;

  /** There is one who listens, for all callers. */
  listen(listener: Listener): void {
    this.listener = listener;
  }

  /** Call it once the end is committed. */
  tell(operationId: string): void {
    this.listener(operationId);
  }
}
