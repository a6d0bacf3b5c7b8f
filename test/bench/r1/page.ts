/** The reference's page: pictures from its WebSocket, put together and given to `<img>`; or its M-JPEG. */

const STYLE =
  'body{margin:0;background:#000;display:grid;grid-template-columns:640px 640px}img{display:block}';

/** As many tiles of 640×360 as one likes, two in a row. `painted` in the page counts the pictures that were decoded. */
export function r1Page(kind: 'pieces' | 'multipart', tiles: number): string {
  const images = Array.from({ length: tiles }, (_, i) =>
    // Browsers fetch one address once, however many images show it.
    kind === 'multipart' ? `<img class="painted" src="/video?tile=${i}">` : '<img>',
  );
  const script = kind === 'pieces' ? `<script>${PIECES}</script>` : '';
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>${images.join('')}${script}`;
}

const PIECES = `
  var painted = 0;
  document.querySelectorAll('img').forEach(function (img) {
    var parts = [];
    img.width = 640;
    img.height = 360;
    img.onload = function () { painted++; };
    new WebSocket('ws://' + location.host + '/pieces').onmessage = function (event) {
      var piece = JSON.parse(event.data);
      if (piece.index === 0) parts = [];
      parts.push(piece.data);
      if (parts.length === piece.total) img.src = 'data:image/jpeg;base64,' + parts.join('');
    };
  });
`;
