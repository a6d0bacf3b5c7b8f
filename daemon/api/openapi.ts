import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import * as schema from '../schema.ts';

/** Schemas that get a name of their own in the document. */
const COMPONENTS = {
  Error: schema.ErrorBody,
  StreamAdd: schema.StreamAdd,
  StreamSummary: schema.StreamSummary,
  StreamStatus: schema.StreamStatus,
  StreamList: schema.StreamList,
  Camera: schema.Camera,
  CameraAdd: schema.CameraAdd,
  CameraStream: schema.CameraStream,
  OnvifDescription: schema.OnvifDescription,
  DiscoveredDevice: schema.DiscoveredDevice,
  Discovery: schema.Discovery,
  UsbCamera: schema.UsbCamera,
  Tile: schema.Tile,
  Layout: schema.Layout,
  Wall: schema.Wall,
  LiveRequest: schema.LiveRequest,
  LiveEvent: schema.LiveEvent,
  Alarm: schema.Alarm,
  AlarmList: schema.AlarmList,
  AlarmRaise: schema.AlarmRaise,
  AlarmRule: schema.AlarmRule,
  AlarmRules: schema.AlarmRules,
  Session: schema.Session,
  User: schema.User,
  SignedIn: schema.SignedIn,
  Token: schema.Token,
  AuditEntry: schema.AuditEntry,
  Health: schema.Health,
  System: schema.System,
  LogList: schema.LogList,
  Settings: schema.Settings,
  Backup: schema.Backup,
  Restored: schema.Restored,
  Update: schema.Update,
  Provisioning: schema.Provisioning,
  Benchmark: schema.Benchmark,
  Load: schema.Load,
  Ptz: schema.Ptz,
  PtzCommand: schema.PtzCommand,
  Advice: schema.Advice,
  FixResult: schema.FixResult,
  ServiceRecord: schema.ServiceRecord,
  Recording: schema.Recording,
  RecordingList: schema.RecordingList,
  RecordingSettings: schema.RecordingSettings,
  RecordingStatus: schema.RecordingStatus,
  Timeline: schema.Timeline,
  Export: schema.Export,
  WallReplay: schema.WallReplay,
} as const;

/** How a request says who asks. */
const SECURITY = {
  token: { type: 'http', scheme: 'bearer' },
  password: { type: 'http', scheme: 'basic' },
  cookie: { type: 'apiKey', in: 'cookie', name: 'walleye_session' },
  /** Pictures only. */
  ticket: { type: 'apiKey', in: 'query', name: 'ticket' },
} as const;

const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The document at /api/docs/json and the page at /api/docs. Register it before the routes. */
export async function openApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Walleye',
        version,
        description:
          'Camera wall appliance. Every failure is answered with `{ "error": { "code", "message" } }`: the code is ' +
          'stable and for programs, the message is a sentence for people.',
      },
      tags: [
        { name: 'streams', description: 'Sources, ingested at most once each' },
        { name: 'pictures', description: 'Streams as JPEG' },
        { name: 'live', description: readFileSync(join(import.meta.dirname, 'live/PROTOCOL.md'), 'utf8') },
        { name: 'cameras', description: 'Devices that people know by name' },
        { name: 'discovery', description: 'Finding cameras, and asking them' },
        { name: 'recordings', description: 'What cameras showed, as they coded it' },
        { name: 'layouts', description: 'Arrangements of tiles' },
        { name: 'wall', description: 'What the screen shows' },
        { name: 'alarms', description: 'What calls the operator’s eye, and by which rules' },
        { name: 'events', description: 'What happens, as it happens' },
        { name: 'settings', description: 'What people set for the box as a whole' },
        { name: 'system', description: 'The box itself' },
        { name: 'accounts', description: 'Signing in, users, tokens, who changed what' },
      ],
      // Once there is a user, or the network can reach the box.
      components: { securitySchemes: SECURITY },
      security: [{ token: [] }, { password: [] }, { cookie: [] }],
    },
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject;
      return withComponents(document.openapiObject as unknown as Json) as typeof document.openapiObject;
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/api/docs',
    staticCSP: true,
    // Stricter than its own: nothing from elsewhere, nothing within the page, and no frame around it.
    transformStaticCSP: () => DOCS_POLICY,
    uiConfig: { docExpansion: 'list' },
  });
}

/** Puts references where the routes' schemas were written out, so that the document can be read. */
function withComponents(document: Json): Json {
  const plain = Object.entries(COMPONENTS).map(([name, component]): [string, Json] => [
    name,
    nameless(mergeLiterals(JSON.parse(JSON.stringify(component)))),
  ]);
  const names = new Map(plain.map(([name, json]) => [JSON.stringify(json), name]));
  const inside = (json: Json) => mapChildren(json, (child) => referred(child, names));
  const { paths = {}, ...rest } = document as { [key: string]: Json };
  return {
    ...rest,
    components: {
      securitySchemes: SECURITY,
      schemas: Object.fromEntries(plain.map(([name, json]) => [name, inside(json)])),
    },
    paths: inside(mergeLiterals(paths)),
  };
}

function referred(json: Json, names: Map<string, string>): Json {
  const name = isObject(json) ? names.get(JSON.stringify(nameless(json))) : undefined;
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  return mapChildren(json, (child) => referred(child, names));
}

/** Without what a route adds to a schema of its own accord. */
function nameless(json: Json): Json {
  if (!isObject(json) || !('properties' in json)) return json;
  const { $id, description, ...rest } = json;
  return rest;
}

/** TypeBox writes one of several words as `anyOf` of `const`, swagger as `anyOf` of one-word `enum`s: both are one `enum`. */
function mergeLiterals(json: Json): Json {
  const mapped = mapChildren(json, mergeLiterals);
  if (!isObject(mapped)) return mapped;
  if (mapped.const !== undefined && mapped.enum === undefined) {
    const { const: word, ...rest } = mapped;
    return { ...rest, enum: [word as Json] };
  }
  const { anyOf, ...rest } = mapped;
  if (!Array.isArray(anyOf) || !anyOf.every((one) => isObject(one) && Array.isArray(one.enum))) return mapped;
  return { type: 'string', enum: anyOf.flatMap((one) => (one as { enum: Json[] }).enum), ...rest };
}

function isObject(json: Json): json is { [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function mapChildren(json: Json, change: (child: Json) => Json): Json {
  if (Array.isArray(json)) return json.map(change);
  if (!isObject(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([key, child]) => [key, change(child)]));
}
