import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foundName } from '../../daemon/camera/foundName.ts';
import { makeOf } from '../../daemon/camera/make.ts';

const nothing = { name: null, address: '192.168.1.20', manufacturer: null, model: null };
const free = () => false;

for (const [what, device, name] of [
  ['a name that somebody gave', { name: '前門', manufacturer: 'HIKVISION', model: 'DS-2CD2042WD-I' }, '前門'],
  ['the name as Hikvision ships it', { name: 'HIKVISION DS-2CD2132F-IS' }, 'HIKVISION DS-2CD2132F-IS'],
  [
    'the make alone, as Dahua ships it',
    { name: 'Dahua', manufacturer: 'Dahua', model: 'IPC-HDW4300S' },
    'Dahua IPC-HDW4300S',
  ],
  ['a word for any camera', { name: 'Network Camera', manufacturer: 'Maker', model: 'Maker M1' }, 'Maker M1'],
  ['no name, but a model', { manufacturer: 'TP-Link', model: 'C210' }, 'TP-Link C210'],
  ['nothing at all', {}, 'Camera 192.168.1.20'],
  ['only words that say nothing', { name: 'IPC', model: 'IPC' }, 'Camera 192.168.1.20'],
] as const) {
  test(`a found camera with ${what} is called “${name}”`, () => {
    assert.equal(foundName({ ...nothing, ...device }, free), name);
  });
}

test('a name that is taken gets the address behind it, then a number', () => {
  const taken = new Set(['Axis M1']);
  const device = { ...nothing, name: 'Axis M1' };
  const next = () => {
    const name = foundName(device, (one) => taken.has(one));
    taken.add(name);
    return name;
  };
  assert.deepEqual(
    [next(), next(), next()],
    ['Axis M1 192.168.1.20', 'Axis M1 192.168.1.20 2', 'Axis M1 192.168.1.20 3'],
  );
  const nameless = foundName(nothing, (one) => one === 'Camera 192.168.1.20');
  assert.equal(nameless, 'Camera 192.168.1.20 2');
});

test('however long a name is, the camera’s stays within what the API takes', () => {
  const device = { ...nothing, name: 'x'.repeat(256) };
  assert.ok(foundName(device, (name) => !name.endsWith(' 12')).length <= 128);
});

for (const [told, facts, make] of [
  ['HIKVISION', {}, 'hikvision'],
  ['Dahua Technology Co., Ltd.', {}, 'dahua'],
  [null, { manufacturer: 'AXIS' }, 'axis'],
  [null, { hardware: 'DS-2CD2032-I' }, 'hikvision'],
  [null, { name: 'IPC-1', hardware: 'IPC-HDW4300S' }, 'dahua'],
  ['Nobody Knows', {}, 'nobody knows'],
  [null, { name: 'Front door', hardware: 'Virtual' }, 'virtual'],
  [null, { name: 'Front door' }, null],
] as const) {
  test(`make: ${told} ${JSON.stringify(facts)} → ${make}`, () => {
    assert.equal(makeOf(told, { manufacturer: null, hardware: null, name: null, ...facts }), make);
  });
}
