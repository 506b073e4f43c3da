import { Body, Controller, Param, Post } from '@nestjs/common';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { RequestHeaders } from '../../http/request-headers.js';
import type { HookHeaders } from './hook-signature.js';
import { HookService } from './hook.service.js';
import { calledReceiver, hookBody, type HookResponse, hookResponse } from './receiver.schema.js';

@Tag('receivers')
@Controller('api/v1/receivers')
export class HookController {
  constructor(private readonly hooks: HookService) {}

  @Post(':id/hook')
  @Endpoint({
    permission: 'signature',
    summary: 'Take a webhook',
    description:
      'For Git hosts and delivery tools: needs no token, but a signature over the body with the secret of the receiver, or the secret, in the header that its type names. ' +
      'A Git host has the repositories read again in which refs may have changed; a delivery tool reports what came of a package. What was sent before does nothing.',
    returns: hookResponse,
    optionalBody: true,
  })
  async receiveWebhook(
    @Param('id', { schema: calledReceiver }) receiverId: string,
    @RequestHeaders() headers: HookHeaders,
    @Body({ schema: hookBody }) body: unknown,
  ): Promise<HookResponse> {
    const bytes = body instanceof Uint8Array ? body : new Uint8Array();
    const { due, report } = await this.hooks.receive(receiverId, { headers, body: bytes });
    return { repositoryIds: due.map(({ id }) => id), ...(report && { report }) };
  }
}
