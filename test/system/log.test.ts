import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLog, plainLine, plainLines } from '../../daemon/system/log.ts';

function capture() {
  const lines: string[] = [];
  return { lines, destination: { write: (line: string) => void lines.push(line) } };
}

describe('createLog', () => {
  it('writes one JSON object a line with time, level and component', () => {
    const { lines, destination } = capture();
    const log = createLog({ level: 'info', destination });
    log.info({ port: 8080 }, 'listening');
    log.child({ component: 'ingest' }).child({ camera: 'front' }).warn({}, 'no answer');
    assert.ok(lines.every((line) => line.endsWith('}\n') && !line.slice(0, -1).includes('\n')));
    const [first, second] = lines.map((line) => JSON.parse(line));
    assert.match(first.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(
      { ...first, time: 0 },
      { level: 'info', time: 0, component: 'daemon', port: 8080, msg: 'listening' },
    );
    assert.equal(second.level, 'warn');
    assert.equal(second.component, 'ingest');
    assert.equal(second.camera, 'front');
    assert.equal(lines[1]?.match(/component/g)?.length, 1);
  });

  it('writes nothing below its level, and nothing at all when silent', () => {
    const { lines, destination } = capture();
    createLog({ level: 'warn', destination }).info({}, 'x');
    createLog({ level: 'silent', destination }).fatal({}, 'x');
    assert.deepEqual(lines, []);
  });

  it('lets no secret through: message, fields, errors and their causes', () => {
    const { lines, destination } = capture();
    const log = createLog({ level: 'trace', destination });
    const url = 'rtsp://admin:hunter2@192.168.1.64/main';
    log.error({ err: new Error(`401 from ${url}`, { cause: new Error(`why ${url}`) }) }, `refused: ${url}`);
    log.info(
      { camera: { name: 'front', password: 'hunter2' }, headers: { authorization: 'Basic hunter2' } },
      'added',
    );
    log.child({ url }).info({}, 'child');
    assert.equal(lines.length, 3);
    assert.doesNotMatch(lines.join(''), /hunter2/);
    assert.match(lines[0]!, /rtsp:\/\/\*\*\*@192\.168\.1\.64\/main/);
  });
});

describe('plainLine', () => {
  it('is what a person reads at a terminal', () => {
    const line =
      '{"level":"warn","time":"2026-01-02T12:34:56.789Z","component":"ingest","camera":"front","tries":2,"x":{"a":1},"msg":"no answer"}\n';
    assert.equal(plainLine(line), '12:34:56.789 WARN  ingest no answer camera=front tries=2 x={"a":1}\n');
  });

  it('puts the stack of an error below', () => {
    const { lines, destination } = capture();
    createLog({ level: 'info', destination: plainLines(destination) }).error(
      { err: new Error('broken') },
      'sorry',
    );
    assert.match(lines[0]!, /ERROR daemon sorry\nError: broken\n {4}at /);
  });

  it('passes on what is no JSON', () => {
    assert.equal(plainLine('what?\n'), 'what?\n');
  });
});
