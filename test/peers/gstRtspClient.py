"""GStreamer's RTSP client: writes the first pictures of a stream as Annex B into a file, and tells how many came.

usage: gstRtspClient.py URL tcp|udp PICTURES FILE
"""
import sys

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst

url, transport, pictures, path = sys.argv[1:]
Gst.init(None)
pipeline = Gst.parse_launch(
    f'rtspsrc name=source protocols={transport} latency=200 ! rtph264depay ! h264parse config-interval=-1 '
    '! video/x-h264,stream-format=byte-stream,alignment=au ! identity name=counter signal-handoffs=true '
    f'eos-after={int(pictures) + 1} ! filesink location={path}'
)
pipeline.get_by_name('source').set_property('location', url)
count = 0


def counted(_identity, _buffer):
    global count
    count += 1


pipeline.get_by_name('counter').connect('handoff', counted)
loop = GLib.MainLoop()
failure = None


def told(_bus, message):
    global failure
    if message.type == Gst.MessageType.ERROR:
        failure = message.parse_error()
        loop.quit()
    elif message.type == Gst.MessageType.EOS:
        loop.quit()


bus = pipeline.get_bus()
bus.add_signal_watch()
bus.connect('message', told)
pipeline.set_state(Gst.State.PLAYING)
GLib.timeout_add_seconds(30, loop.quit)
loop.run()
pipeline.set_state(Gst.State.NULL)
if failure:
    sys.exit(str(failure))
print(count)
