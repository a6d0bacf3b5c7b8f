import type { CDPSession } from 'playwright-core';

/** Bytes in the page’s JavaScript heap after a collection, by what they are. */
export interface HeapParts {
  /** What V8 compiled: it goes on optimizing what runs often for half an hour and more, and then rests. */
  code: number;
  /** Objects, strings, closures: what a page can leak. */
  rest: number;
}

interface Snapshot {
  snapshot: { meta: { node_fields: string[]; node_types: [string[], ...unknown[]] } };
  nodes: number[];
}

/** Takes the heap apart by a snapshot, which takes a second. What lies outside of V8's heap is not counted. */
export async function heapParts(session: CDPSession): Promise<HeapParts> {
  const chunks: string[] = [];
  const collect = ({ chunk }: { chunk: string }) => {
    chunks.push(chunk);
  };
  session.on('HeapProfiler.addHeapSnapshotChunk', collect);
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  session.off('HeapProfiler.addHeapSnapshotChunk', collect);
  const { snapshot, nodes } = JSON.parse(chunks.join('')) as Snapshot;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')];
  const parts = { code: 0, rest: 0 };
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = types[0][nodes[at + type]!];
    if (kind !== 'native') parts[kind === 'code' ? 'code' : 'rest'] += nodes[at + size]!;
  }
  return parts;
}
