import { ViewController } from './view.controller.js';
import { ViewService } from './view.service.js';
import { ViewStore } from './view.store.js';

export const viewControllers = [ViewController];

/** As with API tokens, whose a view is decides who sees it: there is no scope that roles are given for. */
export const viewProviders = [ViewStore, ViewService];
