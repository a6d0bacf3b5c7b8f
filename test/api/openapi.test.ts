import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiServer, call, startApi } from './apiServer.ts';

interface Schema {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  required?: string[];
  anyOf?: Schema[];
}
interface Operation {
  summary?: string;
  tags?: string[];
  responses: Record<string, { description?: string; content?: Record<string, { schema?: Schema }> }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

let api: ApiServer;
let document: Document;
/** All routes that fastify really has, as `GET /api/streams/{name}`. */
const routes = new Set<string>();
before(async () => {
  api = await startApi();
  document = (await call<Document>(api, 'GET', '/api/docs/json')).body;
  for (const [, path, methods] of flatRoutes(api.app.printRoutes({ commonPrefix: false })))
    for (const method of methods) routes.add(`${method} ${path}`);
});
after(() => api.close());

/** Reads fastify's printed tree of routes: indentation is depth, four columns each. */
function* flatRoutes(tree: string): Generator<[number, string, string[]]> {
  const parts: string[] = [];
  for (const line of tree.split('\n')) {
    const match = /^([│ ]*)[├└]── (\S*) \(([A-Z, ]+)\)$|^([│ ]*)[├└]── (\S+)$/.exec(line);
    if (!match) continue;
    const depth = (match[1] ?? match[4] ?? '').length / 4;
    parts.length = depth;
    parts[depth] = match[2] ?? match[5] ?? '';
    const path = parts.join('').replace(/:(\w+)/g, '{$1}');
    if (match[3]) yield [depth, path, match[3].split(', ')];
  }
}

function operations(): [string, Operation][] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
}

test('every route of the API is in the document', async () => {
  const missing: string[] = [];
  let seen = 0;
  for (const route of routes) {
    const [method, path] = route.split(' ') as [string, string];
    const isApi = path === '/metrics' || (path.startsWith('/api/') && !path.startsWith('/api/docs'));
    if (!isApi || method === 'HEAD') continue;
    if (document.paths[path]?.[method.toLowerCase()]) {
      seen++;
      continue;
    }
    // What is registered beside the documented methods is the answer that says which ones there are.
    const answer = await call(api, method, path.replace(/\{\w+\}/g, 'x'));
    if (answer.status !== 405) missing.push(route);
  }
  assert.deepEqual(missing, []);
  assert.equal(seen, operations().length, 'and nothing else is');
});

test('every operation has a summary, a tag, and says what its failures look like', () => {
  for (const [name, operation] of operations()) {
    assert.ok(operation.summary, `${name} has a summary`);
    assert.equal(operation.tags?.length, 1, `${name} has a tag`);
    const failures = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
    assert.ok(failures.length >= 2, `${name} documents failures`);
    for (const [status, failure] of failures) {
      assert.equal(
        failure.content?.['application/json']?.schema?.$ref,
        '#/components/schemas/Error',
        `${name} ${status}`,
      );
    }
  }
});

test('every success has a schema', () => {
  for (const [name, operation] of operations()) {
    const successes = Object.entries(operation.responses).filter(([status]) => Number(status) < 400);
    assert.ok(successes.length > 0, `${name} documents its success`);
    for (const [status, success] of successes) {
      assert.ok(success.description, `${name} ${status} is described`);
      if (status === '204' || status === '304') continue; // no body
      const contents = Object.values(success.content ?? {});
      assert.ok(contents.length > 0 && contents.every(({ schema }) => schema), `${name} ${status}`);
    }
  }
});

test('every reference leads to a schema', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(
    (match) => match[1] ?? '',
  );
  assert.ok(references.length > 50);
  for (const reference of references) {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1] ?? '';
    assert.ok(document.components.schemas[name], reference);
  }
});

/** The reference server's operations, and the fields of its answers and bodies, by name and type. */
const REFERENCE: [string, string, Record<string, string> | undefined][] = [
  ['GET /api/health', '200', { status: 'string', message: 'string' }],
  ['GET /api/streams', '200', { total: 'integer', streams: 'array' }],
  ['POST /api/streams', '201', { name: 'string' }],
  [
    'GET /api/streams/{name}',
    '200',
    {
      name: 'string',
      connected: 'boolean',
      playing: 'boolean',
      packets_received: 'integer',
      frames_received: 'integer',
      bytes_received: 'integer',
      last_frame_time: 'number',
    },
  ],
  ['DELETE /api/streams/{name}', '204', undefined],
  ['POST /api/streams/{name}/start', '200', { name: 'string' }],
  ['POST /api/streams/{name}/stop', '200', { name: 'string' }],
  ['GET /api/streams/{name}/frame', '200', undefined],
  ['POST /api/config/streams', '200', { total: 'integer' }],
];

for (const [name, status, fields] of REFERENCE) {
  test(`the reference server's ${name} is there with its fields`, () => {
    const [method, path] = name.split(' ') as [string, string];
    const response = document.paths[path]?.[method.toLowerCase()]?.responses[status];
    assert.ok(response, `${name} answers ${status}`);
    if (!fields) return;
    const schema = resolve(response.content?.['application/json']?.schema);
    for (const [field, type] of Object.entries(fields)) {
      const found = schema?.properties?.[field];
      const types = [found?.type, ...(found?.anyOf ?? []).map((one) => one.type)];
      assert.ok(types.includes(type), `${field} is ${type}`);
      assert.ok(schema?.required?.includes(field), `${field} is always there`);
    }
  });
}

test('the body that adds a stream has the reference server’s fields', () => {
  const schema = document.components.schemas.StreamAdd;
  const fields = ['name', 'rtsp_url', 'channel', 'subtype', 'username', 'password', 'enabled'];
  for (const field of fields) assert.ok(schema?.properties?.[field], field);
  assert.deepEqual(schema?.required, ['name', 'rtsp_url']);
});

test('the page at /api/docs and all that it loads are served', async () => {
  const page = await fetch(`${api.url}/api/docs`);
  assert.equal(page.status, 200);
  const html = await page.text();
  const links = [...html.matchAll(/(?:src|href)="\.?\/?([^"]+)"/g)].map((match) => match[1] ?? '');
  assert.ok(links.length >= 3);
  for (const link of links) {
    const path = link.startsWith('api/') ? link : `api/docs/${link}`;
    const response = await fetch(`${api.url}/${path}`);
    assert.equal(response.status, 200, link);
    await response.arrayBuffer();
  }
});

function resolve(schema: Schema | undefined): Schema | undefined {
  const name = /^#\/components\/schemas\/(\w+)$/.exec(schema?.$ref ?? '')?.[1];
  return name === undefined ? schema : document.components.schemas[name];
}
