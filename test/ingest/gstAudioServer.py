"""RTSP paths with sound, by an RTSP server that we did not write: GStreamer's gst-rtsp-server.

    gstAudioServer.py NAME=ELEMENTS …

Serves rtsp://127.0.0.1:PORT/NAME without login, over TCP and UDP: an endless picture of 160×120 at 15 frames per
second, and the sound of ELEMENTS, whose payloader must be called pay1. Prints {"port": n} once it listens. It ends when
its standard input is closed, so it never outlives the test.
"""

import json
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PICTURE = (
    "videotestsrc is-live=true pattern=ball ! video/x-raw,width=160,height=120,framerate=15/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=100 threads=1 "
    "! rtph264pay name=pay0 pt=96 config-interval=-1"
)


def main():
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service("0")
    for argument in sys.argv[1:]:
        name, elements = argument.split("=", 1)
        factory = GstRtspServer.RTSPMediaFactory.new()
        factory.set_launch(f"( {PICTURE} {elements} )")
        factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP | GstRtsp.RTSPLowerTrans.UDP)
        server.get_mount_points().add_factory(f"/{name}", factory)

    loop = GLib.MainLoop()
    if server.attach(None) == 0:
        sys.exit("the server cannot listen")
    print(json.dumps({"port": server.get_bound_port()}), flush=True)
    GLib.io_add_watch(
        GLib.IOChannel.unix_new(0),
        GLib.PRIORITY_DEFAULT,
        GLib.IOCondition.HUP | GLib.IOCondition.IN,
        lambda *_: loop.quit(),
    )
    loop.run()


main()
