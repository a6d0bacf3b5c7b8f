/** What every SOAP answer of the virtual camera is made of. */

const ENVELOPE =
  '<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"' +
  ' xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tr2="http://www.onvif.org/ver20/media/wsdl"' +
  ' xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error"' +
  ' xmlns:tev="http://www.onvif.org/ver10/events/wsdl" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"' +
  ' xmlns:wsrf-rw="http://docs.oasis-open.org/wsrf/rw-2" xmlns:tns1="http://www.onvif.org/ver10/topics">';

export function envelope(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${ENVELOPE}<env:Body>${body}</env:Body></env:Envelope>`;
}

export function faultXml(subcode: string, reason: string): string {
  return envelope(
    '<env:Fault><env:Code><env:Value>env:Sender</env:Value>' +
      `<env:Subcode><env:Value>${subcode}</env:Value></env:Subcode></env:Code>` +
      `<env:Reason><env:Text xml:lang="en">${reason}</env:Text></env:Reason></env:Fault>`,
  );
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
