import { MeController } from './me.controller.js';

export const meControllers = [MeController];
