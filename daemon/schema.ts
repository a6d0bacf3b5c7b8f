/**
 * THE schema: API bodies, stored rows and configuration, one file a subject. Every type is derived from it, the OpenAPI
 * page is made from it, and the pages import its types. A leaf: imports nothing of ours.
 *
 * Field names are those of the reference stream server (`rtsp_url`, `packets_received`, …), so JSON is snake_case throughout.
 */
export * from './schema/accounts.ts';
export * from './schema/alarms.ts';
export { ErrorBody, NAME_PATTERN, Name } from './schema/basics.ts';
export * from './schema/cameras.ts';
export * from './schema/discovery.ts';
export * from './schema/doctor.ts';
export * from './schema/events.ts';
export * from './schema/layouts.ts';
export * from './schema/live.ts';
export * from './schema/load.ts';
export * from './schema/orders.ts';
export * from './schema/playback.ts';
export * from './schema/provisioning.ts';
export * from './schema/recordings.ts';
export * from './schema/replay.ts';
export * from './schema/service.ts';
export * from './schema/settings.ts';
export * from './schema/site.ts';
export * from './schema/streams.ts';
export * from './schema/system.ts';
export * from './schema/talk.ts';
export * from './schema/words.ts';
