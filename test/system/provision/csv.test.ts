import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { camerasFromCsv } from '../../../daemon/system/cli/provision/camerasCsv.ts';
import { decodeText, parseCsv } from '../../../daemon/system/cli/provision/csv.ts';

const cells = (text: string) => {
  const csv = parseCsv(text);
  assert.ok(csv.ok, JSON.stringify(csv));
  return csv.rows.map((row) => row.cells);
};

describe('a CSV table', () => {
  it('is read as it was written, whatever the separator, the line ends and the cells', () => {
    const table = fc.array(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 5 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.boolean(),
        fc.boolean(),
        (rows, separator, end, atEnd, mark) => {
          const line = (row: string[]) =>
            row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(separator);
          const text = `${mark ? '\uFEFF' : ''}${rows.map(line).join(end)}${atEnd ? end : ''}`;
          assert.deepEqual(
            cells(text),
            rows.filter((row) => row.some((cell) => cell !== '')),
          );
        },
      ),
    );
  });

  it('is answered in bounded time for any text, with a table or a fault', () => {
    const noise = fc.string({
      unit: fc.constantFrom('"', ',', ';', '\n', '\r', 'a', '\uFEFF'),
      maxLength: 60,
    });
    fc.assert(fc.property(noise, (text) => typeof parseCsv(text).ok === 'boolean'));
  });

  it('keeps an empty last cell, a quote inside a plain cell, and takes Excel’s sep= line', () => {
    assert.deepEqual(cells('a,b\n1,\n'), [
      ['a', 'b'],
      ['1', ''],
    ]);
    assert.deepEqual(cells('a,b\n1,'), [
      ['a', 'b'],
      ['1', ''],
    ]);
    assert.deepEqual(cells('a,p"w'), [['a', 'p"w']]);
    assert.deepEqual(cells('sep=;\r\na;b,c\r\n'), [['a', 'b,c']]);
  });

  it('tells the line of a quote that is never closed, lines within cells counted', () => {
    assert.deepEqual(parseCsv('a,b\n"x\ny",2\n"z'), {
      ok: false,
      line: 4,
      message: 'a quote (") is opened and never closed',
    });
  });

  it('is decoded from UTF-8 and marked UTF-16, and never guessed', () => {
    assert.equal(decodeText(Buffer.from('Tür')), 'Tür');
    assert.equal(decodeText(Buffer.from('\uFEFFTür', 'utf16le')), 'Tür');
    assert.equal(decodeText(Buffer.from('T\xfcr', 'latin1')), undefined);
  });
});

describe('a table of cameras', () => {
  it('gives cameras from columns in any order; empty cells say nothing, blanks stay in passwords', () => {
    const { cameras, faults } = camerasFromCsv(
      'Name;main_url;password;id;sub_url;username\r\n Gate ;rtsp://192.0.2.1/1; s;p ;;admin\r\n',
    );
    assert.deepEqual(faults, []);
    assert.deepEqual(cameras, [
      {
        line: 2,
        camera: {
          ...{ id: 'p', name: 'Gate', username: 'admin', password: ' s' },
          streams: [{ profile: 'main', rtsp_url: 'rtsp://192.0.2.1/1' }],
        },
      },
    ]);
  });

  it('names each wrong column, and each wrong cell with its line, all at once, never a value', () => {
    assert.deepEqual(
      camerasFromCsv('id,adress,id\nx,y,z').faults.map(({ message }) => message.replace(/; known.*/, '')),
      ['has the unknown column "adress"', 'has the column id twice', 'lacks the column name'],
    );
    const { faults } = camerasFromCsv(
      `id,name,password,main_url\na b,,${'s3cret'.repeat(60)},x\nok,Ok,,,,extra`,
    );
    assert.deepEqual(
      faults.map(({ line, message }) => `${line} ${message.split(' ')[0]}`),
      ['2 id', '2 name', '2 password', '2 main_url', '3 has'],
    );
    assert.doesNotMatch(JSON.stringify(faults), /s3cret/);
  });
});
